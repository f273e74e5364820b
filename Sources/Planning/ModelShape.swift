/// What a plan needs to know of a model. All sizes in bytes unless the name says otherwise.
public struct ModelShape: Sendable, Equatable {
    /// Weights of each block, as held in memory (repacked, not as in the file).
    public var layerBytes: [Int]
    /// Weights of the head: final norm and output matrix.
    public var headBytes: Int
    /// Multiply-adds of one row in each block, with weights; attention is left out.
    public var layerMultiplyAdds: [Int]
    /// Multiply-adds of one row in the head.
    public var headMultiplyAdds: Int
    /// Floats in a row of activations.
    public var width: Int
    /// KV cache of one token in one block.
    public var kvBytesPerTokenPerLayer: Int
    /// The same if keys and values were cached in q8_0; nil when they are already.
    public var smallerKVBytesPerTokenPerLayer: Int?
    /// Tokens in the vocabulary.
    public var vocabulary: Int
    /// Scratch memory of a stage, whatever its slice.
    public var workspaceBytes: Int
    /// Scratch memory the head's stage needs besides.
    public var headWorkspaceBytes: Int

    /// A model's shape. Multiply-adds that are not given are taken to be two for each byte of weights, as in four-bit
    /// weights.
    public init(
        layerBytes: [Int], headBytes: Int, layerMultiplyAdds: [Int]? = nil, headMultiplyAdds: Int? = nil, width: Int,
        kvBytesPerTokenPerLayer: Int, smallerKVBytesPerTokenPerLayer: Int? = nil, vocabulary: Int, workspaceBytes: Int,
        headWorkspaceBytes: Int = 0
    ) {
        self.layerBytes = layerBytes
        self.headBytes = headBytes
        self.layerMultiplyAdds = layerMultiplyAdds ?? layerBytes.map { $0.times(2) }
        self.headMultiplyAdds = headMultiplyAdds ?? headBytes.times(2)
        self.width = width
        self.kvBytesPerTokenPerLayer = kvBytesPerTokenPerLayer
        self.smallerKVBytesPerTokenPerLayer = smallerKVBytesPerTokenPerLayer
        self.vocabulary = vocabulary
        self.workspaceBytes = workspaceBytes
        self.headWorkspaceBytes = headWorkspaceBytes
    }
}
