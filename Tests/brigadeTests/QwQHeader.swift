import Foundation

/// A file with QwQ-32B's header and nothing behind it: sparse, so that its 19.8 GB take no room. Enough to plan with.
enum QwQHeader {
    /// Writes it. Shapes and types as in Ollama's `qwq`: Q4_K, with Q6_K for the head and half of `attn_v` and
    /// `ffn_down`.
    static func write(to path: String) throws {
        let width = 5120, kv = 1024, feedForward = 27648, vocabulary = 152064, layers = 64
        let f32 = (0, 1, 4), q4 = (12, 256, 144), q6 = (14, 256, 210)  // GGUF's number, weights and bytes of a block
        typealias Kind = (Int, Int, Int)
        var tensors: [(String, [Int], Kind)] = [("token_embd.weight", [width, vocabulary], q4)]
        for layer in 0..<layers {
            let p = "blk.\(layer).", better: Kind = layer < 8 || layer >= 56 || layer % 3 == 0 ? q6 : q4
            tensors += [
                (p + "attn_norm.weight", [width], f32), (p + "ffn_norm.weight", [width], f32),
                (p + "attn_q.weight", [width, width], q4), (p + "attn_q.bias", [width], f32),
                (p + "attn_k.weight", [width, kv], q4), (p + "attn_k.bias", [kv], f32),
                (p + "attn_v.weight", [width, kv], better), (p + "attn_v.bias", [kv], f32),
                (p + "attn_output.weight", [width, width], q4), (p + "ffn_gate.weight", [width, feedForward], q4),
                (p + "ffn_up.weight", [width, feedForward], q4), (p + "ffn_down.weight", [feedForward, width], better),
            ]
        }
        tensors += [("output_norm.weight", [width], f32), ("output.weight", [width, vocabulary], q6)]
        let numbers: [(String, Int)] = [
            ("block_count", layers), ("embedding_length", width), ("feed_forward_length", feedForward),
            ("attention.head_count", 40),
            ("attention.head_count_kv", 8), ("context_length", 131072),
        ]
        let floats: [(String, Float)] = [("attention.layer_norm_rms_epsilon", 1e-5), ("rope.freq_base", 1e6)]

        var bytes = Data("GGUF".utf8)
        func number<T: FixedWidthInteger>(_ value: T) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        func text(_ value: String) {
            number(UInt64(value.utf8.count))
            bytes.append(contentsOf: value.utf8)
        }
        number(UInt32(3))
        number(UInt64(tensors.count))
        number(UInt64(2 + numbers.count + floats.count))
        for (key, value) in [("general.architecture", "qwen2"), ("general.name", "QwQ 32B")] {
            text(key)
            number(UInt32(8))
            text(value)
        }
        for (key, value) in numbers {
            text("qwen2." + key)
            number(UInt32(4))
            number(UInt32(value))
        }
        for (key, value) in floats {
            text("qwen2." + key)
            number(UInt32(6))
            number(value.bitPattern)
        }
        var offset = 0
        for (name, shape, (kind, weights, size)) in tensors {
            text(name)
            number(UInt32(shape.count))
            for dimension in shape { number(UInt64(dimension)) }
            number(UInt32(kind))
            number(UInt64(offset))
            offset += (shape.reduce(1, *) / weights * size + 31) / 32 * 32
        }
        bytes.append(Data(count: (32 - bytes.count % 32) % 32))
        try bytes.write(to: URL(fileURLWithPath: path))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.truncate(atOffset: UInt64(bytes.count + offset))
        try file.close()
    }
}
