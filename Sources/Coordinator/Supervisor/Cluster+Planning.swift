import Control
import Kernels
import Messaging
import ModelStore
import Planning
import Transformer
import Wire

extension Cluster {
    /// Makes the plan that `start` would carry out, without carrying it out: the workers are asked and measured, but
    /// load nothing.
    public static func plan(
        _ urls: [NodeURL], model: Model, options: Options, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> (plan: Plan, facts: [NodeFacts]) {
        let nodes = try urls.map { try NodeConnection($0) }
        let greetings = try await greet(nodes, options, nil, progress)
        let facts = try await facts(nodes, greetings, model, options, progress)
        return (try plan(facts.leveled(), model: model, options: options), facts)
    }

    /// Makes the plan for nodes whose facts are known.
    public static func plan(_ facts: [NodeFacts], model: Model, options: Options) throws -> Plan {
        var c = try ModelConfiguration(model.file)
        if let scaling = options.ropeScaling { c = try c.scaled(scaling) }
        let shape = try ModelShape(c, model, options.kvType, threads: facts.map(\.threads).max() ?? 1)
        if let wish = options.contextWish {
            return try Planning.makePlan(
                model: shape, nodes: facts, wish: wish, blockTokens: KVLayer.blockTokens, layers: options.layers,
                goal: options.goal)
        }
        return try Planning.makePlan(
            model: shape, nodes: facts, contextLength: options.contextLength, blockTokens: KVLayer.blockTokens,
            layers: options.layers,
            goal: options.goal,
            kvTokens: options.kvTokens)
    }

    /// Whether the nodes' speeds matter to the plan; they do not for layers divided by hand or evenly, or for a single
    /// node.
    static func needsMeasuring(_ nodes: [NodeConnection], _ options: Options) -> Bool {
        options.layers == nil && options.goal != .even && (nodes.count > 1 || options.measuresAlways)
    }

    /// The facts about the nodes; speeds are measured only if they matter.
    static func facts(
        _ nodes: [NodeConnection], _ greetings: [HelloReply], _ model: Model, _ options: Options,
        _ progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> [NodeFacts] {
        guard needsMeasuring(nodes, options) else {
            return zip(nodes, greetings).map {
                NodeFacts.assumed(name: $0.url.description, memoryBudget: $1.sliceBudget, threads: $1.threads)
            }
        }
        return try await NodeSurvey(
            nodes: nodes, greetings: greetings, stated: options.stated, fingerprint: model.fingerprint,
            progress: progress
        ).facts()
    }
}

extension ModelShape {
    /// A model's shape from its file. `threads` is the largest number of any node, since the workspace grows with it.
    init(_ c: ModelConfiguration, _ model: Model, _ kvType: KVType, threads: Int) throws {
        var bytes: [Int] = []
        for layer in 0..<c.layers { bytes.append(try c.weightBytes(ofLayer: layer, in: model.file)) }
        let workspace = c.workspaceBytes(head: false, threads: threads)
        self.init(
            layerBytes: bytes, headBytes: try c.headBytes(in: model.file),
            layerMultiplyAdds: (0..<c.layers).map { c.multiplyAdds(ofLayer: $0) },
            headMultiplyAdds: c.width * c.vocabulary, width: c.width,
            kvBytesPerTokenPerLayer: c.kvBlockBytes(kvType) / KVLayer.blockTokens,
            smallerKVBytesPerTokenPerLayer: kvType == .f16 ? c.kvBlockBytes(.q8_0) / KVLayer.blockTokens : nil,
            vocabulary: c.vocabulary,
            workspaceBytes: workspace, headWorkspaceBytes: c.workspaceBytes(head: true, threads: threads) - workspace)
    }
}
