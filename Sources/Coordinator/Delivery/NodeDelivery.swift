import Control
import Dispatch
import ModelStore
import Synchronization
import Transformer
import Wire

/// Sends one worker the missing shards of its slice.
final class NodeDelivery: Sendable {
    struct Counts: Sendable {
        /// Bytes that the worker lacked at first.
        var missing = 0
        /// Bytes sent, including those lost on the way.
        var sent = 0
        /// Total bytes of the shards that were missing, and how many of them the worker has now.
        var total = 0, arrived = 0
        var wasAsked = false
        /// Shards for which it is known how much the worker had at first.
        var begun: Set<String> = []
    }

    private let node: NodeConnection
    private let model: Model, configuration: ModelConfiguration
    private let layers: Range<Int>, head: Bool
    private let patience: Duration
    private let progress: @Sendable (Cluster.Progress) -> Void
    private let state = Mutex(Counts())
    private let keepAlive = Mutex<Task<Void, Never>?>(nil)
    /// Reading and hashing are blocking, so they have a queue of their own.
    private let queue: DispatchQueue

    /// How long one question, or one chunk, may take before it is repeated. A request can be lost silently when the
    /// peer ends just as it is sent.
    private static let deadline = Duration.seconds(10), chunkDeadline = Duration.seconds(30)

    init(
        node: NodeConnection, model: Model, configuration: ModelConfiguration, layers: Range<Int>, head: Bool,
        patience: Duration, progress: @escaping @Sendable (Cluster.Progress) -> Void
    ) {
        self.node = node
        self.model = model
        self.configuration = configuration
        self.layers = layers
        self.head = head
        self.patience = patience
        self.progress = progress
        queue = DispatchQueue(label: "brigade-delivery")
    }

    var counts: Counts { state.withLock { $0 } }

