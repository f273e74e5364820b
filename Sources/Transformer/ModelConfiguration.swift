import GGUF
import Kernels

/// The facts about a model that its file's metadata states. Nothing else in Brigade knows which model it runs.
public struct ModelConfiguration: Sendable, Equatable {
    /// `general.name`, for people to read.
    public var name: String
    /// How many transformer blocks.
    public var layers: Int
    /// Floats in a row of the residual stream, and in the feed-forward's inner rows.
    public var width: Int, feedForward: Int
    /// Query heads, key/value heads, and floats per head.
    public var heads: Int, kvHeads: Int, headDimension: Int
    /// Tokens in the vocabulary, padding included.
    public var vocabulary: Int
    /// The longest context the model was made for, in tokens.
    public var contextLength: Int
    /// Base of the rotary frequencies.
    public var ropeBase: Double
    /// Added to the mean square under RMSNorm's root.
    public var epsilon: Float
    /// Whether the output matrix is the embedding table itself.
    public var tiedHead: Bool

    /// Reads `qwen2.*`. A foreign architecture, a missing key and sizes that do not go together are errors.
    public init(_ file: GGUFFile) throws(ModelError) {
        do {
            let architecture = try file.string("general.architecture")
            guard architecture == "qwen2" else {
                throw ModelError.unsupported(
                    "the file's general.architecture is \"\(architecture)\", expected \"qwen2\": Brigade runs QwQ and the Qwen2 and Qwen2.5 family.")
            }
            func key(_ name: String) -> String { "qwen2." + name }
            name = (try? file.string("general.name")) ?? "unnamed"
            layers = try file.int(key("block_count"))
            width = try file.int(key("embedding_length"))
            feedForward = try file.int(key("feed_forward_length"))
            heads = try file.int(key("attention.head_count"))
            kvHeads = file.contains(key("attention.head_count_kv")) ? try file.int(key("attention.head_count_kv")) : heads
            contextLength = try file.int(key("context_length"))
            epsilon = try file.float(key("attention.layer_norm_rms_epsilon"))
            ropeBase = file.contains(key("rope.freq_base")) ? Double(try file.float(key("rope.freq_base"))) : 10000
            // A slice sent to a worker has neither table, but states the size.
            let head = file.tensors.first { $0.name == "output.weight" }
            if let table = head ?? file.tensors.first(where: { $0.name == "token_embd.weight" }) {
                vocabulary = table.rowCount
            } else {
                vocabulary = try file.int(key("vocab_size"))
            }
            tiedHead = head == nil
            headDimension = heads > 0 ? width / heads : 0
            if file.contains(key("attention.key_length")) { headDimension = try file.int(key("attention.key_length")) }
        } catch let error as GGUFError {
            throw .file(error)
        } catch let error as ModelError {
            throw error
        } catch {
            throw .unsupported("\(error)")
        }
        try check(file)
    }

    private func check(_ file: GGUFFile) throws(ModelError) {
        func demand(_ holds: Bool, _ sentence: String) throws(ModelError) {
            if !holds { throw .unsupported("the file's metadata does not go together: " + sentence) }
        }
        try demand((1...4096).contains(layers), "qwen2.block_count is \(layers), expected 1 to 4096.")
        try demand((32...65536).contains(width), "qwen2.embedding_length is \(width), expected 32 to 65536.")
        try demand((1...1 << 20).contains(feedForward), "qwen2.feed_forward_length is \(feedForward), expected 1 to 1048576.")
        try demand((1...1024).contains(heads), "qwen2.attention.head_count is \(heads), expected 1 to 1024.")
        try demand(
            kvHeads >= 1 && heads % kvHeads == 0,
            "qwen2.attention.head_count_kv is \(kvHeads), expected a divisor of head_count \(heads).")
        try demand(
            headDimension * heads == width && headDimension % 32 == 0 && headDimension <= 512,
            "embedding_length \(width) over head_count \(heads) gives heads of \(headDimension), expected a multiple of 32, at most 512.")
        try demand((1...1 << 20).contains(vocabulary), "the vocabulary has \(vocabulary) tokens, expected 1 to 1048576.")
        try demand((1...1 << 24).contains(contextLength), "qwen2.context_length is \(contextLength), expected 1 to 16777216.")
        try demand(epsilon > 0 && epsilon < 1, "layer_norm_rms_epsilon is \(epsilon), expected between 0 and 1.")
        try demand(ropeBase >= 1 && ropeBase < 1e12, "qwen2.rope.freq_base is \(ropeBase), expected 1 to 1e12.")
        if let scaling = try? file.string("qwen2.rope.scaling.type"), scaling != "none" {
            throw .unsupported(
                "the file asks for rope scaling \"\(scaling)\", which this version does not apply; without it the model would answer wrongly beyond its original context. Use a file without qwen2.rope.scaling.type.")
        }
    }

    /// Bytes of KV cache per block of positions and layer.
    public func kvBlockBytes(_ type: KVType) -> Int {
        KVLayer.blockBytes(kvHeads: kvHeads, headDimension: headDimension, type: type)
    }
}

/// Why a model or a slice of it cannot be loaded.
public enum ModelError: Error, CustomStringConvertible, Sendable {
    /// The file is not what it should be.
    case file(GGUFError)
    /// Memory, threads or a tensor's type.
    case kernel(KernelError)
    /// A model or a setting that Brigade does not run; the sentence says what was found and expected.
    case unsupported(String)

    public var description: String {
        switch self {
        case .file(let error): error.description
        case .kernel(let error): error.description
        case .unsupported(let sentence): sentence
        }
    }
}
