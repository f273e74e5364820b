/// Finds the best pipeline of up to 16 nodes exactly: the least time per token over all orders, cuts and sets of nodes.
///
/// Dynamic programming over sets of nodes. The value is the least time in which the nodes of a set, each with at least
/// one block, compute the first `end` blocks. It follows from the sets with one node less, because what a node adds
/// depends only on its own blocks (see `StageTimes`). With 16 nodes and 64 blocks there are 4 million states with 8
/// predecessors each on average.
struct PipelineSearch {
    /// Beyond this number nodes keep their order.
    static let mostNodes = 16

    let partition: Partition
    let count: Int, layers: Int
    /// [node][end]: the least `first` for which blocks `first..<end` fit the node and keep within the limits.
    private(set) var earliest: [[Int]]
    /// [node]: the same for the last slice with the head; Int.max if not even the head alone fits.
    private(set) var earliestWithHead: [Int]
    /// The same without limits on times.
    let fitting: [[Int]], fittingWithHead: [Int]
    /// [set * (layers + 1) + end]: the least time, including hops.
    private var least: [Double]

    /// A search over all nodes of the partition.
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
        (fitting, fittingWithHead) = (earliest, earliestWithHead)
        least = []
    }

    /// From now on slices must not only fit but be allowed: `allows(node, first, end, with the head)`. What allows a
    /// slice must allow every part of it.
    mutating func restrict(_ allows: (Int, Int, Int, Bool) -> Bool) {
        for node in 0..<count {
            var first = 0
            for end in 0...layers {
                first = max(first, fitting[node][end])
                while first < end, !allows(node, first, end, false) { first += 1 }
                earliest[node][end] = first
            }
            earliestWithHead[node] =
                fittingWithHead[node] > layers
                ? .max : (fittingWithHead[node]...layers).first { allows(node, $0, layers, true) } ?? .max
        }
    }

    /// Whether any pipeline fits.
    var fits: Bool { pipeline(limit: .infinity) != nil }

    private static func fits(_ p: Partition, _ node: Int, _ first: Int, _ end: Int, head: Bool) -> Bool {
        let stage = p.stage(node: node, first, end, head: head)
        return stage.neededBytes <= stage.budget
    }

    /// Finds the least time of every set. Must be called before `time` and `order`.
    mutating func fill() {
        let size = layers + 1, times = partition.times
        var table = [Double](repeating: .infinity, count: size << count)
        table[0] = 0
        // [node][i]: time for the blocks before i; the time of a slice is a difference of two.
        let before = (0..<count).map { node in (0...layers).map { times.decode(node, 0, $0) } }
        var queue = [Int](repeating: 0, count: size), keys = [Double](repeating: 0, count: size)
        for set in 1..<1 << count {
            for node in 0..<count where set & 1 << node != 0 {
                let from = (set ^ 1 << node) * size, to = set * size, hop = times.hops[node]
                let b = before[node], e = earliest[node]
                // The minimum over a sliding window: a queue of starts whose keys ascend.
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

    /// The least time of a pipeline of the nodes in `others` with `node` as the last, and where its slice begins.
    private func finish(_ node: Int, others: Int) -> (time: Double, first: Int) {
        var best = Double.infinity, at = layers
        guard earliestWithHead[node] <= layers else { return (best, at) }
        let times = partition.times, fixed = times.hops[node] + times.coordinatorHop + times.decodeHead(node)
        // `first` may be `layers`: the last node then holds only the head.
        for first in earliestWithHead[node]...layers {
            let time = least[others * (layers + 1) + first] + times.decode(node, first, layers) + fixed
            if time < best {
                best = time
                at = first
            }
        }
        return (best, at)
    }

    /// Seconds per token of the best pipeline that uses all nodes of `set`.
    func time(_ set: Int) -> Double {
        var best = Double.infinity
        for node in 0..<count where set & 1 << node != 0 {
            best = min(best, finish(node, others: set ^ 1 << node).time)
        }
        return best
    }

    /// The best pipeline that uses all nodes of `set`, first to last; nil if none fits.
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
            // The last node of the rest, and where its slice begins: the pair that gives the least time.
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
