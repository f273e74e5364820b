import Foundation
import GGUF

/// A model file with the structure of QwQ-32B (five query heads per key/value head, biases, an untied head, the Q4_K_M
/// mix of types), small enough for tests (width 1280). Its weights are random but seeded, and scaled so that
/// activations stay finite.
public enum TinyModel {
    /// The model's width and vocabulary size.
    public static let width = 1280, vocabulary = 512

    /// Path of a file with that many layers. It is written once; the system removes it with other temporary files.
    public static func path(layers: Int = 7, seed: UInt64 = 1) throws -> String {
        let path = NSTemporaryDirectory() + "brigade-tiny-v1-\(layers)-\(seed).gguf"
        try lock.withLock {
            if FileManager.default.fileExists(atPath: path) { return }
            try make(layers: layers, seed: seed).write(to: path)
        }
        return path
    }

    private static let lock = NSLock()

    private static func make(layers: Int, seed: UInt64) throws -> GGUFWriter {
        var writer = GGUFWriter(), random = Generator(state: seed)
        try writer.set("general.architecture", .string("qwen2"))
        try writer.set("general.name", .string("QwQ 32B shape, tiny \(seed)"))
        let numbers: [(String, UInt32)] = [
            ("block_count", UInt32(layers)), ("context_length", 32768), ("embedding_length", UInt32(width)),
            ("feed_forward_length", 2560), ("attention.head_count", 10), ("attention.head_count_kv", 2),
        ]
        for (key, value) in numbers { try writer.set("qwen2." + key, .uint32(value)) }
        try writer.set("qwen2.rope.freq_base", .float32(1_000_000))
        try writer.set("qwen2.attention.layer_norm_rms_epsilon", .float32(1e-5))
        try TinyTokenizer.qwen.write(to: &writer, vocabulary: vocabulary)

        let g = 1 / Double(width).squareRoot(), deep = 1 / Double(2 * layers).squareRoot()
        try add(&writer, "token_embd.weight", [width, vocabulary], .q4_K, 1, &random)
        try addFloats(&writer, "output_norm.weight", width, 1, &random)
        try add(&writer, "output.weight", [width, vocabulary], .q6_K, 2 * g, &random)
        for layer in 0..<layers {
            let p = "blk.\(layer).", more: GGUFTensorType = layer % 2 == 0 ? .q6_K : .q4_K
            try addFloats(&writer, p + "attn_norm.weight", width, 1, &random)
            try addFloats(&writer, p + "ffn_norm.weight", width, 1, &random)
            try add(&writer, p + "attn_q.weight", [width, width], .q4_K, 1.5 * g, &random)
            try addFloats(&writer, p + "attn_q.bias", width, 0, &random)
            try add(&writer, p + "attn_k.weight", [width, 256], .q4_K, 1.5 * g, &random)
            try addFloats(&writer, p + "attn_k.bias", 256, 0, &random)
            try add(&writer, p + "attn_v.weight", [width, 256], more, g, &random)
            try addFloats(&writer, p + "attn_v.bias", 256, 0, &random)
            try add(&writer, p + "attn_output.weight", [width, width], .q4_K, 2 * deep * g, &random)
            try add(&writer, p + "ffn_gate.weight", [width, 2560], .q4_K, g, &random)
            try add(&writer, p + "ffn_up.weight", [width, 2560], .q4_K, g, &random)
            try add(&writer, p + "ffn_down.weight", [2560, width], more, 3 * deep / 2560.0.squareRoot(), &random)
        }
        return writer
    }

    private static func addFloats(
        _ writer: inout GGUFWriter, _ name: String, _ count: Int, _ mean: Float, _ random: inout Generator
    ) throws {
        var bytes: [UInt8] = []
        for _ in 0..<count {
            let value = mean + 0.1 * Float(random.uniform())
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
        try writer.add(name, .f32, shape: [count], bytes: bytes)
    }

    /// Adds a tensor of random Q4_K or Q6_K blocks. Their weights have about the standard deviation `deviation`.
    private static func add(
        _ writer: inout GGUFWriter, _ name: String, _ shape: [Int], _ type: GGUFTensorType, _ deviation: Double,
        _ random: inout Generator
    ) throws {
        let blocks = shape[0] * shape[1] / 256
        var bytes: [UInt8] = []
        bytes.reserveCapacity(blocks * type.bytesPerBlock)
        func half(_ x: Double) -> [UInt8] {
            let bits = Float16(x).bitPattern
            return [UInt8(truncatingIfNeeded: bits), UInt8(bits >> 8)]
        }
        for _ in 0..<blocks {
            if type == .q4_K {
                let d = deviation / (32 * 4.61)
                let scales = (0..<8).map { _ in UInt8(16 + random.next() % 32) }
                let minima = scales  // with dmin = 7.5 d, the weights have zero mean
                bytes += half(d) + half(7.5 * d)
                for i in 0..<4 { bytes.append(scales[i] | (scales[i + 4] >> 4) << 6) }
                for i in 0..<4 { bytes.append(minima[i] | (minima[i + 4] >> 4) << 6) }
                for i in 0..<4 { bytes.append((scales[i + 4] & 15) | (minima[i + 4] & 15) << 4) }
                random.append(128, to: &bytes)
            } else {
                random.append(192, to: &bytes)
                for _ in 0..<16 {
                    let scale = Int8(16 + random.next() % 48)
                    bytes.append(UInt8(bitPattern: random.next() & 1 == 0 ? scale : -scale))
                }
                bytes += half(deviation / (42 * 18.5))
            }
        }
        try writer.add(name, type, shape: shape, bytes: bytes)
    }

    /// SplitMix64.
    struct Generator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }

        mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-52 - 1 }

        mutating func append(_ count: Int, to bytes: inout [UInt8]) {
            for _ in 0..<(count / 8) {
                let x = next()
                for i in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: x >> (8 * UInt64(i)))) }
            }
        }
    }
}
