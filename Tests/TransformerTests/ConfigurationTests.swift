import GGUF
import Kernels
import Testing
import TinyModel
import Transformer

/// A file that is not a whole Qwen2 model is refused with a sentence that names what is wrong.
struct ConfigurationTests {
    /// The metadata of a small model, with one key changed or left out.
    static func file(_ key: String?, _ value: GGUFValue?) throws -> GGUFFile {
        var writer = GGUFWriter()
        let keys: [(String, GGUFValue)] = [
            ("general.architecture", .string("qwen2")), ("qwen2.block_count", .uint32(1)),
            ("qwen2.context_length", .uint32(64)), ("qwen2.embedding_length", .uint32(64)),
            ("qwen2.feed_forward_length", .uint32(64)), ("qwen2.attention.head_count", .uint32(2)),
            ("qwen2.attention.head_count_kv", .uint32(1)), ("qwen2.attention.layer_norm_rms_epsilon", .float32(1e-6)),
            ("qwen2.rope.freq_base", .float32(10000)),
        ]
        for (name, original) in keys where name != key || value != nil { try writer.set(name, name == key ? value! : original) }
        if let key, let value, !keys.contains(where: { $0.0 == key }) { try writer.set(key, value) }
        try writer.add("token_embd.weight", .f32, shape: [64, 8], bytes: [UInt8](repeating: 0, count: 64 * 8 * 4))
        return try GGUFFile(bytes: writer.serialized())
    }

    @Test func wholeMetadataIsRead() throws {
        let c = try ModelConfiguration(Self.file(nil, nil))
        #expect(c.layers == 1 && c.headDimension == 32 && c.vocabulary == 8 && c.tiedHead)
    }

    @Test(arguments: [
        ("general.architecture", GGUFValue.string("llama"), "llama"),
        ("qwen2.block_count", .uint32(0), "block_count"), ("qwen2.block_count", .uint32(4_000_000), "block_count"),
        ("qwen2.attention.head_count", .uint32(0), "head_count"), ("qwen2.attention.head_count", .uint32(3), "head_count"),
        ("qwen2.attention.head_count_kv", .uint32(0), "head_count_kv"), ("qwen2.embedding_length", .uint32(48), "embedding_length"),
        ("qwen2.rope.scaling.type", .string("yarn"), "yarn"), ("qwen2.context_length", .string("long"), "context_length"),
    ])
    func badMetadataIsNamed(key: String, value: GGUFValue, named: String) throws {
        let file = try Self.file(key, value)
        let error = #expect(throws: ModelError.self) { try ModelConfiguration(file) }
        #expect(error.map { "\($0)".contains(named) } == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test(arguments: ["qwen2.block_count", "qwen2.embedding_length", "general.architecture", "qwen2.attention.layer_norm_rms_epsilon"])
    func aMissingKeyIsNamed(key: String) throws {
        let file = try Self.file(key, nil)
        let error = #expect(throws: ModelError.self) { try ModelConfiguration(file) }
        #expect(error.map { "\($0)".contains(key) } == true)
    }

    @Test func aSliceOfMissingTensorsIsNamed() throws {
        let file = try Self.file(nil, nil), engine = try ComputeEngine(threads: 1)
        let error = #expect(throws: ModelError.self) {
            try Slice(file, SliceDescription(layers: 0..<1, hasHead: false, kvBlocks: 1), engine: engine)
        }
        #expect(error.map { "\($0)".contains("blk.0.") } == true)
    }
}
