import Foundation
import GGUF
import Testing

@testable import Tokenizer

private let modelPath = ProcessInfo.processInfo.environment["BRIGADE_MODEL_0_5B"].flatMap { $0.isEmpty ? nil : $0 }
private let oraclePath = ProcessInfo.processInfo.environment["BRIGADE_ORACLES"].flatMap { $0.isEmpty ? nil : $0 }

/// Tests with a real Qwen2.5 file and a recorded list of texts with their tokens. Environment variables name both.
@Suite(.enabled(if: modelPath != nil))
struct RealVocabularyTests {
    /// Loaded once for all tests.
    private static let loaded = Result { () throws -> (tokenizer: Tokenizer, jinja: String) in
        let file = try GGUFFile(path: modelPath ?? "")
        let vocabulary = Vocabulary(
            tokens: try file.strings("tokenizer.ggml.tokens"), types: try file.ints("tokenizer.ggml.token_type"),
            merges: try file.strings("tokenizer.ggml.merges"), preTokenizer: try file.string("tokenizer.ggml.pre"),
            bos: try file.int("tokenizer.ggml.bos_token_id"), eos: try file.int("tokenizer.ggml.eos_token_id"),
            pad: try file.int("tokenizer.ggml.padding_token_id"), addBOS: try file.bool("tokenizer.ggml.add_bos_token"))
        return (try Tokenizer(vocabulary), try file.string("tokenizer.chat_template"))
    }

    private struct Line: Decodable {
        var text: String
        var tokens: [Int32]
    }

    @Test(.enabled(if: oraclePath != nil))
    func tokensEqualTheOraclesAndDecodeToTheText() throws {
        let tokenizer = try Self.loaded.get().tokenizer
        let url = URL(fileURLWithPath: oraclePath ?? "").appendingPathComponent("tokenizer_qwen2.jsonl")
        let lines = try Data(contentsOf: url).split(separator: 0x0A)
            .map { try JSONDecoder().decode(Line.self, from: $0) }
        #expect(lines.count == 600)
        for line in lines {
            let tokens = tokenizer.encode(line.text, parseSpecial: true)
            #expect(tokens == line.tokens, "\(line.text.debugDescription)")
            var decoder = StreamingDecoder(tokenizer, showsControlTokens: true)
            let text = tokens.map { decoder.append($0) }.joined() + decoder.finish()
            #expect(Array(text.utf8) == Array(line.text.utf8))
        }
        // All texts in one, long enough for the cache. Control tokens separate them.
        let joined = lines.map(\.text).joined(separator: "<|endoftext|>")
        let separator = try #require(tokenizer.token(named: "<|endoftext|>"))
        #expect(
            tokenizer.encode(joined, parseSpecial: true) == Array(lines.map(\.tokens).joined(separator: [separator])))
    }

    @Test func knowsTheModelsSpecialTokens() throws {
        let tokenizer = try Self.loaded.get().tokenizer
        #expect(tokenizer.count == 151936)
        #expect(tokenizer.token(named: "<|im_start|>") == 151644)
        #expect(tokenizer.endOfSequence == 151645)
        #expect(tokenizer.endOfGeneration == [151643, 151645])
        #expect(tokenizer.beginningOfSequence == nil)
        #expect(tokenizer.isControl(151645) && !tokenizer.isControl(151657) && !tokenizer.isControl(0))
        #expect(tokenizer.token(named: "Ġthe").map(tokenizer.bytes) == Array(" the".utf8))
    }

    @Test func runsTheModelsTemplate() throws {
        let (tokenizer, jinja) = try Self.loaded.get()
        let template = try ChatTemplate(jinja).with(tokenizer)
        let system = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."
        let messages = [ChatMessage(role: .user, content: "\n\nHi, <tool_call> there\n")]
        let prompt = try template.prompt(ChatRequest(messages)), text = prompt.text
        #expect(text.hasPrefix("<|im_start|>system\n\(system)<|im_end|>\n"))
        let tokens = tokenizer.encode(prompt)
        #expect(tokens == tokenizer.encode(text, parseSpecial: true))
        #expect(tokens.prefix(3) == [151644, 8948, 198])
        #expect(tokens.suffix(5) == [151645, 198, 151644, 77091, 198])
    }
}
