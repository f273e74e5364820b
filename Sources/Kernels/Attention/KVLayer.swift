import CKernels

/// How keys and values are stored.
public enum KVType: String, Sendable, CaseIterable {
    /// Half-precision floats, 2 bytes per value.
    case f16
    /// Signed bytes with a half-precision scale for each 32 dimensions, 1.0625 bytes per value.
    case q8_0

    var raw: bk_kv_type { self == .f16 ? BK_KV_F16 : BK_KV_Q8 }
}

/// The keys and values of one layer, in blocks of 64 positions. The coordinator chooses the block numbers.
public final class KVLayer: @unchecked Sendable {
    // Unchecked is safe: one slice owns this, and only its thread uses it.
    /// Positions in a block.
    public static let blockTokens = BK_KV_TOKENS
    var raw: bk_kv
    private let memory: Memory

    /// Room for `blocks` blocks. The system provides the memory of a page when it is first written.
    ///
    /// - Throws: `outOfMemory`.
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

    /// The bytes it takes when every block is used.
    public var byteCount: Int { memory.byteCount }

    /// Copies a whole block, so that a sequence can write to its own copy.
    public func copyBlock(_ from: Int, to: Int) {
        precondition(from >= 0 && from < raw.blocks && to >= 0 && to < raw.blocks, "no such block")
        bk_kv_copy(&raw, Int32(from), Int32(to))
    }

    /// The bytes of a block as attention reads them. They are the same on every machine.
    public func bytes(ofBlock block: Int) -> [UInt8] {
        precondition(block >= 0 && block < raw.blocks, "no such block")
        let count = bk_kv_block_bytes(&raw)
        return Array(UnsafeBufferPointer(start: raw.data + block * count, count: count))
    }

    /// Fills a block with bytes that `bytes(ofBlock:)` returned.
    public func setBlock(_ block: Int, to bytes: [UInt8]) {
        let count = bk_kv_block_bytes(&raw)
        precondition(block >= 0 && block < raw.blocks && bytes.count == count, "no such block, or not of this size")
        bytes.withUnsafeBufferPointer { (raw.data + block * count).update(from: $0.baseAddress!, count: count) }
    }
}

/// The places of a batch's rows: the position of each row, and the block numbers of its sequence.
public struct RowPlaces: Sendable {
    /// The position of each row in its sequence.
    public private(set) var positions: [Int32] = []
    var tableStarts: [Int32] = []
    var tables: [Int32] = []

    /// No rows.
    public init() {}

    /// Removes all rows but keeps the memory for the next batch.
    public mutating func removeAll() {
        positions.removeAll(keepingCapacity: true)
        tableStarts.removeAll(keepingCapacity: true)
        tables.removeAll(keepingCapacity: true)
    }

    /// Adds `count` rows of a sequence from `firstPosition` on. Block `table[i]` holds the 64 positions from 64i on.
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
