extension PipelineSearch {
    /// The nodes that do a workload in the least time, and limits on their stages with which they do.
    struct Found {
        /// Seconds of the workload, as good as the least; the nodes, as a set of bits; the limits on a
        /// stage's prefill and on all its work.
        var seconds: Double, set: Int, prefill: Double, work: Double
        /// The least seconds of any nodes, and those that are as good.
        var least = 0.0, allowed = 0.0
        /// [node]: the least seconds with that node.
        var with: [Double] = []
    }

    /// Steps of the search that take about half a second.
    private static let effort = 130_000_000

    /// The best nodes for a workload, over all orders, cuts and sets; nil if none fits. Exact for up to 8 nodes and one
    /// request at a time; beyond that fewer limits are tried.
    ///
    /// For a limit on the prefill of a stage, `fill` finds the least time of a token for every set of nodes. What is
    /// best for prompts and answers together follows from trying the limits. Several requests at a time also need a
    /// limit on all work of a stage, which bisection finds.
    ///
    /// Sets with more nodes are preferred as long as they are as good.
    mutating func best(for workload: WorkloadTimes) -> Found? {
        let steps = max(count * layers, 1) << count, rounds = workload.overlaps ? 20 : 1
        let tries = min(max(Self.effort / steps / rounds, 2), 1024)
        let limits = workload.prefillLimits(Array(0..<count), layers: layers, atMost: tries)
        guard let free = least(workload, limits, work: .infinity).min(by: { $0.seconds < $1.seconds }) else {
            return nil
        }
        var bound = Double.infinity, seconds = free.seconds
        if workload.overlaps {
            var low = 0.0, high = free.seconds
            while (shortest(workload, limits, work: high) ?? .infinity) > high, high < 1e3 * free.seconds {
                high *= 1.5
            }
            for _ in 0..<rounds where high - low > 0.001 * high {
                let middle = (low + high) / 2
                if let found = shortest(workload, limits, work: middle), found <= middle {
                    high = middle
                } else {
                    low = middle
                }
            }
            (bound, seconds) = (workload.allowed(high), high)
        }
        let allowed = workload.allowed(seconds)
        // The most nodes; then the fastest; then those that were named first.
        let all = least(workload, limits, work: bound)
        var found = all.filter { $0.seconds <= allowed }.max {
            ($0.set.nonzeroBitCount, $1.seconds, $1.set) < ($1.set.nonzeroBitCount, $0.seconds, $0.set)
        }
        found?.with = (0..<count).map { node in
            all.reduce(.infinity) { $1.set & 1 << node != 0 ? min($0, $1.seconds) : $0 }
        }
        if let time = found?.seconds { found?.seconds = max(time, workload.overlaps ? seconds : 0) }
        found?.allowed = allowed
        found?.least = seconds
        return found
    }

    /// Whether a node has memory for one block, or for the head.
    func hasRoom(_ node: Int) -> Bool {
        fittingWithHead[node] <= layers || fitting[node].enumerated().contains { $0.element < $0.offset }
    }

    /// The order of the nodes that were found.
    mutating func order(_ found: Found, for workload: WorkloadTimes) -> [Int]? {
        limit(workload, prefill: found.prefill, work: found.work)
        fill()
        return order(found.set)
    }

    private mutating func shortest(_ workload: WorkloadTimes, _ limits: [Double], work: Double) -> Double? {
        least(workload, limits, work: work).map(\.seconds).min()
    }

    private mutating func limit(_ workload: WorkloadTimes, prefill: Double, work: Double) {
        restrict { node, first, end, head in
            workload.times.prefill(node, first, end) <= prefill
                && (work == .infinity || workload.work(node, first, end, head: head) <= work)
        }
    }

    /// The least time of every set of nodes that can do the workload within the limit on work.
    private mutating func least(_ workload: WorkloadTimes, _ limits: [Double], work: Double) -> [Found] {
        var best = [Found?](repeating: nil, count: 1 << count)
        for prefill in limits {
            limit(workload, prefill: prefill, work: work)
            fill()
            for set in 1..<1 << count {
                let token = time(set)
                guard token < .infinity else { continue }
                let seconds = workload.seconds(prefill: prefill == .infinity ? 0 : prefill, token: token)
                if seconds < best[set]?.seconds ?? .infinity {
                    best[set] = Found(seconds: seconds, set: set, prefill: prefill, work: work)
                }
            }
        }
        return best.compactMap(\.self)
    }
}
