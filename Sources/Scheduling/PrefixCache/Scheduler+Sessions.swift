/// Blocks of conversations that are written to disk or come back from it. Every block named here is held until
/// `release`.
extension Scheduler {
    /// The whole blocks that hold the beginning of `tokens`, as far as it is kept.
    public mutating func hold(_ tokens: [Int32]) -> [UInt32] {
        let blocks = pool.match(tokens[...]).blocks
        for block in blocks { pool.hold(block) }
        return blocks
    }

    /// Blocks for something that comes from disk: so many, or as many as no sequence holds.
    public mutating func take(_ count: Int) -> [UInt32] {
        var blocks: [UInt32] = []
        while blocks.count < count, let block = pool.take() { blocks.append(block) }
        return blocks
    }

    /// The blocks hold the beginning of `tokens` now: whoever begins like that finds them.
    public mutating func cache(_ blocks: [UInt32], holding tokens: [Int32]) {
        var node: Int? = BlockPool.root
        for (i, block) in blocks.enumerated() {
            guard let parent = node else { return }
            node = pool.cache(block, tokens: tokens[i * pool.blockTokens..<(i + 1) * pool.blockTokens], after: parent)
        }
    }

    /// Gives blocks back; those that hold something known stay so until they are needed.
    public mutating func release(_ blocks: [UInt32]) {
        for block in blocks.reversed() { pool.release(block) }
    }
}
