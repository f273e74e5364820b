import GGUF
import ModelStore
import Synchronization
import Wire

/// Provides a worker's weights: from a local model file, from stored shards, or from the coordinator.
final class SliceIntake: Sendable {
    private let model: Model?
    private let store: SliceStore
    private let incoming = Mutex<ShardReceiver?>(nil)

    /// - Parameter model: the local model file.
    init(model: Model?, cacheDirectory: String) {
        self.model = model
        store = SliceStore(directory: cacheDirectory)
        store.removeAbandoned()
    }

    /// The shards that must be sent. Refuses when the disk has no room for them.
    func locate(_ query: SliceQuery) throws -> SliceReply {
        if try fileAtHand(query.modelFingerprint) != nil { return SliceReply(missing: []) }
        let missing = query.shards.filter { !store.has($0.name, of: query.modelFingerprint) }
        try store.checkRoom(for: missing.map { ($0.name, $0.byteCount) }, of: query.modelFingerprint)
        return SliceReply(missing: missing.map(\.name))
    }

    /// The file to load a slice from; nil when some shards must be sent first.
    func file(for a: Assignment) throws -> GGUFFile? {
        try fileAtHand(a.modelFingerprint)
            ?? store.slice(of: a.modelFingerprint, layers: a.firstLayer..<a.firstLayer + a.layerCount, head: a.hasHead)
    }

    private func fileAtHand(_ fingerprint: String) throws -> GGUFFile? {
        guard let model else { return nil }
        guard model.fingerprint == fingerprint else {
            throw WorkerNode.Refusal(
                code: "wrongModel",
                message:
                    """
                    its model file "\(model.name)" has fingerprint \(model.fingerprint.prefix(16)), the coordinator's \
                    has \(fingerprint.prefix(16)). Start the worker with the coordinator's file, or without --model to \
                    have its slice sent
                    """
            )
        }
        return model.file
    }

    /// Stores a chunk of a shard, or replies from where to continue. The shard is stored once it is complete and
    /// verified.
    func receive(_ chunk: WeightsChunk, _ payload: [UInt8]) throws -> WeightsReply {
        try incoming.withLock { receiver in
            if receiver?.isFor(chunk.shard, of: chunk.fingerprint, totalBytes: chunk.totalBytes) != true {
                receiver = nil  // closes the previous shard's file
                if store.has(chunk.shard, of: chunk.fingerprint) {
                    return WeightsReply(nextOffset: chunk.totalBytes, complete: true)
                }
                receiver = try store.receiver(of: chunk.shard, of: chunk.fingerprint, totalBytes: chunk.totalBytes)
            }
            guard let current = receiver else { return WeightsReply(nextOffset: 0, complete: false) }
            guard let sha256 = chunk.sha256 else {
                return WeightsReply(nextOffset: current.received, complete: false, sha256: current.sha256)
            }
            do {
                let complete = try current.append(payload, at: chunk.offset, sha256: sha256)
                let next = current.received
                if complete { receiver = nil }
                return WeightsReply(nextOffset: next, complete: complete)
            } catch {
                receiver = nil  // the next receiver hashes again what is on disk
                throw error
            }
        }
    }
}
