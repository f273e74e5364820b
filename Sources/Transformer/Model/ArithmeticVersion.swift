import Candidates
import GGUF
import Kernels

/// The version of this build's arithmetic: a digest of the logits of a tiny model.
///
/// Two builds with the same digest give the same tokens, keys and values on any processors. Builds with different
/// digests never share a plan. The weights of the model come from a fixed generator, in the block formats of a Q4_K_M
/// file and a few others. Its text is longer than a KV block, and is computed once with each type of KV cache.
public enum ArithmeticVersion {
    /// The digest of this build, 16 hexadecimal digits. It is computed at first use, in some milliseconds.
    public static let current: String = {
        guard let digest = try? TinyModel().digest() else { preconditionFailure("the tiny model cannot be computed") }
        let text = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }()

    private struct TinyModel {
        private static let width = 256, vocabulary = 64, layers = 2, tokens = 80
        private var writer = GGUFWriter()
        private var state: UInt64 = 1

        init() throws {
            try writer.set("general.architecture", .string("qwen2"))
            let numbers: [(String, Int)] = [
                ("block_count", Self.layers), ("context_length", 1024), ("embedding_length", Self.width),
                ("feed_forward_length", 512), ("attention.head_count", 4), ("attention.head_count_kv", 2),
            ]
            for (key, value) in numbers { try writer.set("qwen2." + key, .uint32(UInt32(value))) }
            try writer.set("qwen2.rope.freq_base", .float32(10000))
            try writer.set("qwen2.attention.layer_norm_rms_epsilon", .float32(1e-5))
            try matrix("token_embd.weight", Self.width, Self.vocabulary, .q8_0)
            try vector("output_norm.weight", Self.width)
            try matrix("output.weight", Self.width, Self.vocabulary, .q6_K)
            for layer in 0..<Self.layers {
                let p = "blk.\(layer)."
                try vector(p + "attn_norm.weight", Self.width)
                try vector(p + "ffn_norm.weight", Self.width)
                try matrix(p + "attn_q.weight", Self.width, Self.width, .q4_K)
                try matrix(p + "attn_k.weight", Self.width, 128, layer == 0 ? .q4_K : .f16)
                try matrix(p + "attn_v.weight", Self.width, 128, layer == 0 ? .q6_K : .f32)
                for (name, count) in [("q", Self.width), ("k", 128), ("v", 128)] {
                    try vector(p + "attn_\(name).bias", count)
                }
                try matrix(p + "attn_output.weight", Self.width, Self.width, .q4_K)
                try matrix(p + "ffn_gate.weight", Self.width, 512, .q4_K)
                try matrix(p + "ffn_up.weight", Self.width, 512, .q8_0)
                try matrix(p + "ffn_down.weight", 512, Self.width, .q6_K)
            }
        }

        /// FNV-1a over the bits of all logits.
        func digest() throws -> UInt64 {
            let file = try GGUFFile(bytes: writer.serialized()), embedding = try file.tensor("token_embd.weight")
            let engine = try ComputeEngine(threads: 1)
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for type in [KVType.f16, .q8_0] {
                let description = SliceDescription(layers: 0..<Self.layers, hasHead: true, kvBlocks: 2, kvType: type)
                let slice = try Slice(file, description, engine: engine)
                var rows: [Float] = [], row: [Float] = []
                for i in 0..<Self.tokens {
                    file.row((i * 37 + 11) % Self.vocabulary, of: embedding, into: &row)
                    rows += row
                }
                slice.forward([RowRun(table: [1, 0], firstPosition: 0, count: Self.tokens)], rows: &rows)
                for answer in slice.logits((0..<Self.tokens).map { CandidateRequest(row: $0, top: 0) }, rows: rows) {
                    for value in answer.full + [answer.logSumExp] {
                        for shift in stride(from: UInt32(0), to: 32, by: 8) {
                            hash = (hash ^ UInt64(value.bitPattern >> shift & 255)) &* 0x100_0000_01b3
                        }
                    }
                }
            }
            return hash
        }

        /// SplitMix64.
        private mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }

        private mutating func random(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 24) }
        }

        private static func half(_ value: Float) -> [UInt8] {
            let bits = Float16(value).bitPattern
            return [UInt8(truncatingIfNeeded: bits), UInt8(bits >> 8)]
        }

        private static func single(_ value: Float) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
        }

        /// A random number from -1 to 1.
        private mutating func uniform() -> Float { Float(Int32(truncatingIfNeeded: next() >> 32)) * 0x1p-31 }

        private mutating func vector(_ name: String, _ count: Int) throws {
            let mean: Float = name.hasSuffix("bias") ? 0 : 1
            var bytes: [UInt8] = []
            for _ in 0..<count { bytes += Self.single(mean + 0.1 * uniform()) }
            try writer.add(name, .f32, shape: [count], bytes: bytes)
        }

        /// Random blocks whose weights have a magnitude of about 1/16, which is one over the root of the width.
        private mutating func matrix(_ name: String, _ inputs: Int, _ outputs: Int, _ type: GGUFTensorType) throws {
            var bytes: [UInt8] = []
            for _ in 0..<(inputs * outputs / type.blockSize) {
                switch type {
                case .q4_K: bytes += Self.half(0.0003) + Self.half(0.0024) + random(140)
                case .q6_K: bytes += random(208) + Self.half(0.00005)
                case .q8_0: bytes += Self.half(0.001) + random(32)
                case .f16: bytes += Self.half(0.1 * uniform())
                default: bytes += Self.single(0.1 * uniform())
                }
            }
            try writer.add(name, type, shape: [inputs, outputs], bytes: bytes)
        }
    }
}
