/// KV block numbers, handed out once for all stages: which are free, which sequences hold, and which are kept because a
/// later prompt may begin with the same tokens. Bookkeeping only.
///
/// Kept blocks form a tree: a node is a run of tokens behind those of its parent, so that the path from the root spells
/// the whole history and two histories meet in a node only when all their tokens are equal. A block is free, held,
/// kept, or held and kept. Only blocks that nobody holds are given up for new ones, the longest unused first.
public struct BlockPool: Equatable, Sendable {
    /// Blocks of the plan, and positions in each.
    public let blockCount: Int, blockTokens: Int
    private var free: [UInt32]
    private var holders: [Int]  // [blockCount] sequences that hold it
    private var cacheNode: [Int?]  // [blockCount] its node in the tree
    private var nodes: [Int: Node] = [:]
    private var index: [Key: Int] = [:]
    private var children: [Int: [Int]] = [:]
    private var nextNode = 1
    private var clock = 0
    /// Kept blocks that nobody holds.
    public private(set) var cachedBlocks = 0

    /// The tree's root: the empty history.
    static let root = 0

    private struct Key: Hashable, Sendable {
        var parent: Int
        var tokens: [Int32]
    }

    private struct Node: Equatable, Sendable {
        var key: Key
        var block: UInt32
        var depth: Int
        var lastUse: Int
    }

    /// All blocks free.
    public init(blockCount: Int, blockTokens: Int) {
        self.blockCount = blockCount
        self.blockTokens = blockTokens
        free = (0..<UInt32(blockCount)).reversed()
        holders = Array(repeating: 0, count: blockCount)
        cacheNode = Array(repeating: nil, count: blockCount)
    }

    /// Blocks that nobody holds and nothing is kept in.
    public var freeBlocks: Int { free.count }
    /// Blocks that `take` can hand out.
    public var available: Int { free.count + cachedBlocks }
    /// Blocks that sequences hold.
    public var heldBlocks: Int { blockCount - available }

    // MARK: Holding

    /// A block for a sequence, which holds it; nil when every block is held.
    mutating func take() -> UInt32? {
        if free.isEmpty { evict() }
        guard let block = free.popLast() else { return nil }
        holders[Int(block)] = 1
        return block
    }

    /// One more sequence holds a kept block.
    mutating func hold(_ block: UInt32) {
        if holders[Int(block)] == 0 { cachedBlocks -= 1 }
        holders[Int(block)] += 1
    }

    /// A sequence gives a block back. It is free now unless another holds it or it is kept.
    mutating func release(_ block: UInt32) {
        holders[Int(block)] -= 1
        precondition(holders[Int(block)] >= 0, "block \(block) was released more often than held")
        guard holders[Int(block)] == 0 else { return }
        if cacheNode[Int(block)] == nil { free.append(block) } else { cachedBlocks += 1 }
    }

    // MARK: Keeping

    /// What of a prompt is known already.
    struct Match: Equatable, Sendable {
        /// Full blocks, from the beginning on, and the last one's node.
        var blocks: [UInt32] = []
        var node = BlockPool.root
        /// A block whose first `count` positions go on with the prompt.
        var partial: (block: UInt32, count: Int)?

        static func == (a: Self, b: Self) -> Bool {
            a.blocks == b.blocks && a.node == b.node && a.partial?.block == b.partial?.block
                && a.partial?.count == b.partial?.count
        }
    }

    /// The longest kept beginning of `tokens`.
    mutating func match(_ tokens: ArraySlice<Int32>) -> Match {
        var found = Match(), at = tokens.startIndex
        clock += 1
        while at + blockTokens <= tokens.endIndex {
            let key = Key(parent: found.node, tokens: Array(tokens[at..<at + blockTokens]))
            guard let node = index[key] else { break }
            nodes[node]?.lastUse = clock
            found.node = node
            found.blocks.append(nodes[node]!.block)
            at += blockTokens
        }
        let rest = tokens[at...].prefix(blockTokens)
        var best: (node: Int, count: Int)?
        for child in children[found.node] ?? [] {
            let count = zip(nodes[child]!.key.tokens, rest).prefix { $0 == $1 }.count
            if count > (best?.count ?? 0) { best = (child, count) }
        }
        if let best {
            nodes[best.node]?.lastUse = clock
            found.partial = (nodes[best.node]!.block, best.count)
        }
        return found
    }

    /// Keeps a held block that holds `tokens` (at most `blockTokens`) behind the history that ends in node `parent`.
    ///
    /// - Returns: the node for what follows: a new one, or the one that holds the same tokens already. Nil when the
    ///   parent is kept no longer.
    mutating func cache(_ block: UInt32, tokens: ArraySlice<Int32>, after parent: Int) -> Int? {
        let depth: Int
        if parent == Self.root {
            depth = 0
        } else {
            guard let above = nodes[parent] else { return nil }
            depth = above.depth + 1
        }
        clock += 1
        let key = Key(parent: parent, tokens: Array(tokens))
        if let known = index[key] {
            nodes[known]?.lastUse = clock
            return known
        }
        guard cacheNode[Int(block)] == nil else { return nil }
        let node = nextNode
        nextNode += 1
        nodes[node] = Node(key: key, block: block, depth: depth, lastUse: clock)
        index[key] = node
        children[parent, default: []].append(node)
        cacheNode[Int(block)] = node
        return node
    }

    /// Notes that the history which ends in `node` was in use until now.
    mutating func touch(_ node: Int) {
        clock += 1
        var at = node
        while at != Self.root, let key = nodes[at]?.key {
            nodes[at]?.lastUse = clock
            at = key.parent
        }
    }

    /// Gives up the block that was unused longest; of a history the end first, whose beginning others may share.
    private mutating func evict() {
        var best: (node: Int, rank: (Int, Int, Int))?
        for (id, node) in nodes where holders[Int(node.block)] == 0 {
            let rank = (children[id] == nil ? 0 : 1, node.lastUse, -node.depth)
            if best == nil || rank < best!.rank || (rank == best!.rank && id < best!.node) { best = (id, rank) }
        }
        if let best { forget(best.node) }
    }

    /// Takes a node and everything behind it out of the tree; held blocks stay with their holders.
    private mutating func forget(_ id: Int) {
        guard let node = nodes.removeValue(forKey: id) else { return }
        index[node.key] = nil
        children[node.key.parent]?.removeAll { $0 == id }
        if children[node.key.parent]?.isEmpty == true { children[node.key.parent] = nil }
        cacheNode[Int(node.block)] = nil
        if holders[Int(node.block)] == 0 {
            cachedBlocks -= 1
            free.append(node.block)
        }
        for child in children[id] ?? [] { forget(child) }
    }
}
