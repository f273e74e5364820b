/// A worker's part in a plan.
public struct Assignment: Codable, Equatable, Sendable {
    /// The plan and its epoch, which the coordinator never uses again.
    public var plan: UInt32, epoch: UInt64
    /// The fingerprint of the model that the slice is cut from.
    public var modelFingerprint: String
    /// Index of the first transformer block, from 0.
    public var firstLayer: Int
    /// Number of transformer blocks.
    public var layerCount: Int
    /// Whether the final norm and the output matrix belong to the slice.
    public var hasHead: Bool
    /// The most positions of a sequence.
    public var contextLength: Int
    /// Blocks of the KV cache, numbered from 0.
    public var kvBlockCount: Int
    /// How KV elements are stored, e.g. `f16`.
    public var kvType: String
    /// The name of the plan's ``RowType``.
    public var rowType: String
    /// The URL to which the stage sends its frames.
    public var nextURL: String
    /// The rank of this node in its stage, from 0, and the number of ranks there.
    public var rank: Int, ranks: Int
    /// Elements of a row.
    public var width: Int
    /// Size of the vocabulary.
    public var vocabulary: Int
    /// The rope scaling; it replaces that of the file.
    public var rope: RopeSetting

    /// An `Assignment` with these values.
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

/// A worker's answer to an ``Assignment`` that it accepts.
public struct AssignedReply: Codable, Equatable, Sendable {
    /// Whether the coordinator must send weights first. If so, the worker has not changed anything.
    public var needsWeights: Bool

    /// An `AssignedReply` with these values.
    public init(needsWeights: Bool) { self.needsWeights = needsWeights }
}
