/// Which chunk of a shard to send when: in order, and never more than a few unanswered, which keeps the link filled and
/// wastes little when it is cut. A value; whoever sends carries out what it says.
struct ShardTransfer: Equatable {
    /// Bytes of a chunk, and chunks that may be unanswered.
    static let chunkBytes = 512 << 10, window = 4

    enum Action: Equatable {
        /// Send these bytes.
        case send(Range<Int>)
        /// Wait for an answer.
        case wait
        /// The worker has the whole.
        case done
        /// The worker is not where it was believed to be: ask it where to go on.
        case ask
    }

    private let totalBytes: Int
    private var next: Int, unanswered = 0, isComplete = false, isOff = false
    /// The worker has every byte, but ended before it could put the shard in its place: an empty chunk makes it do so.
    private var isUnfinished: Bool
    /// Bytes that the worker has.
    private(set) var confirmed: Int

    /// A shard of which the worker has `offset` bytes.
    init(totalBytes: Int, from offset: Int) {
        self.totalBytes = totalBytes
        next = offset
        confirmed = offset
        isUnfinished = offset == totalBytes
    }

    /// What to do now.
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
        // All was sent and answered, and the worker has not said that it is complete.
        return unanswered > 0 ? .wait : .ask
    }

    /// The worker has answered to a chunk.
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

/// How long a worker that is lost, or does not take what it is sent, is waited for: `patience` without a byte of
/// progress.
struct DeliveryPatience {
    let patience: Duration
    private var since: ContinuousClock.Instant?
    private var bytes = 0

    init(_ patience: Duration) { self.patience = patience }

    /// Whether to go on after a failure at `now`, when the worker has `bytes` bytes.
    mutating func goesOn(at now: ContinuousClock.Instant, bytes: Int) -> Bool {
        if since == nil || bytes > self.bytes { since = now }
        self.bytes = max(bytes, self.bytes)
        return now - (since ?? now) < patience
    }
}
