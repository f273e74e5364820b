/// Decides which chunk of a shard to send when. Chunks go in order, and only a few are unconfirmed at a time, which
/// keeps the link busy and wastes little when it breaks. A plain value; `NodeDelivery` carries out its decisions.
struct ShardTransfer: Equatable {
    /// Length of a chunk in bytes, and limit on unanswered chunks.
    static let chunkBytes = 512 << 10, window = 4

    enum Action: Equatable {
        /// Send these bytes.
        case send(Range<Int>)
        /// Wait for an answer.
        case wait
        /// The worker has the whole shard.
        case done
        /// The worker does not expect the chunk that was sent: ask it from where to continue.
        case ask
    }

    private let totalBytes: Int
    private var next: Int, unanswered = 0, isComplete = false, isOff = false
    /// The worker has every byte but has not completed the shard, since its process ended before; an empty chunk makes
    /// it do so.
    private var isUnfinished: Bool
    /// Number of bytes that the worker has.
    private(set) var confirmed: Int

    /// A transfer of a shard of which the worker has `offset` bytes.
    init(totalBytes: Int, from offset: Int) {
        self.totalBytes = totalBytes
        next = offset
        confirmed = offset
        isUnfinished = offset == totalBytes
    }

    /// The next action.
    mutating func act() -> Action {
        if isComplete { return .done }
        if isOff { return .ask }
        if isUnfinished {
            isUnfinished = false
            unanswered += 1
            return .send(totalBytes..<totalBytes)
        }
        if next < totalBytes && unanswered < Self.window {
            let chunk = next..<min(next + Self.chunkBytes, totalBytes)
            next = chunk.upperBound
            unanswered += 1
            return .send(chunk)
        }
        // Everything was sent and answered, but the worker has not confirmed that the shard is complete.
        return unanswered > 0 ? .wait : .ask
    }

    /// Records the worker's answer to a chunk.
    mutating func answered(_ chunk: Range<Int>, nextOffset: Int, complete: Bool) {
        unanswered -= 1
        if complete && chunk.upperBound == totalBytes {
            isComplete = true
            confirmed = totalBytes
        } else if nextOffset < chunk.upperBound {
            isOff = true
        } else {
            confirmed = max(confirmed, min(chunk.upperBound, totalBytes))
        }
    }
}

/// How long to wait for a worker that is lost or accepts nothing: `patience` without a byte of progress.
struct DeliveryPatience {
    let patience: Duration
    private var since: ContinuousClock.Instant?
    private var bytes = 0

    init(_ patience: Duration) { self.patience = patience }

    /// Whether to continue after a failure at `now`, when the worker has `bytes` bytes.
    mutating func goesOn(at now: ContinuousClock.Instant, bytes: Int) -> Bool {
        if since == nil || bytes > self.bytes { since = now }
        self.bytes = max(bytes, self.bytes)
        return now - (since ?? now) < patience
    }
}
