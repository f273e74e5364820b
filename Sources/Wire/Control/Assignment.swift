/// A worker's part in a plan.
public struct Assignment: Codable, Equatable, Sendable {
    /// The plan, and its epoch, which no other plan of that coordinator ever has.
    public var plan: UInt32, epoch: UInt64
    /// The model the slice is cut from.
    public var modelFingerprint: String
    /// Index of the first transformer block, from 0.
    public var firstLayer: Int
    /// Number of transformer blocks.
    public var layerCount: Int
    /// Whether the final norm and the output matrix belong to the slice.
    public var hasHead: Bool
    /// Positions a sequence may have.
    public var contextLength: Int
    /// Blocks of the KV cache; their numbers run from 0 to one less.
    public var kvBlockCount: Int
    /// How KV elements are stored, e.g. `f16`.
    public var kvType: String
    /// The name of the plan's ``RowType``.
    public var rowType: String
    /// Where the stage sends its frames.
    public var nextURL: String
    /// Which of the stage's nodes this is, and how many work side by side there.
    public var rank: Int, ranks: Int
    /// Elements of a row.
    public var width: Int
    /// Size of the vocabulary.
    public var vocabulary: Int
    /// How rotary positions are stretched, whatever the file says.
    public var rope: RopeSetting

    /// An `Assignment` of these values.
    public init(
        plan: UInt32 = 1, epoch: UInt64, modelFingerprint: String, firstLayer: Int, layerCount: Int, hasHead: Bool,
        contextLength: Int,
        kvBlockCount: Int, kvType: String, rowType: String, nextURL: String, rank: Int = 0, ranks: Int = 1, width: Int,
        vocabulary: Int,
        rope: RopeSetting = .none
    ) {
        self.plan = plan
        self.epoch = epoch
        self.modelFingerprint = modelFingerprint
        self.firstLayer = firstLayer
        self.layerCount = layerCount
        self.hasHead = hasHead
        self.contextLength = contextLength
        self.kvBlockCount = kvBlockCount
        self.kvType = kvType
        self.rowType = rowType
        self.nextURL = nextURL
        self.rank = rank
        self.ranks = ranks
        self.width = width
        self.vocabulary = vocabulary
        self.rope = rope
    }
}

/// A worker's answer to an ``Assignment`` it accepts.
public struct AssignedReply: Codable, Equatable, Sendable {
    /// Whether the coordinator has to send the weights first; then nothing has changed at the worker.
    public var needsWeights: Bool

    /// An `AssignedReply` of these values.
    public init(needsWeights: Bool) { self.needsWeights = needsWeights }
}
