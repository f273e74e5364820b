import HummingbirdTesting
import JSON
import Sampling
import Testing

@testable import Serving

@Suite(.timeLimit(.minutes(1))) struct CompletionTests {
    @Test func aTextIsContinued() async throws {
        let fixture = try Fixture(.say(" world"))
        try await fixture.test { client async throws in
            let answer = try await client.post(
                "/v1/completions", ["model": "tiny", "prompt": "hello", "echo": true, "logprobs": 1, "max_tokens": 20]
            ).json
            #expect(answer["object"] == "text_completion" && answer.at("choices.0.text") == "hello world")
            #expect(answer.at("choices.0.logprobs.tokens")?.array?.compactMap(\.string).joined() == "hello world")
            #expect(fixture.generator.requests.first?.prompt == Fixture.tokenizer.encode("hello", parseSpecial: true))
        }
    }

    @Test func aPromptBeginsAsTheVocabularyWants() throws {
        let llama = try Fixture.other("llama", .llama3), text = llama.tokenizer.encode("hello", parseSpecial: true)
        let beginning = try #require(llama.tokenizer.beginningOfSequence)
        func prompt(_ prompt: JSONValue, _ model: ServedModel) throws -> [[Int32]] {
            try OpenAICompletion(RequestFields(["model": "tiny", "prompt": prompt]), model: model, client: "")
                .prompts.map(\.tokens)
        }
        for written: JSONValue in ["hello", "<|begin_of_text|>hello", ["hello"]] {
            #expect(try prompt(written, llama) == [[beginning] + text])
        }
        #expect(try prompt("", llama) == [[]] && prompt([1, 2], llama) == [[1, 2]])
        let plain = try Fixture.other("qwen3", .qwen3)
        #expect(try prompt("hello", plain) == [plain.tokenizer.encode("hello", parseSpecial: true)])
        let raw = RequestFields(["model": "tiny", "prompt": "hello", "raw": true])
        #expect(
            try OllamaRequest.generate(raw, model: llama, contextLength: 100, client: "").answer.prompt == [beginning]
                + text)
    }

    @Test func severalPromptsAreAnsweredInTheirOrder() async throws {
        let fixture = try Fixture(.say("x"))
        try await fixture.test { client async throws in
            let body: JSONValue = ["model": "tiny", "prompt": ["a", "b"], "n": 2]
            let answer = try await client.post("/v1/completions", body).json
            #expect(answer["choices"]?.array?.compactMap { $0["index"]?.int } == [0, 1, 2, 3])
            let events = try await client.post("/v1/completions", .object(body.members! + [.init("stream", true)]))
                .events
            #expect(Set(events.compactMap { $0.at("choices.0.index")?.int }) == [0, 1, 2, 3])
            #expect(try await client.post("/v1/completions", ["model": "tiny", "prompt": [1, 2]]).status == .ok)
            #expect(fixture.generator.requests.last?.prompt == [1, 2] && fixture.generator.requests.last?.limit == 16)
            #expect(
                try await client.post("/v1/completions", ["model": "tiny", "prompt": [99999]]).status == .badRequest)
            #expect(
                try await client.post("/v1/completions", ["model": "tiny", "prompt": "a", "suffix": "b"]).status
                    == .badRequest)
        }
    }
}