    /// Returns when the worker has its whole slice. From then until `end`, regular requests keep the connection in use.
    func run() async throws {
        let shards = try Self.shards(model, configuration, layers, head)
        var perseverance = DeliveryPatience(patience)
        while true {
            do {
                try await attempt(shards)
                break
            } catch let error as ControlError where error.code == .unreachable {
                try Task.checkCancellation()
                let counts = counts
                guard perseverance.goesOn(at: .now, bytes: counts.arrived) else {
                    guard counts.wasAsked else { throw error }
                    throw CoordinatorError(
                        .nodeLost,
                        """
                        worker \(node.url) was lost while it was sent its weights (\(counts.arrived) of \
                        \(counts.total) \
                        bytes) and did not come back within \(patience.seconds). Start it again; it keeps what has \
                        arrived
                        """
                    )
                }
                progress(.sending(worker: node.url.description, sent: counts.arrived, of: counts.total))
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        keepAlive.withLock { task in
            task = Task { [node] in
                while !Task.isCancelled {
                    _ = try? await node.health(deadline: .seconds(2))
                    try? await Task.sleep(for: .seconds(1))
                }
            }
        }
    }

    /// Stops the regular requests.
    func end() { keepAlive.withLock { $0?.cancel() } }

    deinit { keepAlive.withLock { $0?.cancel() } }

    struct Shard: Sendable {
        var name: String
        var file: SliceFile
    }

    /// The shards of a slice.
    static func shards(_ model: Model, _ c: ModelConfiguration, _ layers: Range<Int>, _ head: Bool) throws -> [Shard] {
        let names = SliceStore.shards(layers: layers, head: head)
        let tensors =
            layers.map { c.tensorNames(layers: $0..<$0 + 1, head: false) }
            + (head ? [c.tensorNames(layers: 0..<0, head: true)] : [])
        return try zip(names, tensors).map { name, tensors in
            Shard(name: name, file: try SliceFile(model.file, tensorNames: tensors, vocabulary: c.vocabulary))
        }
    }

    // MARK: One attempt

    /// Asks what is missing and sends it. A lost connection ends the attempt at once.
    private func attempt(_ shards: [Shard]) async throws {
        let sending = Task {
            let query = SliceQuery(
                modelFingerprint: model.fingerprint,
                shards: shards.map { .init(name: $0.name, byteCount: $0.file.byteCount) })
            guard case .located(let reply) = try await node.call(.locate(query), deadline: min(Self.deadline, patience))
            else {
                throw node.unexpected
            }
            let missing = shards.filter { reply.missing.contains($0.name) }
            note(missing)
            for shard in missing {
                try await send(shard)
                shard.file.releasePages()
            }
        }
        node.onLoss { sending.cancel() }
        defer { node.onLoss(nil) }
        do {
            try await withTaskCancellationHandler {
                try await sending.value
            } onCancel: {
                sending.cancel()
            }
        } catch is CancellationError {
            throw ControlError(.unreachable, "the connection to worker \(node.url) was lost")
        }
    }

    /// Counts the missing bytes: the first answer says what the worker lacked, later answers what it still lacks.
    private func note(_ missing: [Shard]) {
        let bytes = missing.reduce(0) { $0 + $1.file.byteCount }
        state.withLock {
            if !$0.wasAsked {
                $0.wasAsked = true
                $0.missing = bytes
                $0.total = bytes
            }
            $0.arrived = max($0.total - bytes, 0)
        }
    }

    private func send(_ shard: Shard) async throws {
        let total = shard.file.byteCount, before = counts.arrived
        var rewinds = 0
        while true {
            let (reader, complete) = try await ask(shard)
            if complete {
                arrived(before + total)
                return
            }
            state.withLock { if $0.begun.insert(shard.name).inserted { $0.missing -= reader.offset } }
            let (done, confirmed) = try await stream(shard, from: reader, before: before)
            if done { return }
            rewinds = confirmed > reader.offset ? 1 : rewinds + 1
            guard rewinds < 5 else {
                throw CoordinatorError(
                    .refused,
                    """
                    worker \(node.url) does not take the bytes of \(shard.name) from \(confirmed) on: they arrive \
                    changed. Check the memory and the network of both machines
                    """
                )
            }
        }
    }

    /// Asks from where to continue with a shard. What the worker has is compared by digest; if it differs, the shard is
    /// sent from its beginning.
    private func ask(_ shard: Shard) async throws -> (SliceReader, complete: Bool) {
        let question = WeightsChunk(
            fingerprint: model.fingerprint, shard: shard.name, totalBytes: shard.file.byteCount, offset: 0)
        guard case .weights(let reply) = try await node.call(.weights(question, payload: []), deadline: Self.deadline)
        else {
            throw node.unexpected
        }
        if reply.complete || reply.nextOffset <= 0 || reply.nextOffset > shard.file.byteCount {
            return (SliceReader(shard.file), reply.complete)
        }
        return await blocking {
            var reader = SliceReader(shard.file)
            reader.skip(to: reply.nextOffset)
            return (reader.sha256 == reply.sha256 ? reader : SliceReader(shard.file), false)
        }
    }

    /// Sends chunks from `reader` on until the shard is complete or the worker must be asked again.
    private func stream(_ shard: Shard, from reader: SliceReader, before: Int) async throws -> (
        done: Bool, confirmed: Int
    ) {
        var reader = reader, transfer = ShardTransfer(totalBytes: shard.file.byteCount, from: reader.offset)
        return try await withThrowingTaskGroup(of: (Range<Int>, WeightsReply).self) { group in
            while true {
                switch transfer.act() {
                case .done: return (true, transfer.confirmed)
                case .ask: return (false, transfer.confirmed)
                case .send(let range):
                    let at = reader
                    let (bytes, after) = await blocking {
                        var reader = at
                        return (reader.next(range.count), reader)
                    }
                    reader = after
                    let chunk = WeightsChunk(
                        fingerprint: model.fingerprint, shard: shard.name, totalBytes: shard.file.byteCount,
                        offset: range.lowerBound, sha256: after.sha256)
                    state.withLock { $0.sent += bytes.count }
                    let call = try await node.begin(.weights(chunk, payload: bytes), deadline: Self.chunkDeadline)
                    group.addTask { [node] in
                        guard case .weights(let reply) = try await call.reply() else { throw node.unexpected }
                        return (range, reply)
                    }
                case .wait:
                    guard let (range, reply) = try await group.next() else { return (false, transfer.confirmed) }
                    transfer.answered(range, nextOffset: reply.nextOffset, complete: reply.complete)
                    arrived(before + transfer.confirmed)
                }
            }
        }
    }

    private func arrived(_ bytes: Int) {
        let counts = state.withLock {
            $0.arrived = bytes
            return $0
        }
        progress(.sending(worker: node.url.description, sent: counts.arrived, of: counts.total))
    }

    /// Runs blocking work outside Swift's thread pool.
    private func blocking<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
        await withCheckedContinuation { done in queue.async { done.resume(returning: body()) } }
    }
}
