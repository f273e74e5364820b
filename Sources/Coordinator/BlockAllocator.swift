import Wire

/// Hands out KV block numbers, once for all stages, and keeps each sequence's table. Bookkeeping only.
public struct BlockAllocator: Equatable, Sendable {
    /// Blocks of the plan, and positions in each.
    public let blockCount: Int, blockTokens: Int
    private var free: [UInt32]
    private var tables: [UInt32: [UInt32]] = [:]
    private var nextSequence: UInt32 = 1

    /// All blocks free.
    public init(blockCount: Int, blockTokens: Int) {
        self.blockCount = blockCount
        self.blockTokens = blockTokens
        free = (0..<UInt32(blockCount)).reversed()
    }

    /// How many blocks no sequence holds.
    public var freeBlocks: Int { free.count }

    /// A number for a new sequence, which holds nothing yet.
    public mutating func makeSequence() -> UInt32 {
        let sequence = nextSequence
        nextSequence += 1
        tables[sequence] = []
        return sequence
    }

    /// The operations that make room for `length` positions; nil when there are not enough free blocks (nothing changes).
    public mutating func grow(_ sequence: UInt32, to length: Int) -> [CacheOperation]? {
        guard var table = tables[sequence] else { return nil }
        let needed = (length + blockTokens - 1) / blockTokens - table.count
        guard needed <= free.count else { return nil }
        guard needed > 0 else { return [] }
        var operations: [CacheOperation] = []
        for _ in 0..<needed {
            let block = free.removeLast()
            table.append(block)
            operations.append(.append(sequence: sequence, block: block))
        }
        tables[sequence] = table
        return operations
    }

    /// Cuts a sequence to `length` positions and frees the blocks beyond.
    public mutating func truncate(_ sequence: UInt32, to length: Int) -> [CacheOperation] {
        guard var table = tables[sequence] else { return [] }
        let kept = (length + blockTokens - 1) / blockTokens
        while table.count > kept { free.append(table.removeLast()) }
        tables[sequence] = table
        return [.truncate(sequence: sequence, length: length)]
    }

    /// Ends a sequence and frees its blocks.
    public mutating func end(_ sequence: UInt32) -> [CacheOperation] {
        guard let table = tables.removeValue(forKey: sequence) else { return [] }
        free.append(contentsOf: table.reversed())
        return [.free(sequence: sequence)]
    }
}
