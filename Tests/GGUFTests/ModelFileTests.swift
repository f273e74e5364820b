import Foundation
import Testing

@testable import GGUF

/// Tests with real models; environment variables give their paths.
struct ModelFileTests {
    static let paths = ["BRIGADE_MODEL_0_5B", "BRIGADE_MODEL_1_5B"].compactMap {
        ProcessInfo.processInfo.environment[$0]
    }

    @Test(.enabled(if: !paths.isEmpty), arguments: paths)
    func opensAModelAndItsVocabulary(path: String) throws {
        let file = try GGUFFile(path: path)
        #expect(try file.architecture(oneOf: ["qwen2"]) == "qwen2")
        let width = try file.int("qwen2.embedding_length")
        let layers = try file.int("qwen2.block_count")
        let tokens = try file.strings("tokenizer.ggml.tokens")
        #expect(try file.ints("tokenizer.ggml.token_type").count == tokens.count)
        #expect(try file.strings("tokenizer.ggml.merges").allSatisfy { $0.contains(" ") })
        #expect(try file.tensor("token_embd.weight", shape: [width, tokens.count]).rowCount == tokens.count)
        for layer in 0..<layers {
            let norm = try file.floats(of: file.tensor("blk.\(layer).attn_norm.weight", shape: [width]))
            #expect(norm.allSatisfy { $0.isFinite })
        }
    }

    @Test(.enabled(if: !paths.isEmpty), arguments: paths)
    func rowsAreSlicesOfTheWholeTensor(path: String) throws {
        let file = try GGUFFile(path: path)
        var row: [Float] = []
        for name in ["blk.0.attn_k.weight", "blk.1.attn_v.weight"] {
            let tensor = try file.tensor(name)
            let whole = try file.floats(of: tensor)
            for index in [0, tensor.rowCount / 2, tensor.rowCount - 1] {
                file.row(index, of: tensor, into: &row)
                #expect(row == [Float](whole[index * tensor.rowLength..<(index + 1) * tensor.rowLength]))
            }
        }
    }
}
