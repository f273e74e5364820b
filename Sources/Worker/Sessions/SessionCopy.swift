import ModelStore
import Transformer

/// Copies KV blocks of a slice to files, or back.
struct SessionCopy {
    let slice: Slice
    let id: BlobDigest
    /// The session's blocks, in the order of its positions.
    let blocks: [Int]
    let store: SessionStore
    /// Whether the copy is still needed.
    let isWanted: () -> Bool
    /// Called with the bytes copied so far and the total.
    let progress: (Int, Int) -> Void

    private var layers: Range<Int> { slice.description.layers }
    private var totalBytes: Int { layers.count * blocks.count * slice.kvBlockBytes }

    /// Writes a file for every layer; returns the files' digests in the order of the layers.
    func save() throws -> [String] {
        try checkBlocks()
        store.removeUnused()
        try store.checkRoom(for: totalBytes)
        var digests: [String] = [], done = 0
        for (i, layer) in layers.enumerated() {
            let writer = try store.writer(id, layer: layer, blocks: blocks.count, blockBytes: slice.kvBlockBytes)
            for block in blocks {
                try writer.append(slice.kvBlock(block, layer: i))
                try note(&done)
            }
            digests.append(try writer.finish())
        }
        return digests
    }

    /// Fills the blocks from the layers' files, which may hold more blocks than needed. The contents are verified only
    /// when this returns, since a digest covers a whole file.
    func load(_ digests: [String]) throws {
        try checkBlocks()
        var done = 0
        for (i, layer) in layers.enumerated() {
            guard let reader = try store.reader(id, layer: layer, blocks: blocks.count, blockBytes: slice.kvBlockBytes)
            else {
                throw StageFault(
                    "it has no keys and values of layer \(layer): they were written by another worker, or removed")
            }
            var wanted = blocks[...]
            while let bytes = try reader.next() {
                guard let block = wanted.popFirst() else { continue }
                slice.setKVBlock(block, layer: i, to: bytes)
                try note(&done)
            }
            guard reader.sha256 == digests[i] else {
                throw StageFault(
                    "its keys and values of layer \(layer) are not what was written: the file was changed or damaged")
            }
        }
    }

    private func note(_ done: inout Int) throws {
        done += slice.kvBlockBytes
        progress(done, totalBytes)
        guard isWanted() else { throw StageFault("its plan is over") }
    }

    private func checkBlocks() throws {
        for block in blocks where block >= slice.description.kvBlocks {
            throw StageFault("KV block \(block), but the plan has \(slice.description.kvBlocks) blocks")
        }
    }
}
