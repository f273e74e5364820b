/// What a plan needs to know about a model. Sizes are in bytes unless the name says otherwise.
public struct ModelShape: Sendable, Equatable {
    /// Weights of each block as packed in memory, not as in the file.
    public var layerBytes: [Int]
    /// Weights of the head: final norm and output matrix.
    public var headBytes: Int
    /// Multiply-adds with weights, for one row in each block; attention does not count.
    public var layerMultiplyAdds: [Int]
    /// Multiply-adds of one row in the head.
    public var headMultiplyAdds: Int
    /// Floats in a row of activations.
    public var width: Int
    /// KV cache of one token in one block.
    public var kvBytesPerTokenPerLayer: Int
    /// The same with keys and values in q8_0; nil if they are in q8_0 already.
    public var smallerKVBytesPerTokenPerLayer: Int?
    /// Tokens in the vocabulary.
    public var vocabulary: Int
    /// Scratch memory of every stage, for any slice.
    public var workspaceBytes: Int
    /// Additional scratch memory of the stage with the head.
    public var headWorkspaceBytes: Int

    /// The shape of a model. Multiply-adds that are not given are two per byte of weights, as with four-bit weights.
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
