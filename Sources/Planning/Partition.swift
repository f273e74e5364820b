/// Cuts a model's blocks into slices for nodes in a given order.
struct Partition {
    let model: ModelShape
    let nodes: [NodeFacts]
    /// The nodes of the pipeline, as indices into `nodes`. The last one gets the head.
    let order: [Int]
    /// Positions of KV cache, in whole KV blocks.
    let positions: Int
    /// The fewest blocks of the last node: 1, or 0 if it may hold the head alone. Every other node gets at least 1.
    let leastOfLast: Int
    let times: StageTimes
    /// [i]: weights of the blocks before block i.
    private let weightsBefore: [Int]

    init(
        model: ModelShape, nodes: [NodeFacts], order: [Int]? = nil, positions: Int, leastOfLast: Int = 1,
        times: StageTimes? = nil
    ) {
        self.model = model
        self.nodes = nodes
        self.order = order ?? Array(nodes.indices)
        self.positions = positions
        self.leastOfLast = leastOfLast
        self.times = times ?? StageTimes(model: model, nodes: nodes, context: 0)
        weightsBefore = model.layerBytes.reduce(into: [0]) { $0.append($0[$0.count - 1].adding($1)) }
    }

    var layers: Int { model.layerBytes.count }

    /// The stage with blocks `first..<end` at place `place` of the pipeline.
    func stage(_ place: Int, _ first: Int, _ end: Int) -> StagePlan {
        stage(node: order[place], first, end, head: place == order.count - 1)
    }

    func stage(node: Int, _ first: Int, _ end: Int, head: Bool) -> StagePlan {
        StagePlan(
            node: node, firstLayer: first, layerCount: end - first, hasHead: head,
            weightBytes: (weightsBefore[end] - weightsBefore[first]).adding(head ? model.headBytes : 0),
            kvBytes: positions.times(model.kvBytesPerTokenPerLayer).times(end - first),
            workspaceBytes: model.workspaceBytes.adding(head ? model.headWorkspaceBytes : 0),
            budget: nodes[node].memoryBudget)
    }

    /// Seconds in which a stage decodes a token.
    func time(_ stage: StagePlan) -> Double { times.decode(stage) }

    /// Among the cuts whose stages together take at most `total` seconds, one with the fastest slowest stage. Of those,
    /// the most even one if it keeps within `total`, else the fastest. Nil if no cut fits or none is fast enough.
    ///
    /// It takes several passes, because one pass minimizes only one sum, and the time of the slowest stage must be
    /// given as a limit.
    func best(total: Double = .infinity) -> [StagePlan]? {
        guard let quickest = solve(limit: .infinity, combine: +), sum(quickest) <= total else { return nil }
        guard let evenest = solve(limit: .infinity, combine: max) else { return nil }
        var chosen = evenest
        if sum(evenest) > total {
            // The least time of the slowest stage is between the two; the sum falls when the limit rises.
            var low = slowest(evenest), high = slowest(quickest)
            chosen = quickest
            for _ in 0..<40 where high - low > 1e-9 * high {
                let middle = (low + high) / 2
                if let cut = solve(limit: middle, combine: +), sum(cut) <= total {
                    chosen = cut
                    high = slowest(cut)
                } else {
                    low = middle
                }
            }
        }
        if let even = solve(limit: slowest(chosen), combine: { $0 + $1 * $1 }), sum(even) <= total { return even }
        return chosen
    }

    /// The cut that does the workload in the least time; among those that take at most `allowed` seconds the most even
    /// one. Nil if none is fast enough.
    func best(for workload: WorkloadTimes, within allowed: Double, work: Double, limits: Int = 256) -> [StagePlan]? {
        func fast(_ prefill: Double) -> (StagePlan) -> Bool {
            { stage in
                let end = stage.firstLayer + stage.layerCount
                return times.prefill(stage) <= prefill
                    && (work == .infinity
                        || workload.work(stage.node, stage.firstLayer, end, head: stage.hasHead) <= work)
            }
        }
        var best: (stages: [StagePlan], seconds: Double, prefill: Double)?
        for prefill in workload.prefillLimits(order, layers: layers, atMost: limits) {
            guard let cut = solve(allows: fast(prefill), combine: +) else { continue }
            let seconds = workload.seconds(cut)
            if seconds < best?.seconds ?? .infinity { best = (cut, seconds, prefill) }
        }
        guard let best, best.seconds <= allowed else { return nil }
        if let even = solve(allows: fast(best.prefill), combine: { $0 + $1 * $1 }), workload.seconds(even) <= allowed {
            return even
        }
        return best.stages
    }

