/// One node's part in a plan. Sizes are in bytes.
public struct StagePlan: Sendable, Equatable {
    /// The node, as an index into the nodes the plan was made for.
    public var node: Int
    /// The first block of the slice.
    public var firstLayer: Int
    /// The number of blocks in the slice.
    public var layerCount: Int
    /// Whether the slice includes the head.
    public var hasHead: Bool
    /// Weights of the slice, including the head's.
    public var weightBytes: Int
    /// KV cache of the slice for the whole context, in whole blocks.
    public var kvBytes: Int
    /// Scratch memory.
    public var workspaceBytes: Int
    /// What the node has for a slice.
    public var budget: Int

    /// All that the stage needs.
    public var neededBytes: Int { weightBytes.adding(kvBytes).adding(workspaceBytes) }

    /// A stage with these values.
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

/// Why a plan has no slice for a node.
public enum LeftOutReason: Sendable, Equatable {
    /// Its memory holds not one block.
    case tooSmall
    /// With it the work would take this many times as long.
    case slows(Double)
    /// There are more nodes than blocks, or the layers were divided by hand.
    case noBlockLeft
}

/// Which node holds which slice.
public struct Plan: Sendable, Equatable {
    /// Positions of the context.
    public var contextLength: Int
    /// Positions in one KV block.
    public var blockTokens: Int
    /// KV blocks; enough for at least one whole context.
    public var kvBlockCount: Int
    /// The stages, first to last. Their slices follow each other without gaps and cover the model.
    public var stages: [StagePlan]
    /// Indices of nodes without a slice: they would slow the others, are too small, or outnumber the blocks.
    public var leftOut: [Int]
    /// Why each of these was left out, in the same order.
    public var leftOutReasons: [LeftOutReason]
    /// The predicted speed; nil for a plan that `makePlan` did not make.
    public var prediction: Prediction?

    /// A plan with these values.
    public init(
        contextLength: Int, blockTokens: Int, kvBlockCount: Int, stages: [StagePlan], leftOut: [Int] = [],
        leftOutReasons: [LeftOutReason] = [], prediction: Prediction? = nil
    ) {
        self.contextLength = contextLength
        self.blockTokens = blockTokens
        self.kvBlockCount = kvBlockCount
        self.stages = stages
        self.leftOut = leftOut
        self.leftOutReasons = leftOutReasons
        self.prediction = prediction
    }
}

extension Int {
    /// The sum of sizes, or the greatest Int if it overflows; no budget reaches that.
    func adding(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The product of sizes, or the greatest Int if it overflows.
    func times(_ other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
