/// One node's part in a plan. All sizes in bytes.
public struct StagePlan: Sendable, Equatable {
    /// The node, as an index into the nodes the plan was made for.
    public var node: Int
    /// The slice's first block.
    public var firstLayer: Int
    /// Blocks in the slice.
    public var layerCount: Int
    /// Whether the slice includes the head.
    public var hasHead: Bool
    /// Weights of the slice, the head's included.
    public var weightBytes: Int
    /// KV cache of the slice for the whole context, in whole blocks.
    public var kvBytes: Int
    /// Scratch memory.
    public var workspaceBytes: Int
    /// What the node gives.
    public var budget: Int

    /// What the stage needs in all.
    public var neededBytes: Int { weightBytes.adding(kvBytes).adding(workspaceBytes) }

    /// A stage.
    public init(
        node: Int, firstLayer: Int, layerCount: Int, hasHead: Bool, weightBytes: Int, kvBytes: Int,
        workspaceBytes: Int, budget: Int
    ) {
        self.node = node
        self.firstLayer = firstLayer
        self.layerCount = layerCount
        self.hasHead = hasHead
        self.weightBytes = weightBytes
        self.kvBytes = kvBytes
        self.workspaceBytes = workspaceBytes
        self.budget = budget
    }
}

/// Which node holds which slice.
public struct Plan: Sendable, Equatable {
    /// Positions of the context.
    public var contextLength: Int
    /// Positions in one KV block.
    public var blockTokens: Int
    /// KV blocks; those of one whole context at least.
    public var kvBlockCount: Int
    /// The stages, first to last; their slices follow each other and cover the model.
    public var stages: [StagePlan]
    /// Nodes that got nothing, as indices: they would slow the rest, or there are more nodes than blocks.
    public var leftOut: [Int]
    /// What it is predicted to do; nil for a plan not made by `makePlan`.
    public var prediction: Prediction?

    /// A plan.
    public init(
        contextLength: Int, blockTokens: Int, kvBlockCount: Int, stages: [StagePlan], leftOut: [Int] = [],
        prediction: Prediction? = nil
    ) {
        self.contextLength = contextLength
        self.blockTokens = blockTokens
        self.kvBlockCount = kvBlockCount
        self.stages = stages
        self.leftOut = leftOut
        self.prediction = prediction
    }
}

extension Int {
    /// The sum of sizes, or the greatest Int when there is no such Int: no budget reaches that.
    func adding(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The product of sizes, or the greatest Int.
    func times(_ other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
