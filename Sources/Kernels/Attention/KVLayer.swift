import CKernels

/// How keys and values are kept.
public enum KVType: String, Sendable, CaseIterable {
    /// Half-precision floats, 2 bytes a value.
    case f16
    /// Signed bytes with a half-precision scale for each 32 dimensions, 1.0625 bytes a value.
    case q8_0

    var raw: bk_kv_type { self == .f16 ? BK_KV_F16 : BK_KV_Q8 }
}

/// One layer's keys and values, in blocks of 64 positions that the coordinator numbers.
public final class KVLayer: @unchecked Sendable {
    // Unchecked: owned by one slice, whose thread alone touches it.
    /// Positions in a block.
    public static let blockTokens = BK_KV_TOKENS
    var raw: bk_kv
    private let memory: Memory

    /// Room for `blocks` blocks. The system gives the memory as it is written, not before.
    public init(kvHeads: Int, headDimension: Int, blocks: Int, type: KVType = .f16) throws(KernelError) {
        memory = try Memory(
            "the KV cache",
            byteCount: blocks * Self.blockBytes(kvHeads: kvHeads, headDimension: headDimension, type: type))
        raw = bk_kv(
            data: memory.at(UInt8.self), kv_heads: Int32(kvHeads), head_dim: Int32(headDimension),
            blocks: Int32(blocks),
            type: type.raw)
    }

    /// Bytes of one block of one layer.
    public static func blockBytes(kvHeads: Int, headDimension: Int, type: KVType) -> Int {
        var shape = bk_kv(
            data: nil, kv_heads: Int32(kvHeads), head_dim: Int32(headDimension), blocks: 1, type: type.raw)
        return bk_kv_block_bytes(&shape)
    }

    /// How many bytes it takes when every block is used.
    public var byteCount: Int { memory.byteCount }

    /// Copies a whole block, so that a sequence can write to its own copy.
    public func copyBlock(_ from: Int, to: Int) {
        precondition(from >= 0 && from < raw.blocks && to >= 0 && to < raw.blocks, "no such block")
        bk_kv_copy(&raw, Int32(from), Int32(to))
    }

    /// A block's bytes, as attention reads them: the same on every machine.
    public func bytes(ofBlock block: Int) -> [UInt8] {
        precondition(block >= 0 && block < raw.blocks, "no such block")
        let count = bk_kv_block_bytes(&raw)
        return Array(UnsafeBufferPointer(start: raw.data + block * count, count: count))
    }

    /// Fills a block with what `bytes(ofBlock:)` gave.
    public func setBlock(_ block: Int, to bytes: [UInt8]) {
        let count = bk_kv_block_bytes(&raw)
        precondition(block >= 0 && block < raw.blocks && bytes.count == count, "no such block, or not of this size")
        bytes.withUnsafeBufferPointer { (raw.data + block * count).update(from: $0.baseAddress!, count: count) }
    }
}

/// Which rows of a batch stand where: each row's position and its sequence's table of block numbers. Reused from batch
/// to batch.
public struct RowPlaces: Sendable {
    /// Each row's position in its sequence.
    public private(set) var positions: [Int32] = []
    var tableStarts: [Int32] = []
    var tables: [Int32] = []

    /// No rows.
    public init() {}

    /// Forgets all rows but keeps the memory.
    public mutating func removeAll() {
        positions.removeAll(keepingCapacity: true)
        tableStarts.removeAll(keepingCapacity: true)
        tables.removeAll(keepingCapacity: true)
    }

    /// Adds `count` rows at `firstPosition`... of a sequence whose positions 64i... lie in block `table[i]`.
    public mutating func append(firstPosition: Int, count: Int, table: [Int32]) {
        precondition(
            (firstPosition + count - 1) / KVLayer.blockTokens < table.count, "rows beyond the sequence's blocks")
        let start = Int32(tables.count)
        tables.append(contentsOf: table)
        for i in 0..<count {
            positions.append(Int32(firstPosition + i))
            tableStarts.append(start)
        }
    }
}
