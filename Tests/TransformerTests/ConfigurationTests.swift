import GGUF
import Kernels
import Testing
import TinyModel
import Transformer

/// A file that is not a complete model of a known architecture is refused with a message that names the problem.
struct ConfigurationTests {
    /// A file with the metadata of a small model, with one key changed, added, or (value nil) left out.
    static func file(_ key: String?, _ value: GGUFValue?) throws -> GGUFFile {
        var writer = GGUFWriter()
        let keys: [(String, GGUFValue)] = [
            ("general.architecture", .string("qwen2")), ("qwen2.block_count", .uint32(1)),
            ("qwen2.context_length", .uint32(64)), ("qwen2.embedding_length", .uint32(64)),
            ("qwen2.feed_forward_length", .uint32(64)), ("qwen2.attention.head_count", .uint32(2)),
            ("qwen2.attention.head_count_kv", .uint32(1)), ("qwen2.attention.layer_norm_rms_epsilon", .float32(1e-6)),
            ("qwen2.rope.freq_base", .float32(10000)),
        ]
        for (name, original) in keys where name != key || value != nil {
            try writer.set(name, name == key ? value! : original)
        }
        if let key, let value, !keys.contains(where: { $0.0 == key }) { try writer.set(key, value) }
        try writer.add("token_embd.weight", .f32, shape: [64, 8], bytes: [UInt8](repeating: 0, count: 64 * 8 * 4))
        return try GGUFFile(bytes: writer.serialized())
    }

    @Test func wholeMetadataIsRead() throws {
        let c = try ModelConfiguration(Self.file(nil, nil))
        #expect(c.layers == 1 && c.headDimension == 32 && c.vocabulary == 8 && c.tiedHead)
    }

