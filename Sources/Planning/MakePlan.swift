/// Decides which node holds which slice. A pure function.
///
/// Slices are contiguous, and the head is on the last node of the pipeline. Weights, the KV cache for the whole context
/// and the workspace stay within each node's budget. `StageTimes` predicts the times.
///
/// - `.time(of:)`: finds the pipeline that does a workload in the least time, over all orders, cuts and sets of nodes.
///   Among the plans that take at most 3% longer, or a thousandth of a second more for a token, it takes one with the
///   most nodes, because more nodes serve more conversations; a node is left out only if it slows the others. It keeps
///   the given order if it can, and cuts as evenly as it can. The slices that nodes hold already (`NodeFacts.held`)
///   stay if that is as good within 3%.
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
    goal: PlanningGoal = .time(of: .reasoning), kvTokens: Int? = nil, expectedContext: Int = 512
) throws(PlanningError) -> Plan {
    try check(model, nodes, contextLength: contextLength, blockTokens: blockTokens)
    let cachedTokens = max(contextLength, kvTokens ?? 0), blocks = (cachedTokens - 1) / blockTokens + 1,
        positions = blocks.times(blockTokens)
    let context = min(max(expectedContext, 0), contextLength - 1)
    let times = StageTimes(model: model, nodes: nodes, context: context)
    func partition(_ order: [Int], leastOfLast: Int = 1, times: StageTimes? = nil) -> Partition {
        Partition(
            model: model, nodes: nodes, order: order, positions: positions, leastOfLast: leastOfLast,
            times: times ?? StageTimes(model: model, nodes: nodes, context: context))
    }
    let all = Array(nodes.indices), stages: [StagePlan]
    var reason = { (_: Int) in LeftOutReason.noBlockLeft }
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
        if case .time(let work) = goal, nodes.count <= PipelineSearch.mostNodes {
            let workload = WorkloadTimes(work, model: model, nodes: nodes, context: context)
            let whole = partition(all, times: workload.times)
            var search = PipelineSearch(whole)
            let choice = search.best(for: workload)
            found = choice.flatMap {
                stagesOf($0, &search, workload) { partition($0, leastOfLast: $1, times: workload.times) }
            }.map { held(whole, workload, insteadOf: $0) ?? $0 }
            if let choice {
                reason = { [search] node in
                    !search.hasRoom(node)
                        ? .tooSmall
                        : choice.with[node] < .infinity ? .slows(choice.with[node] / choice.seconds) : .noBlockLeft
                }
            }
        } else {
            found = partition(used).bestForPrompts()
        }
        guard let found else {
            throw .doesNotFit(
                Shortage(
                    partition(used), contextLength: contextLength, cachedTokens: cachedTokens, blockTokens: blockTokens,
                    stages: nil,
                    anyOrder: goal != .even))
        }
        stages = found
    }
    let inUse = Set(stages.map(\.node)), leftOut = all.filter { !inUse.contains($0) }
    return Plan(
        contextLength: contextLength, blockTokens: blockTokens, kvBlockCount: blocks, stages: stages, leftOut: leftOut,
        leftOutReasons: leftOut.map(reason), prediction: times.prediction(stages))
}

/// The pipeline of the nodes that a search found.
private func stagesOf(
    _ found: PipelineSearch.Found, _ search: inout PipelineSearch, _ workload: WorkloadTimes,
    _ partition: ([Int], Int) -> Partition
) -> [StagePlan]? {
    let given = search.partition.nodes.indices.filter { found.set & 1 << $0 != 0 }
    if let stages = partition(given, 1).best(for: workload, within: found.allowed, work: found.work) { return stages }
    guard let order = search.order(found, for: workload) else { return nil }
    // The factor is for rounding, if the time found is just what is allowed.
    return partition(order, 0).best(for: workload, within: found.allowed * (1 + 1e-9), work: found.work)
}

/// The pipeline of the slices that nodes hold already, if these cover the model, fit, and are about as good as `found`.
/// Links are measured for every plan. Without this, noise in the measurements would move or reload gigabytes to save a
/// hundredth of a token's time.
private func held(_ whole: Partition, _ workload: WorkloadTimes, insteadOf found: [StagePlan]) -> [StagePlan]? {
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
    return workload.seconds(stages) <= workload.allowed(workload.seconds(found)) ? stages : nil
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
