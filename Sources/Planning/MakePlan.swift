/// What a plan optimizes.
public enum PlanningGoal: String, Sendable, CaseIterable {
    /// The least time from one token of an answer to the next.
    case latency
    /// The fastest slowest stage: the most tokens per second with many sequences.
    case throughput
    /// Every node is used, in the given order. The cut makes prefill fast, and decode with many sequences nearly as
    /// fast as possible.
    case even
}

/// Decides which node holds which slice. A pure function.
///
/// Slices are contiguous, and the head is on the last node of the pipeline. Weights, the KV cache for the whole context
/// and the workspace stay within each node's budget. `StageTimes` predicts the times.
///
/// - `.latency`: finds the least time per token over all orders, cuts and sets of nodes. Among the plans within 3% of
///   it, or within a thousandth of a second, it takes one with the most nodes, because more nodes make prefill faster
///   and serve more conversations; a node is left out only if it slows the others. It keeps the given order if it can,
///   and cuts for the fastest prefill as `Partition.bestForPrompts` does.
/// - `.throughput`: takes the plan with the fastest slowest stage, in the given order if that is as good within 1%.
/// - For both, the slices that nodes hold already (`NodeFacts.held`) stay if that pipeline is about as good.
/// - `.even`, and every goal beyond 16 nodes: all nodes in the given order, cut by `Partition.bestForPrompts`.
///
/// - Parameters:
///   - nodes: in the order given by the user.
///   - contextLength: positions of one context, at least 1; the KV cache has whole blocks of `blockTokens`.
///   - layers: the number of blocks for each node, first to last, if the user gives the split; nil to find it.
///   - kvTokens: positions of KV cache for all sequences together, if that is more than one context.
///   - expectedContext: positions before the row whose time is predicted.
/// - Throws: `PlanningError`. If the model does not fit, it says by how much and what would fit.
public func makePlan(
    model: ModelShape, nodes: [NodeFacts], contextLength: Int, blockTokens: Int, layers: [Int]? = nil,
    goal: PlanningGoal = .latency, kvTokens: Int? = nil, expectedContext: Int = 512
) throws(PlanningError) -> Plan {
    try check(model, nodes, contextLength: contextLength, blockTokens: blockTokens)
    let cachedTokens = max(contextLength, kvTokens ?? 0), blocks = (cachedTokens - 1) / blockTokens + 1,
        positions = blocks.times(blockTokens)
    let times = StageTimes(model: model, nodes: nodes, context: min(max(expectedContext, 0), contextLength - 1))
    func partition(_ order: [Int], leastOfLast: Int = 1) -> Partition {
        Partition(
            model: model, nodes: nodes, order: order, positions: positions, leastOfLast: leastOfLast, times: times)
    }
    let all = Array(nodes.indices), stages: [StagePlan]
    if let layers {
        let whole = partition(all, leastOfLast: 0)
        stages = try given(layers, whole)
        guard stages.allSatisfy({ $0.neededBytes <= $0.budget }) else {
            throw .doesNotFit(
                Shortage(
                    whole, contextLength: contextLength, cachedTokens: cachedTokens, blockTokens: blockTokens,
                    stages: stages))
        }
    } else {
        let used = Array(all.prefix(model.layerBytes.count))
        let found: [StagePlan]?
        if goal == .even || nodes.count > PipelineSearch.mostNodes {
            found = partition(used).bestForPrompts()
        } else {
            let whole = partition(all)
            found = best(whole, goal, partition).map { held(whole, goal, insteadOf: $0) ?? $0 }
        }
        guard let found else {
            throw .doesNotFit(
                Shortage(
                    partition(used), contextLength: contextLength, cachedTokens: cachedTokens, blockTokens: blockTokens,
                    stages: nil,
                    anyLine: goal != .even))
        }
        stages = found
    }
    let inUse = Set(stages.map(\.node))
    return Plan(
        contextLength: contextLength, blockTokens: blockTokens, kvBlockCount: blocks, stages: stages,
        leftOut: all.filter { !inUse.contains($0) }, prediction: times.prediction(stages))
}

/// The best pipeline of up to 16 nodes.
private func best(_ whole: Partition, _ goal: PlanningGoal, _ partition: ([Int], Int) -> Partition) -> [StagePlan]? {
    var search = PipelineSearch(whole)
    let times = whole.times
    if goal == .throughput {
        guard let order = search.orderForThroughput(), let stages = partition(order, 0).best() else { return nil }
        // Prefer the given order if it is within 1%.
        guard let inOrder = partition(order.sorted(), 1).best(), whole.slowest(inOrder) <= whole.slowest(stages) * 1.01
        else {
            return stages
        }
        return inOrder
    }
    search.fill()
    let sets = (1..<1 << whole.nodes.count).map { (set: $0, time: search.time($0)) }
    guard let least = sets.map(\.time).min(), least < .infinity else { return nil }
    let allowed = max(1.03 * least, least + 0.001)
    // The most nodes; then the fastest; then those that were named first.
    let chosen = sets.filter { $0.time <= allowed }.max {
        ($0.set.nonzeroBitCount, $1.time, $1.set) < ($1.set.nonzeroBitCount, $0.time, $0.set)
    }!
    let given = whole.nodes.indices.filter { chosen.set & 1 << $0 != 0 }
    let hopSeconds = given.reduce(times.coordinatorHop) { $0 + times.hops[$1] }
    if let stages = partition(given, 1).bestForPrompts(total: allowed - hopSeconds) { return stages }
    guard let order = search.order(chosen.set) else { return nil }
    // The factor is for rounding, if the least time of this set is nearly `allowed`.
    return partition(order, 0).bestForPrompts(total: (allowed - hopSeconds) * (1 + 1e-9))
}

