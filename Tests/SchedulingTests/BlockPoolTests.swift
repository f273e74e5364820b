import Testing

@testable import Scheduling

/// Which KV blocks are free, held and cached.
struct BlockPoolTests {
    static func tokens(_ count: Int, _ seed: Int32 = 0) -> [Int32] { (0..<Int32(count)).map { $0 * 3 + seed } }

    /// Takes blocks for a history, caches them, and releases them.
    static func cache(_ tokens: [Int32], in pool: inout BlockPool) -> [UInt32] {
        var node = BlockPool.root, blocks: [UInt32] = []
        for at in stride(from: 0, to: tokens.count, by: pool.blockTokens) {
            let block = pool.take()!
            blocks.append(block)
            node = pool.cache(block, tokens: tokens[at..<min(at + pool.blockTokens, tokens.count)], after: node)!
        }
        for block in blocks.reversed() { pool.release(block) }
        return blocks
    }

    @Test func blocksAreHandedOutUntilAllAreHeld() {
        var pool = BlockPool(blockCount: 2, blockTokens: 4)
        #expect(pool.take() == 0 && pool.take() == 1 && pool.take() == nil && pool.heldBlocks == 2)
        pool.release(0)
        #expect(pool.freeBlocks == 1 && pool.take() == 0)
    }

    @Test func aHistoryIsFoundAsFarAsItIsEqual() {
        var pool = BlockPool(blockCount: 8, blockTokens: 4)
        let history = Self.tokens(10), blocks = Self.cache(history, in: &pool)
        let whole = pool.match((history + [1, 2])[...])
        #expect(whole.blocks == Array(blocks[..<2]) && whole.partial?.block == blocks[2] && whole.partial?.count == 2)
        let half = pool.match((history[..<6] + [-1, -1, -1])[...])
        #expect(half.blocks == [blocks[0]] && half.partial?.block == blocks[1] && half.partial?.count == 2)
        #expect(pool.match(Self.tokens(10, 1)[...]) == BlockPool.Match())
        #expect(pool.match([]) == BlockPool.Match())
    }

    @Test func equalBlocksBehindDifferentHistoriesAreNotConfused() {
        var pool = BlockPool(blockCount: 8, blockTokens: 2)
        let a = Self.cache([1, 2, 9, 9], in: &pool), b = Self.cache([3, 4, 9, 9], in: &pool)
        #expect(pool.match([1, 2, 9, 9]).blocks == a && pool.match([3, 4, 9, 9]).blocks == b)
        #expect(pool.match([9, 9]).blocks.isEmpty)
    }

    @Test func theLongestUnusedIsGivenUpAndOfAHistoryTheEndFirst() {
        var pool = BlockPool(blockCount: 4, blockTokens: 2)
        let old = Self.cache([1, 2, 3, 4], in: &pool), new = Self.cache([5, 6, 7, 8], in: &pool)
        #expect(pool.freeBlocks == 0 && pool.available == 4)
        _ = pool.match([1, 2])  // uses the beginning of the old history again
        #expect(pool.take() == old[1])
        #expect(pool.take() == new[1] && pool.take() == new[0])
        #expect(pool.match([1, 2]).blocks == [old[0]])
        #expect(pool.take() == old[0] && pool.take() == nil)
    }

    @Test func aHeldBlockOutlivesWhatItWasFoundBy() {
        var pool = BlockPool(blockCount: 2, blockTokens: 2)
        // The second block is held while the first, its parent in the tree, is not.
        let first = pool.take()!, second = pool.take()!
        let node = pool.cache(first, tokens: [1, 2], after: BlockPool.root)!
        _ = pool.cache(second, tokens: [3, 4], after: node)
        pool.release(first)
        #expect(pool.available == 1 && pool.take() == first)
        #expect(pool.match([1, 2, 3, 4]).blocks.isEmpty && pool.cachedBlocks == 0)
        // What follows is not cached: its history is no longer in the tree, so it could not be found.
        #expect(pool.cache(second, tokens: [5, 6], after: node) == nil)
        pool.release(second)
        #expect(pool.freeBlocks == 1)
    }
}