    @Test(arguments: [
        ("general.architecture", GGUFValue.string("mamba"), "runs only qwen2"),
        ("general.architecture", .string("llama"), "llama.block_count"),
        ("qwen2.block_count", .uint32(0), "block_count"), ("qwen2.block_count", .uint32(4_000_000), "block_count"),
        ("qwen2.attention.head_count", .uint32(0), "head_count"),
        ("qwen2.attention.head_count", .uint32(3), "head_count"),
        ("qwen2.attention.head_count_kv", .uint32(0), "head_count_kv"),
        ("qwen2.embedding_length", .uint32(48), "embedding_length"),
        ("qwen2.rope.scaling.type", .string("longrope"), "expected none, linear or yarn"),
        ("qwen2.rope.scaling.type", .string("yarn"), "qwen2.rope.scaling.factor"),
        ("qwen2.context_length", .string("long"), "context_length"),
        ("qwen2.attention.key_length", .uint32(48), "heads of 48"),
        ("qwen2.attention.key_length", .uint32(1024), "heads of 1024"),
        ("qwen2.rope.dimension_count", .uint32(16), "dimension_count is 16"),
        ("qwen2.attention.value_length", .uint32(64), "value_length is 64"),
        ("qwen2.rope.freq_base", .float32(.nan), "freq_base"),
    ])
    func badMetadataIsNamed(key: String, value: GGUFValue, named: String) throws {
        let file = try Self.file(key, value)
        let error = #expect(throws: ModelError.self) { try ModelConfiguration(file) }
        #expect(error.map { "\($0)".contains(named) } == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test(arguments: [
        "qwen2.block_count", "qwen2.embedding_length", "general.architecture", "qwen2.attention.layer_norm_rms_epsilon",
    ])
    func aMissingKeyIsNamed(key: String) throws {
        let file = try Self.file(key, nil)
        let error = #expect(throws: ModelError.self) { try ModelConfiguration(file) }
        #expect(error.map { "\($0)".contains(key) } == true)
    }

    /// The configuration of a file with YaRN, after `change` to the scaling's keys.
    static func scaled(_ change: (inout [String: GGUFValue]) -> Void = { _ in }) throws -> ModelConfiguration {
        var keys: [String: GGUFValue] = [
            "type": .string("yarn"), "factor": .float32(4), "original_context_length": .uint32(32768),
        ]
        change(&keys)
        var writer = try TinyArchitecture.named("qwen2").file()
        for (key, value) in keys { try writer.set("qwen2.rope.scaling." + key, value) }
        return try ModelConfiguration(GGUFFile(bytes: writer.serialized()))
    }

    @Test func aFilesRopeScalingIsRead() throws {
        let plain = try Self.scaled(),
            all = try Self.scaled {
                ($0["attn_factor"], $0["yarn_beta_fast"], $0["yarn_beta_slow"]) = (
                    .float32(0.5), .float32(16), .float32(2)
                )
            }
        #expect(plain.ropeScaling == .yarn(.init(factor: 4, originalContext: 32768)))
        #expect(plain.contextLength == 1024 && plain.longestContext == 131072)
        #expect(
            all.ropeScaling
                == .yarn(.init(factor: 4, originalContext: 32768, attentionFactor: 0.5, betaFast: 16, betaSlow: 2)))
        #expect(try Self.scaled { $0["attn_factor"] = .float32(0) } == plain)
        let linear = try Self.scaled { $0["type"] = .string("linear") }
        #expect(linear.ropeScaling == .linear(factor: 4) && linear.longestContext == 4096)
        let none = try plain.scaled(.none)
        #expect(none.ropeScaling == .none && none.longestContext == 1024)
    }

    @Test(arguments: [
        ("factor", GGUFValue.float32(0), "factor is 0.0"), ("factor", .float32(.nan), "factor is nan"),
        ("factor", .float32(1e9), "factor"), ("original_context_length", .uint32(0), "original context is 0.0"),
        ("yarn_beta_fast", .float32(0.5), "fast beta is 0.5"), ("yarn_beta_slow", .float32(-1), "slow beta"),
        ("attn_factor", .float32(.infinity), "attention factor is inf"),
        ("yarn_ext_factor", .float32(0.5), "yarn_ext_factor is 0.5"),
    ])
    func senselessRopeScalingIsNamed(key: String, value: GGUFValue, named: String) throws {
        let error = #expect(throws: ModelError.self) { try Self.scaled { $0[key] = value } }
        #expect(error.map { "\($0)".contains(named) } == true, "\(error.map { "\($0)" } ?? "")")
    }

    /// Such a tensor would be ignored silently, and the answers would be wrong.
    @Test(arguments: ["blk.0.attn_q_norm.weight", "blk.0.ffn_gate_inp.weight", "blk.0.attn_output.bias"])
    func aTensorThatTheArchitectureHasNotIsNamed(tensor: String) throws {
        var writer = try TinyArchitecture.named("llama").file()
        try writer.add(tensor, .f32, shape: [32], bytes: [UInt8](repeating: 0, count: 128))
        let file = try GGUFFile(bytes: writer.serialized())
        let error = #expect(throws: ModelError.self) { try ModelConfiguration(file) }
        #expect(error.map { "\($0)".contains(tensor) } == true)
    }

    @Test func rotaryFactorsThatAreNoNumbersAboveZeroAreRefused() throws {
        var writer = try TinyArchitecture.named("llama-linear").file()
        try writer.add("rope_freqs.weight", .f32, shape: [16], bytes: [UInt8](repeating: 0, count: 64))
        let file = try GGUFFile(bytes: writer.serialized()), engine = try ComputeEngine(threads: 1)
        let error = #expect(throws: ModelError.self) {
            try Slice(file, SliceDescription(layers: 0..<1, hasHead: false, kvBlocks: 1), engine: engine)
        }
        #expect(error.map { "\($0)".contains("rope_freqs.weight") } == true)
    }

    @Test func aSliceOfMissingTensorsIsNamed() throws {
        let file = try Self.file(nil, nil), engine = try ComputeEngine(threads: 1)
        let error = #expect(throws: ModelError.self) {
            try Slice(file, SliceDescription(layers: 0..<1, hasHead: false, kvBlocks: 1), engine: engine)
        }
        #expect(error.map { "\($0)".contains("blk.0.") } == true)
    }
}
