/// Finds the best line of up to 16 nodes, exactly: the one with the least time per token over all orders, cuts and sets
/// of nodes.
///
/// Dynamic programming over sets: the least time in which the nodes of a set, each with at least one block, compute the
/// first `end` blocks follows from the sets with one node less, because what a node adds depends on its blocks alone
/// (see `StageTimes`). With 16 nodes and 64 blocks these are 4 million states of 8 predecessors each.
struct PipelineSearch {
    /// More nodes than this keep their order.
    static let mostNodes = 16

    let partition: Partition
    let count: Int, layers: Int
    /// [node][end]: the first block with which a slice that ends before `end` fits the node.
    let earliest: [[Int]]
    /// [node]: the same for the last slice, with the head; more than the number of blocks when the head alone does not
    /// fit.
    let earliestWithHead: [Int]
    /// [set * (layers + 1) + end]: the least time, the ways included.
    private var least: [Double]

    /// A search over all of the partition's nodes.
    init(_ partition: Partition) {
        self.partition = partition
        count = partition.nodes.count
        layers = partition.layers
        earliest = partition.nodes.indices.map { node in
            var first = 0
            return (0...partition.layers).map { end in
                while first < end, !Self.fits(partition, node, first, end, head: false) { first += 1 }
                return first
            }
        }
        earliestWithHead = partition.nodes.indices.map { node in
            (0...partition.layers).first { Self.fits(partition, node, $0, partition.layers, head: true) } ?? .max
        }
        least = []
    }

    /// Whether any line fits.
    var fits: Bool { line(limit: .infinity) != nil }

    private static func fits(_ p: Partition, _ node: Int, _ first: Int, _ end: Int, head: Bool) -> Bool {
        let stage = p.stage(node: node, first, end, head: head)
        return stage.neededBytes <= stage.budget
    }

    /// Finds the least time of every set; needed before `time` and `order`.
    mutating func fill() {
        let size = layers + 1, times = partition.times
        var table = [Double](repeating: .infinity, count: size << count)
        table[0] = 0
        // [node][i]: time for the blocks before i, so that a slice's time is a difference.
        let before = (0..<count).map { node in (0...layers).map { times.decode(node, 0, $0) } }
        var queue = [Int](repeating: 0, count: size), keys = [Double](repeating: 0, count: size)
        for set in 1..<1 << count {
            for node in 0..<count where set & 1 << node != 0 {
                let from = (set ^ 1 << node) * size, to = set * size, hop = times.hops[node]
                let b = before[node], e = earliest[node]
                // A window's minimum, by a queue of starts whose keys ascend.
                var head = 0, tail = 0
                for end in 1...layers {
                    let key = table[from + end - 1] - b[end - 1]
                    if key < .infinity {
                        while tail > head, keys[tail - 1] >= key { tail -= 1 }
                        queue[tail] = end - 1
                        keys[tail] = key
                        tail += 1
                    }
                    while head < tail, queue[head] < e[end] { head += 1 }
                    guard head < tail else { continue }
                    let time = keys[head] + b[end] + hop
                    if time < table[to + end] { table[to + end] = time }
                }
            }
        }
        least = table
    }

    /// The least time of a line whose last node is `node`, the others being `others`; and where its slice begins.
    private func finish(_ node: Int, others: Int) -> (time: Double, first: Int) {
        var best = Double.infinity, at = layers
        guard earliestWithHead[node] <= layers else { return (best, at) }
        let times = partition.times, fixed = times.hops[node] + times.ownHop + times.decodeHead(node)
        // Blocks that a last node must have: none, if others hold them all.
        for first in earliestWithHead[node]...layers {
            let time = least[others * (layers + 1) + first] + times.decode(node, first, layers) + fixed
            if time < best {
                best = time
                at = first
            }
        }
        return (best, at)
    }

    /// Seconds per token of the best line that uses all nodes of `set`.
    func time(_ set: Int) -> Double {
        var best = Double.infinity
        for node in 0..<count where set & 1 << node != 0 {
            best = min(best, finish(node, others: set ^ 1 << node).time)
        }
        return best
    }

    /// The best line that uses all nodes of `set`, first to last; nil when none fits.
    func order(_ set: Int) -> [Int]? {
        var last = -1, first = layers, best = Double.infinity
        for node in 0..<count where set & 1 << node != 0 {
            let end = finish(node, others: set ^ 1 << node)
            if end.time <= best, end.time < .infinity { (last, first, best) = (node, end.first, end.time) }
        }
        guard last >= 0 else { return nil }
        var order = [last], rest = set ^ 1 << last, end = first
        let times = partition.times, size = layers + 1
        while rest != 0 {
            // Which node came last, and from where, by looking which one makes up the least time.
            var chosen = (node: -1, first: 0, time: Double.infinity)
            for node in 0..<count where rest & 1 << node != 0 {
                for first in earliest[node][end]..<end {
                    let time =
                        least[(rest ^ 1 << node) * size + first] + times.decode(node, first, end) + times.hops[node]
                    if time <= chosen.time { chosen = (node, first, time) }
                }
            }
            order.append(chosen.node)
            rest ^= 1 << chosen.node
            end = chosen.first
        }
        return order.reversed()
    }
}
