import Foundation
import GGUF

/// Small models of every architecture, with plain float32 weights. Their logits are compared with those of an
/// independent computation: `Tests/TransformerTests/Oracle/make_fixtures.py` makes the same weights for the same cases.
public struct TinyArchitecture: Sendable, CustomStringConvertible {
    /// The case's name, and the name that seeds its weights.
    public var name: String, model: String
    /// Metadata and shapes; all have 3 blocks.
    public var architecture: String, width: Int, heads: Int, kvHeads: Int, headDimension: Int, feedForward: Int
    var base: Float, tied = false, factors = false
    var scaling: (type: String, factor: Float, original: UInt32?)?
    var tokenizer: TinyTokenizer

    /// Vocabulary size, and number of blocks.
    public static let vocabulary = 288, layers = 3

    static let qwen2 = TinyArchitecture(
        name: "qwen2", model: "qwen2", architecture: "qwen2", width: 128, heads: 4, kvHeads: 2, headDimension: 32,
        feedForward: 192,
        base: 10000, tokenizer: .deepSeek)
    static let llama = TinyArchitecture(
        name: "llama", model: "llama", architecture: "llama", width: 128, heads: 4, kvHeads: 1, headDimension: 32,
        feedForward: 192,
        base: 500_000, factors: true, tokenizer: .llama)

    /// All cases.
    public static let all: [TinyArchitecture] = {
        var yarn = qwen2, linear = llama
        yarn.name = "qwen2-yarn"
        yarn.scaling = ("yarn", 4, 256)
        (linear.name, linear.model, linear.factors) = ("llama-linear", "llama-linear", false)
        linear.scaling = ("linear", 2.5, nil)
        let qwen3 = TinyArchitecture(
            name: "qwen3", model: "qwen3", architecture: "qwen3", width: 96, heads: 4, kvHeads: 2, headDimension: 64,
            feedForward: 160, base: 1_000_000, tied: true, tokenizer: .qwen)
        return [qwen2, yarn, qwen3, llama, linear]
    }()

    /// The case of that name.
    public static func named(_ name: String) -> TinyArchitecture { all.first { $0.name == name }! }

    public var description: String { name }

    /// Path of the model's file, which is written once.
    public func path() throws -> String {
        let path = NSTemporaryDirectory() + "brigade-tiny-architecture-v1-\(name).gguf"
        try Self.lock.withLock {
            if FileManager.default.fileExists(atPath: path) { return }
            try file().write(to: path)
        }
        return path
    }

    private static let lock = NSLock()

    /// The contents of the model's file.
    public func file() throws -> GGUFWriter {
        var writer = GGUFWriter()
        try writer.set("general.architecture", .string(architecture))
        try writer.set("general.name", .string("tiny \(name)"))
        let numbers: [(String, Int)] = [
            ("block_count", Self.layers), ("context_length", 1024), ("embedding_length", width),
            ("feed_forward_length", feedForward),
            ("attention.head_count", heads), ("attention.head_count_kv", kvHeads),
            ("attention.key_length", headDimension),
            ("attention.value_length", headDimension), ("rope.dimension_count", headDimension),
        ]
        for (key, value) in numbers { try writer.set("\(architecture).\(key)", .uint32(UInt32(value))) }
        try writer.set("\(architecture).rope.freq_base", .float32(base))
        try writer.set("\(architecture).attention.layer_norm_rms_epsilon", .float32(1e-5))
        if let scaling {
            try writer.set("\(architecture).rope.scaling.type", .string(scaling.type))
            try writer.set("\(architecture).rope.scaling.factor", .float32(scaling.factor))
            if let original = scaling.original {
                try writer.set("\(architecture).rope.scaling.original_context_length", .uint32(original))
            }
        }
        try tokenizer.write(to: &writer, vocabulary: Self.vocabulary)
        try addTensors(&writer)
        return writer
    }

    private func addTensors(_ writer: inout GGUFWriter) throws {
        let q = heads * headDimension, kv = kvHeads * headDimension
        func matrix(_ name: String, _ inputs: Int, _ outputs: Int, _ gain: Double) throws {
            let deviation = gain * (3 / Double(inputs)).squareRoot()
            try writer.add(
                name, .f32, shape: [inputs, outputs], bytes: draw(name, inputs * outputs) { deviation * $0 })
        }
        func vector(_ name: String, _ count: Int, _ mean: Double, _ deviation: Double) throws {
            try writer.add(name, .f32, shape: [count], bytes: draw(name, count) { mean + deviation * $0 })
        }
        try matrix("token_embd.weight", width, Self.vocabulary, tied ? 2 : Double(width).squareRoot())
        try vector("output_norm.weight", width, 1, 0.3)
        if !tied { try matrix("output.weight", width, Self.vocabulary, 2) }
        if factors {
            let count = headDimension / 2
            let values = (0..<count).map { Float(1 + 7 * Double($0) / Double(count - 1)) }
            try writer.add("rope_freqs.weight", .f32, shape: [count], bytes: values.flatMap(Self.bytes))
        }
        for layer in 0..<Self.layers {
            let p = "blk.\(layer)."
            try vector(p + "attn_norm.weight", width, 1, 0.3)
            try vector(p + "ffn_norm.weight", width, 1, 0.3)
            if architecture == "qwen2" {
                try vector(p + "attn_q.bias", q, 0, 0.5)
                try vector(p + "attn_k.bias", kv, 0, 0.5)
                try vector(p + "attn_v.bias", kv, 0, 0.5)
            }
            if architecture == "qwen3" {
                try vector(p + "attn_q_norm.weight", headDimension, 1.5, 0.5)
                try vector(p + "attn_k_norm.weight", headDimension, 1, 0.5)
            }
            try matrix(p + "attn_q.weight", width, q, 1.5)
            try matrix(p + "attn_k.weight", width, kv, 1.5)
            try matrix(p + "attn_v.weight", width, kv, 1)
            try matrix(p + "attn_output.weight", q, width, 1)
            try matrix(p + "ffn_gate.weight", width, feedForward, 1)
            try matrix(p + "ffn_up.weight", width, feedForward, 1)
            try matrix(p + "ffn_down.weight", feedForward, width, 1.5)
        }
    }

    /// The tensor's weights: `weight` maps numbers from -1 to 1, drawn by SplitMix64 seeded with FNV-1a of its name.
    private func draw(_ tensor: String, _ count: Int, _ weight: (Double) -> Double) -> [UInt8] {
        var seed: UInt64 = 14_695_981_039_346_656_037
        for byte in "\(model)/\(tensor)".utf8 { seed = (seed ^ UInt64(byte)) &* 1_099_511_628_211 }
        var random = TinyModel.Generator(state: seed), bytes: [UInt8] = []
        bytes.reserveCapacity(4 * count)
        for _ in 0..<count { bytes += Self.bytes(Float(weight(random.uniform()))) }
        return bytes
    }

    private static func bytes(_ value: Float) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
}
