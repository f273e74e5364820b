/// What a plan needs to know of a model. All sizes in bytes unless the name says otherwise.
public struct ModelShape: Sendable, Equatable {
    /// Weights of each block, as held in memory (repacked, not as in the file).
    public var layerBytes: [Int]
    /// Weights of the head: final norm and output matrix.
    public var headBytes: Int
    /// Floats in a row of activations.
    public var width: Int
    /// KV cache of one token in one block.
    public var kvBytesPerTokenPerLayer: Int
    /// Tokens in the vocabulary.
    public var vocabulary: Int
    /// Scratch memory of a stage, whatever its slice.
    public var workspaceBytes: Int
    /// Scratch memory the head's stage needs besides.
    public var headWorkspaceBytes: Int

    /// A model's shape.
    public init(
        layerBytes: [Int], headBytes: Int, width: Int, kvBytesPerTokenPerLayer: Int, vocabulary: Int,
        workspaceBytes: Int, headWorkspaceBytes: Int = 0
    ) {
        self.layerBytes = layerBytes
        self.headBytes = headBytes
        self.width = width
        self.kvBytesPerTokenPerLayer = kvBytesPerTokenPerLayer
        self.vocabulary = vocabulary
        self.workspaceBytes = workspaceBytes
        self.headWorkspaceBytes = headWorkspaceBytes
    }
}

/// What a plan needs to know of a node.
public struct NodeFacts: Sendable, Equatable {
    /// How messages name it: its URL.
    public var name: String
    /// Bytes it gives to weights, KV cache and workspace.
    public var memoryBudget: Int
    /// Its compute threads.
    public var threads: Int
    /// How fast it is, against the other nodes: any unit, above 0.
    public var relativeSpeed: Double

    /// A node's facts.
    public init(name: String, memoryBudget: Int, threads: Int, relativeSpeed: Double) {
        self.name = name
        self.memoryBudget = memoryBudget
        self.threads = threads
        self.relativeSpeed = relativeSpeed
    }
}
