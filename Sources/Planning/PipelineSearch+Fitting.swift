extension PipelineSearch {
    typealias Part = (node: Int, first: Int, end: Int)

    private func time(_ part: Part, head: Bool) -> Double {
        partition.times.decode(part.node, part.first, part.end) + (head ? partition.times.decodeHead(part.node) : 0)
    }

    /// A pipeline in which no stage takes longer than `limit` seconds; nil if there is none.
    ///
    /// The farthest block that a set of nodes can reach follows from the sets with one node less, because a node that
    /// starts later does not end earlier.
    func pipeline(limit: Double) -> [Part]? {
        // farthest[node][first]: the farthest end of a slice that begins at `first`. last[node]: the earliest begin of
        // the last slice.
        let farthest = (0..<count).map { node in
            var end = 0
            return (0...layers).map { first in
                end = max(end, first)
                while end < layers, earliest[node][end + 1] <= first, time((node, first, end + 1), head: false) <= limit
                { end += 1 }
                return end
            }
        }
        let last = (0..<count).map { node in
            (0...layers).first { $0 >= earliestWithHead[node] && time((node, $0, layers), head: true) <= limit } ?? .max
        }
        var reach = [Int](repeating: 0, count: 1 << count)
        for set in 0..<1 << count {
            for node in 0..<count where set & 1 << node != 0 {
                reach[set] = max(reach[set], farthest[node][reach[set ^ 1 << node]])
            }
        }
        for set in 0..<1 << count {
            for node in 0..<count where set & 1 << node == 0 && last[node] <= reach[set] {
                return walk(back: set, reach, farthest, to: last[node]) + [(node, last[node], layers)]
            }
        }
        return nil
    }

    /// The slices with which the nodes of `set` reach their farthest block, cut off at `end`.
    private func walk(back set: Int, _ reach: [Int], _ farthest: [[Int]], to end: Int) -> [Part] {
        var parts: [Part] = [], set = set, end = end
        while set != 0 {
            guard
                let node = (0..<count).first(where: {
                    set & 1 << $0 != 0 && farthest[$0][reach[set ^ 1 << $0]] == reach[set]
                })
            else { break }
            set ^= 1 << node
            if reach[set] < end {  // else this node is not needed
                parts.append((node, reach[set], end))
                end = reach[set]
            }
        }
        return parts.reversed()
    }
}