/// The pipeline of the slices that nodes hold already, if these cover the model, fit, and are about as good as `found`.
/// Links are measured for every plan. Without this, noise in the measurements would move or reload gigabytes to save a
/// hundredth of a token's time.
private func held(_ whole: Partition, _ goal: PlanningGoal, insteadOf found: [StagePlan]) -> [StagePlan]? {
    let parts = whole.nodes.indices.compactMap { node in whole.nodes[node].held.map { (node: node, slice: $0) } }
        .sorted { ($0.slice.firstLayer, $0.slice.hasHead ? 1 : 0) < ($1.slice.firstLayer, $1.slice.hasHead ? 1 : 0) }
    var stages: [StagePlan] = [], end = 0
    for (node, slice) in parts {
        guard slice.firstLayer == end, slice.layerCount >= 0, slice.layerCount <= whole.layers - end,
            slice.hasHead == (stages.count == parts.count - 1)
        else { return nil }
        stages.append(whole.stage(node: node, end, end + slice.layerCount, head: slice.hasHead))
        end += slice.layerCount
    }
    guard !stages.isEmpty, end == whole.layers, stages.count >= found.count,
        stages.allSatisfy({ $0.neededBytes <= $0.budget })
    else { return nil }
    let ours = whole.times.prediction(stages), best = whole.times.prediction(found)
    func slowest(_ seconds: [Double]) -> Double { seconds.max() ?? 0 }
    let isAsGood =
        goal == .throughput
        ? slowest(ours.stageSeconds) <= 1.03 * slowest(best.stageSeconds)
        : ours.tokenSeconds <= max(1.03 * best.tokenSeconds, best.tokenSeconds + 0.001)
            && slowest(ours.stagePromptSeconds) <= 1.15 * slowest(best.stagePromptSeconds)
    return isAsGood ? stages : nil
}

private func given(_ layers: [Int], _ partition: Partition) throws(PlanningError) -> [StagePlan] {
    let total = layers.reduce(0) { $0.adding(max($1, 0)) }
    guard layers.count == partition.nodes.count, layers.allSatisfy({ $0 > 0 }), total == partition.layers else {
        throw .invalidSplit(layers: layers, nodes: partition.nodes.count, expected: partition.layers)
    }
    var stages: [StagePlan] = []
    var first = 0
    for (node, count) in layers.enumerated() {
        stages.append(partition.stage(node, first, first + count))
        first += count
    }
    return stages
}

private func check(
    _ model: ModelShape, _ nodes: [NodeFacts], contextLength: Int, blockTokens: Int
) throws(PlanningError) {
    guard !nodes.isEmpty else { throw .noNodes }
    guard !model.layerBytes.isEmpty else { throw .invalidModel(what: "blocks", found: 0) }
    let sizes = [
        ("bytes in the head", model.headBytes), ("KV bytes per token", model.kvBytesPerTokenPerLayer),
        ("bytes of workspace", model.workspaceBytes), ("bytes of workspace for the head", model.headWorkspaceBytes),
    ]
    for (what, size) in sizes + model.layerBytes.map({ ("bytes in a block", $0) }) where size < 0 {
        throw .invalidModel(what: what, found: size)
    }
    let weights = model.layerBytes.reduce(0) { $0.adding($1) }
    guard weights < .max else { throw .invalidModel(what: "or more bytes in all blocks", found: weights) }
    guard model.layerMultiplyAdds.count == model.layerBytes.count else {
        throw .invalidModel(what: "blocks with known work", found: model.layerMultiplyAdds.count)
    }
    guard contextLength > 0 else { throw .invalidContext(found: contextLength) }
    guard blockTokens > 0 else { throw .invalidModel(what: "positions in a KV block", found: blockTokens) }
    for node in nodes {
        let speeds = [node.weightBandwidth, node.multiplyAddRate, node.link.throughput]
        for speed in speeds where !(speed > 0 && speed < .infinity) {
            throw .invalidSpeed(node: node.name, found: speed)
        }
        guard node.link.roundTrip >= 0, node.link.roundTrip < .infinity else {
            throw .invalidSpeed(node: node.name, found: node.link.roundTrip)
        }
        guard node.memoryBudget >= 0 else { throw .invalidBudget(node: node.name, found: node.memoryBudget) }
    }
}
