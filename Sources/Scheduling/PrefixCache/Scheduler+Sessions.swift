/// Blocks of sessions that are written to disk or read from it. Returned blocks are held until `release`.
extension Scheduler {
    /// The full blocks of the prefix of `tokens` that is in the prefix cache.
    public mutating func hold(_ tokens: [Int32]) -> [UInt32] {
        let blocks = pool.match(tokens[...]).blocks
        for block in blocks { pool.hold(block) }
        return blocks
    }

    /// Takes `count` blocks for a session from disk, or fewer if the others are held.
    public mutating func take(_ count: Int) -> [UInt32] {
        var blocks: [UInt32] = []
        while blocks.count < count, let block = pool.take() { blocks.append(block) }
        return blocks
    }

    /// Adds blocks that hold the first positions of `tokens` to the prefix cache.
    public mutating func cache(_ blocks: [UInt32], holding tokens: [Int32]) {
        var node: Int? = BlockPool.root
        for (i, block) in blocks.enumerated() {
            guard let parent = node else { return }
            node = pool.cache(block, tokens: tokens[i * pool.blockTokens..<(i + 1) * pool.blockTokens], after: parent)
        }
    }

    /// Releases blocks. Cached ones stay in the prefix cache until they are needed.
    public mutating func release(_ blocks: [UInt32]) {
        for block in blocks.reversed() { pool.release(block) }
    }
}
