import JSON
import Scheduling
import Testing

@testable import Serving

/// `echo` with and without logprobs, of texts, lists and token ids.
@Suite(.timeLimit(.minutes(1))) struct EchoTests {
    static func body(_ prompt: JSONValue, _ more: [JSONValue.Member] = []) -> JSONValue {
        .object([.init("model", "tiny"), .init("prompt", prompt), .init("echo", true)] + more)
    }

    static func ids(_ text: String) -> [Int32] { Fixture.tokenizer.encode(text, parseSpecial: true) }

    static func numbers(_ text: String) -> JSONValue { .array(ids(text).map { .int(Int($0)) }) }

    @Test(arguments: [false, true]) func theTokensOfThePromptHaveLogprobs(streams: Bool) async throws {
        let fixture = try Fixture(.say(" world"))
        try await fixture.test { client async throws in
            let prompt = Self.ids("hello there"), answer = Self.ids(" world")
            let body = Self.body(
                "hello there", [.init("logprobs", 1), .init("max_tokens", 20), .init("stream", .bool(streams))])
            let response = try await client.post("/v1/completions", body)
            let parts =
                try streams
                ? response.events.compactMap { $0.at("choices.0") }
                : [
                    try #require(response.json.at("choices.0"))
                ]
            #expect(parts.compactMap { $0["text"]?.string }.joined() == "hello there world")
            func joined(_ name: String) -> [JSONValue] {
                parts.flatMap { $0["logprobs"]?[name]?.array ?? [] }
            }
            #expect(joined("tokens").compactMap(\.string).joined() == "hello there world")
            let expected = [nil] + prompt.dropFirst().map { Double(-$0) } + answer.map { _ in -0.5 }
            #expect(joined("token_logprobs").map(\.double) == expected)
            let top = joined("top_logprobs")
            #expect(top.count == expected.count && top[0].isNull)
            // The token itself is named beside the likeliest.
            #expect(top[1].members?.count == 2 && top[1].members?.contains { $0.value.double == expected[1] } == true)
            let offsets = joined("text_offset").compactMap(\.int)
            #expect(offsets.count == expected.count && offsets == offsets.sorted() && offsets[0] == 0)
            #expect(offsets[prompt.count] == "hello there".count)
            #expect(fixture.generator.requests.last?.scoresPrompt == true)
        }
    }

    @Test func listsAndTokenIDsAreEchoed() async throws {
        let fixture = try Fixture(.say("!"))
        try await fixture.test { client async throws in
            func texts(_ prompt: JSONValue, _ more: [JSONValue.Member] = []) async throws -> [String] {
                let answer = try await client.post("/v1/completions", Self.body(prompt, more)).json
                return answer["choices"]?.array?.compactMap { $0["text"]?.string } ?? []
            }
            #expect(try await texts(["one", "two"]) == ["one!", "two!"])
            #expect(try await texts(["one", "two"], [.init("n", 2)]) == ["one!", "one!", "two!", "two!"])
            #expect(try await texts(Self.numbers("hello")) == ["hello!"])
            #expect(try await texts([Self.numbers("one"), Self.numbers("two")]) == ["one!", "two!"])
            #expect(fixture.generator.requests.last?.scoresPrompt == false)
            let many = JSONValue.array((0..<40).map { .string("t\($0)") })
            #expect(try await texts(many).count == 40)
        }
    }

    @Test func aTextIsScoredWithoutAnAnswer() async throws {
        let fixture = try Fixture(.say("never"))
        try await fixture.test { client async throws in
            let body = Self.body(
                [Self.numbers("one two"), Self.numbers("three")], [.init("logprobs", 0), .init("max_tokens", 0)])
            let answer = try await client.post("/v1/completions", body).json
            for (i, text) in ["one two", "three"].enumerated() {
                let choice = try #require(answer.at("choices.\(i)"))
                #expect(choice["text"] == .string(text) && choice["finish_reason"] == "length")
                #expect(
                    choice.at("logprobs.token_logprobs")?.array?.map(\.double)
                        == [nil] + Self.ids(text).dropFirst().map { Double(-$0) })
            }
            #expect(fixture.generator.requests.allSatisfy { $0.limit == 0 && $0.scoresPrompt })
            #expect(answer.at("usage.completion_tokens") == 0)
        }
    }

    @Test func aPromptThatDoesNotFitIsNamedByItsField() async throws {
        try await Fixture(.say("x")).test { client async throws in
            let long = String(repeating: "word ", count: 3000)
            let completion = try await client.post("/v1/completions", ["model": "tiny", "prompt": .string(long)])
            #expect(completion.status == .badRequest)
            #expect(try completion.json.at("error.param") == "prompt")
            let chat = try await client.post(
                "/v1/chat/completions",
                ["model": "tiny", "messages": [["role": "user", "content": .string(long)]]])
            #expect(try chat.json.at("error.param") == "messages")
            #expect(try chat.json.at("error.code") == "context_length_exceeded")
        }
        let refusal = SchedulingError(.contextExceeded, "too long")
        try await Fixture(.refuse(refusal)).test { client async throws in
            let answer = try await client.post("/v1/completions", ["model": "tiny", "prompt": "a"])
            #expect(try answer.json.at("error.param") == "prompt")
        }
    }
}
