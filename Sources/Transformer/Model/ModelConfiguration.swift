import GGUF
import Kernels

/// The facts about a model from its file's metadata. No other part of Brigade depends on which model it runs.
public struct ModelConfiguration: Sendable, Equatable {
    /// The kind of model.
    public var architecture: Architecture
    /// `general.name`, for people.
    public var name: String
    /// The number of transformer blocks.
    public var layers: Int
    /// Floats in a row of the residual stream, and in an inner row of the feed-forward.
    public var width: Int, feedForward: Int
    /// Query heads, key/value heads, and floats per head.
    public var heads: Int, kvHeads: Int, headDimension: Int
    /// Tokens in the vocabulary, padding included.
    public var vocabulary: Int
    /// The context that the file states, in tokens; `longestContext` takes the rope scaling into account.
    public var contextLength: Int
    /// The base of the rotary frequencies, and the rope scaling of the file or of the plan.
    public var ropeBase: Double, ropeScaling: RopeScaling
    /// Added to the mean square under the root of RMSNorm.
    public var epsilon: Float
    /// Whether the output matrix is the embedding table itself.
    public var tiedHead: Bool

    /// Values of all query heads in a row.
    public var queryWidth: Int { heads * headDimension }
    /// Values of all key heads, or of all value heads, in a row.
    public var kvWidth: Int { kvHeads * headDimension }

    /// Reads the keys of the architecture.
    ///
    /// - Throws: `unsupported` for another architecture or sizes that do not fit each other, `file` for a missing key.
    public init(_ file: GGUFFile) throws(ModelError) {
        do {
            let found = try file.string("general.architecture")
            guard let architecture = Architecture(rawValue: found) else {
                throw ModelError.unsupported(
                    """
                    the file's general.architecture is "\(found)", but this version runs only \
                    \(Architecture.supported). Use a model of one of these.
                    """
                )
            }
            self.architecture = architecture
            func key(_ name: String) -> String { architecture.rawValue + "." + name }
            name = (try? file.string("general.name")) ?? "unnamed"
            layers = try file.int(key("block_count"))
            width = try file.int(key("embedding_length"))
            feedForward = try file.int(key("feed_forward_length"))
            heads = try file.int(key("attention.head_count"))
            kvHeads =
                file.contains(key("attention.head_count_kv")) ? try file.int(key("attention.head_count_kv")) : heads
            contextLength = try file.int(key("context_length"))
            epsilon = try file.float(key("attention.layer_norm_rms_epsilon"))
            ropeBase = file.contains(key("rope.freq_base")) ? Double(try file.float(key("rope.freq_base"))) : 10000
            ropeScaling = try Self.ropeScaling(of: file, key(""))
            // A slice that was sent to a worker has neither table, but has a key for the size.
            let head = file.tensors.first { $0.name == "output.weight" }
            if let table = head ?? file.tensors.first(where: { $0.name == "token_embd.weight" }) {
                vocabulary = table.rowCount
            } else {
                vocabulary = try file.int(key("vocab_size"))
            }
            tiedHead = head == nil
            headDimension = heads > 0 ? width / heads : 0
            if file.contains(key("attention.key_length")) { headDimension = try file.int(key("attention.key_length")) }
        } catch { throw ModelError(error) }
        try check(file)
    }

    private func check(_ file: GGUFFile) throws(ModelError) {
        func demand(_ holds: Bool, _ sentence: String) throws(ModelError) {
            if !holds { throw .unsupported("the file's metadata does not go together: " + sentence) }
        }
        let p = architecture.rawValue + "."
        try demand((1...4096).contains(layers), "\(p)block_count is \(layers), expected 1 to 4096.")
        try demand((32...65536).contains(width), "\(p)embedding_length is \(width), expected 32 to 65536.")
        try demand(
            (1...1 << 20).contains(feedForward), "\(p)feed_forward_length is \(feedForward), expected 1 to 1048576.")
        try demand((1...1024).contains(heads), "\(p)attention.head_count is \(heads), expected 1 to 1024.")
        try demand(
            kvHeads >= 1 && heads % kvHeads == 0,
            "\(p)attention.head_count_kv is \(kvHeads), expected a divisor of head_count \(heads).")
        try demand(
            (32...512).contains(headDimension) && headDimension % 32 == 0,
            """
            embedding_length \(width), head_count \(heads) and key_length give heads of \(headDimension), expected a \
            multiple of 32, at most 512.
            """
        )
        for other in ["attention.value_length", "rope.dimension_count"] where file.contains(p + other) {
            let found = (try? file.int(p + other)) ?? 0
            try demand(found == headDimension, "\(p)\(other) is \(found), expected the heads' \(headDimension).")
        }
        try demand(
            (1...1 << 20).contains(vocabulary), "the vocabulary has \(vocabulary) tokens, expected 1 to 1048576.")
        try demand(
            (1...1 << 24).contains(contextLength), "\(p)context_length is \(contextLength), expected 1 to 16777216.")
        try demand(epsilon > 0 && epsilon < 1, "layer_norm_rms_epsilon is \(epsilon), expected between 0 and 1.")
        try demand(
            ropeBase > 1 && ropeBase < 1e12, "\(p)rope.freq_base is \(ropeBase), expected above 1 and below 1e12.")
        try checkTensors(file)
    }

    /// Refuses tensors that would not be read: such a model has another structure, and its answers would be wrong.
    private func checkTensors(_ file: GGUFFile) throws(ModelError) {
        let known = Set(matrices(ofLayer: 0).map(\.name) + vectors(ofLayer: 0).map(\.name))
        for tensor in file.tensors where tensor.name.hasPrefix("blk.0.") && !known.contains(tensor.name) {
            throw .unsupported(
                """
                the file has a tensor \(tensor.name), which no \(architecture.rawValue) model has that this version \
                runs (mixtures of experts and other variants are not). It runs \(Architecture.supported).
                """
            )
        }
    }

    /// Bytes of one KV block of one layer.
    public func kvBlockBytes(_ type: KVType) -> Int {
        KVLayer.blockBytes(kvHeads: kvHeads, headDimension: headDimension, type: type)
    }
}
