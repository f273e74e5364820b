/// The KV block numbers, which are the same on all stages: which are free, which are held by sequences, and which are
/// cached because a later prompt may begin with the same tokens. Only numbers; no KV data.
///
/// Cached blocks form a tree. A node has the tokens of one block; the path from the root is the whole history, so two
/// histories share a node only if all their tokens up to it are equal. A block is free, held, cached, or held and
/// cached. When a block is needed and none is free, a cached one that is not held is evicted.
public struct BlockPool: Equatable, Sendable {
    /// The number of blocks, and the positions in each.
    public let blockCount: Int, blockTokens: Int
    private var free: [UInt32]
    private var holders: [Int]  // [blockCount] number of sequences that hold it
    private var cacheNode: [Int?]  // [blockCount] its node in the tree
    private var nodes: [Int: Node] = [:]
    private var index: [Key: Int] = [:]
    private var children: [Int: [Int]] = [:]
    private var nextNode = 1
    private var clock = 0
    /// Cached blocks that are not held.
    public private(set) var cachedBlocks = 0

    /// The root of the tree: the empty history.
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

    /// A pool in which all blocks are free.
    public init(blockCount: Int, blockTokens: Int) {
        self.blockCount = blockCount
        self.blockTokens = blockTokens
        free = (0..<UInt32(blockCount)).reversed()
        holders = Array(repeating: 0, count: blockCount)
        cacheNode = Array(repeating: nil, count: blockCount)
    }

    /// Blocks that are neither held nor cached.
    public var freeBlocks: Int { free.count }
    /// Blocks that `take` can return.
    public var available: Int { free.count + cachedBlocks }
    /// Blocks that sequences hold.
    public var heldBlocks: Int { blockCount - available }

    // MARK: Holding

    /// A block for a sequence, which then holds it; nil if every block is held.
    mutating func take() -> UInt32? {
        if free.isEmpty { evict() }
        guard let block = free.popLast() else { return nil }
        holders[Int(block)] = 1
        return block
    }

    /// Lets one more sequence hold a cached block.
    mutating func hold(_ block: UInt32) {
        if holders[Int(block)] == 0 { cachedBlocks -= 1 }
        holders[Int(block)] += 1
    }

    /// Ends one sequence's hold of a block. The block becomes free unless another sequence holds it or it is cached.
    mutating func release(_ block: UInt32) {
        holders[Int(block)] -= 1
        precondition(holders[Int(block)] >= 0, "block \(block) was released more often than held")
        guard holders[Int(block)] == 0 else { return }
        if cacheNode[Int(block)] == nil { free.append(block) } else { cachedBlocks += 1 }
    }

    // MARK: Keeping

    /// The cached prefix of a prompt.
    struct Match: Equatable, Sendable {
        /// The full blocks from the beginning on, and the node of the last one.
        var blocks: [UInt32] = []
        var node = BlockPool.root
        /// The next block, if its first `count` positions agree with the prompt.
        var partial: (block: UInt32, count: Int)?

        static func == (a: Self, b: Self) -> Bool {
            a.blocks == b.blocks && a.node == b.node && a.partial?.block == b.partial?.block
                && a.partial?.count == b.partial?.count
        }
    }

    /// The longest cached prefix of `tokens`.
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

    /// Caches a held block with `tokens` (at most `blockTokens`) that follow the history of node `parent`.
    ///
    /// - Returns: a new node, or the one that already has these tokens. Nil if `parent` was evicted, or if the block is
    ///   cached with other tokens.
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

    /// Notes that the history of `node` was used just now.
    mutating func touch(_ node: Int) {
        clock += 1
        var at = node
        while at != Self.root, let key = nodes[at]?.key {
            nodes[at]?.lastUse = clock
            at = key.parent
        }
    }

    /// Evicts the least recently used block. Ends of histories go first, because others may share the beginnings.
    private mutating func evict() {
        var best: (node: Int, rank: (Int, Int, Int))?
        for (id, node) in nodes where holders[Int(node.block)] == 0 {
            let rank = (children[id] == nil ? 0 : 1, node.lastUse, -node.depth)
            if best == nil || rank < best!.rank || (rank == best!.rank && id < best!.node) { best = (id, rank) }
        }
        if let best { forget(best.node) }
    }

    /// Removes a node and its descendants from the tree. Held blocks stay held.
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
