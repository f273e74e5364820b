/// Cutting a model's blocks over nodes in their given order.
struct Partition {
    let model: ModelShape
    let nodes: [NodeFacts]
    /// Positions of KV cache, in whole blocks.
    let positions: Int
    /// [i]: weights of the blocks before block i.
    private let weightsBefore: [Int]

    init(model: ModelShape, nodes: [NodeFacts], positions: Int) {
        self.model = model
        self.nodes = nodes
        self.positions = positions
        weightsBefore = model.layerBytes.reduce(into: [0]) { $0.append($0[$0.count - 1].adding($1)) }
    }

    var layers: Int { model.layerBytes.count }

    /// What blocks `first..<end` on node `node` take; the head goes with the last node.
    func stage(_ node: Int, _ first: Int, _ end: Int) -> StagePlan {
        let head = node == nodes.count - 1
        return StagePlan(
            node: node, firstLayer: first, layerCount: end - first, hasHead: head,
            weightBytes: (weightsBefore[end] - weightsBefore[first]).adding(head ? model.headBytes : 0),
            kvBytes: positions.times(model.kvBytesPerTokenPerLayer).times(end - first),
            workspaceBytes: model.workspaceBytes.adding(head ? model.headWorkspaceBytes : 0),
            budget: nodes[node].memoryBudget)
    }

    /// How long a stage takes for a token, in a unit of its own: a token reads every weight once.
    func time(_ stage: StagePlan) -> Double {
        Double(stage.weightBytes) / nodes[stage.node].relativeSpeed
    }

    /// The stages whose slowest is as fast as can be; among those cuts, the one with the least sum of squared times,
    /// which is the most even. Nil when no cut fits.
    ///
    /// Two passes, because the even cut can only be found step by step once the slowest stage's time is fixed.
    func best() -> [StagePlan]? {
        guard let fastest = solve(limit: .infinity, combine: max) else { return nil }
        let limit = fastest.map(time).max() ?? 0
        return solve(limit: limit) { $0 + $1 * $1 }
    }

    /// Whether any cut fits.
    var fits: Bool { solve(limit: .infinity, combine: max) != nil }

    /// Dynamic programming: the least cost of placing the first `end` blocks on the first `node + 1` nodes, each with
    /// at least one block and no stage slower than `limit`, where `combine(cost so far, stage's time)` never falls
    /// when either grows.
    private func solve(limit: Double, combine: (Double, Double) -> Double) -> [StagePlan]? {
        let none = Double.infinity
        var cost = [Double](repeating: none, count: layers + 1)
        cost[0] = 0
        var cuts: [[Int]] = []  // [node][end]: where the node's slice begins
        for node in nodes.indices {
            var next = [Double](repeating: none, count: layers + 1)
            var cut = [Int](repeating: 0, count: layers + 1)
            let isLast = node == nodes.count - 1
            let laterNodes = nodes.count - 1 - node
            let ends = isLast ? layers..<layers + 1 : node + 1..<layers - laterNodes + 1
            for end in ends {
                // Downwards: the slice only grows, so the first that is too large or too slow ends the search.
                for first in stride(from: end - 1, through: node, by: -1) {
                    let stage = stage(node, first, end)
                    let time = time(stage)
                    guard stage.neededBytes <= stage.budget, time <= limit else { break }
                    let total = combine(cost[first], time)
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
        for node in nodes.indices.reversed() {
            let first = cuts[node][end]
            stages.append(stage(node, first, end))
            end = first
        }
        return stages.reversed()
    }
}
