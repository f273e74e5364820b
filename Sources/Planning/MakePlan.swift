/// Decides which node holds which slice. A pure function.
///
/// The nodes keep their order, slices are contiguous, the head is on the last node and every node gets at least one
/// block. Among the cuts in which weights, KV cache for the whole context and workspace fit every node's budget, it
/// takes one whose slowest stage (weight bytes over relative speed) is fastest, exactly; of those the most even.
///
/// - Parameters:
///   - nodes: in the order of the line. Those beyond the number of blocks are left out (`Plan.leftOut`).
///   - contextLength: positions the KV cache must hold, at least 1; rounded up to whole blocks of `blockTokens`.
///   - kvTokens: positions of KV cache for all sequences together, when that is more than one context.
///   - layers: blocks for each node, first to last, when the cut is given rather than sought.
/// - Throws: `PlanningError`; a model that does not fit says by how much, and what would.
public func makePlan(
    model: ModelShape, nodes: [NodeFacts], contextLength: Int, blockTokens: Int, layers: [Int]? = nil, kvTokens: Int? = nil
) throws(PlanningError) -> Plan {
    try check(model, nodes, contextLength: contextLength, blockTokens: blockTokens)
    let positions = max(contextLength, kvTokens ?? 0), blocks = (positions - 1) / blockTokens + 1
    let stages: [StagePlan]
    let used: Int
    if let layers {
        used = nodes.count
        let partition = Partition(model: model, nodes: nodes, positions: blocks.times(blockTokens))
        stages = try given(layers, partition)
        guard stages.allSatisfy({ $0.neededBytes <= $0.budget }) else {
            throw .doesNotFit(
                Shortage(partition, contextLength: positions, blockTokens: blockTokens, stages: stages))
        }
    } else {
        used = min(nodes.count, model.layerBytes.count)
        let partition = Partition(
            model: model, nodes: Array(nodes[..<used]), positions: blocks.times(blockTokens))
        guard let best = partition.best() else {
            throw .doesNotFit(Shortage(partition, contextLength: positions, blockTokens: blockTokens, stages: nil))
        }
        stages = best
    }
    return Plan(
        contextLength: contextLength, blockTokens: blockTokens, kvBlockCount: blocks, stages: stages,
        leftOut: Array(used..<nodes.count))
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
    guard contextLength > 0 else { throw .invalidContext(found: contextLength) }
    guard blockTokens > 0 else { throw .invalidModel(what: "positions in a KV block", found: blockTokens) }
    for node in nodes where !(node.relativeSpeed > 0 && node.relativeSpeed < .infinity) {
        throw .invalidSpeed(node: node.name, found: node.relativeSpeed)
    }
    for node in nodes where node.memoryBudget < 0 {
        throw .invalidBudget(node: node.name, found: node.memoryBudget)
    }
}