    /// How much slower in decode the slowest stage may become if that makes prefill faster.
    private static let slowerForPrompts = 1.25

    /// Among the cuts whose stages together take at most `total` seconds, one with the fastest slowest stage in
    /// prefill. In decode its slowest stage is at most a quarter slower than that of `best(total:)`.
    ///
    /// The two differ because the head computes every decoded row, but only the last row of a prompt. With one
    /// sequence, decode takes the same time for every cut, while the frames of its prompt are in the pipeline at the
    /// same time. With many sequences, several rows share a step, so decode loses less than prefill gains.
    func bestForPrompts(total: Double = .infinity) -> [StagePlan]? {
        guard var chosen = best(total: total) else { return nil }
        let limit = slowest(chosen) * Self.slowerForPrompts
        var low = 0.0, high = slowestForPrompts(chosen)
        for _ in 0..<30 where high - low > 1e-6 * high {
            let middle = (low + high) / 2
            if let cut = solve(limit: limit, promptLimit: middle, combine: { $0 + $1 * $1 }), sum(cut) <= total {
                chosen = cut
                high = slowestForPrompts(cut)
            } else {
                low = middle
            }
        }
        return chosen
    }

    private func slowestForPrompts(_ stages: [StagePlan]) -> Double { stages.reduce(0) { max($0, times.prefill($1)) } }

    /// Whether any cut fits.
    var fits: Bool { solve(limit: .infinity, combine: max) != nil }

    func sum(_ stages: [StagePlan]) -> Double { stages.reduce(0) { $0 + time($1) } }
    func slowest(_ stages: [StagePlan]) -> Double { stages.reduce(0) { max($0, time($1)) } }

    /// Dynamic programming: the least cost of placing the first `end` blocks on the first nodes of the pipeline. No
    /// stage is slower than `limit` in decode or `promptLimit` in prefill, and each has at least one block (the last
    /// node at least `leastOfLast`). `combine(cost so far, time of a stage)` must not fall when either argument grows.
    private func solve(limit: Double, promptLimit: Double = .infinity, combine: (Double, Double) -> Double)
        -> [StagePlan]?
    {
        solve(
            allows: { time($0) <= limit && (promptLimit == .infinity || times.prefill($0) <= promptLimit) },
            combine: combine)
    }

    /// The same with any limit; what allows a stage must allow every part of it.
    private func solve(allows: (StagePlan) -> Bool, combine: (Double, Double) -> Double) -> [StagePlan]? {
        let none = Double.infinity
        var cost = [Double](repeating: none, count: layers + 1)
        cost[0] = 0
        var cuts: [[Int]] = []  // [place][end]: where the slice begins
        for place in order.indices {
            var next = [Double](repeating: none, count: layers + 1)
            var cut = [Int](repeating: 0, count: layers + 1)
            let isLast = place == order.count - 1
            let ends = isLast ? layers..<layers + 1 : 0..<layers + 1
            for end in ends {
                // Downwards the slice only grows, so the first that is too large or too slow ends the search.
                for first in stride(from: isLast ? end - leastOfLast : end - 1, through: 0, by: -1) {
                    let stage = stage(place, first, end)
                    guard stage.neededBytes <= stage.budget else { break }
                    guard allows(stage) else { break }
                    let total = combine(cost[first], time(stage))
                    if total < next[end] {
                        next[end] = total
                        cut[end] = first
                    }
                }
            }
            cost = next
            cuts.append(cut)
        }
        guard cost[layers] < none else { return nil }
        var stages: [StagePlan] = []
        var end = layers
        for place in order.indices.reversed() {
            let first = cuts[place][end]
            stages.append(stage(place, first, end))
            end = first
        }
        return stages.reversed()
    }
}
