import Foundation
import JSON
import Sampling
import Testing
import Tokenizer
import TinyModel

@testable import ModelStore
@testable import Serving

/// A tiny model of QwQ's shape with a published chat template: thinking is split off and tools go there and back, in both
/// dialects. What the model says is scripted; a model of random weights calls nothing.
struct PublishedTemplateTests {
    struct Case: Sendable {
        var template: String, thinking: String, call: String
    }

    static func source(_ name: String) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try String(
            contentsOf: folder.appendingPathComponent("JinjaTests/Fixtures/Templates/\(name).jinja"), encoding: .utf8)
    }

    static let cases = [
        Case(
            template: "Qwen-QwQ-32B", thinking: "hm\n</think>\n\n",
            call: "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>"),
        Case(
            template: "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", thinking: "hm\n</think>\n\n",
            call: """
                <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n```json\n{"a": 1}\n```\
                <｜tool▁call▁end｜><｜tool▁calls▁end｜>
                """),
        Case(
            template: "Qwen-Qwen3-0.6B", thinking: "<think>\nhm\n</think>\n\n",
            call: "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>"),
        Case(
            template: "meta-llama-Llama-3.1-8B-Instruct", thinking: "",
            call: "{\"name\": \"add\", \"parameters\": {\"a\": 1}}"),
    ]

    private func fixture(_ example: Case) throws -> Fixture {
        try Fixture(.say(example.thinking + example.call), template: ChatTemplate(Self.source(example.template)))
    }

    @Test(arguments: cases)
    func toolsGoThereAndBackForOpenAIsClients(example: Case) async throws {
        let fixture = try fixture(example)
        try await fixture.test { client async throws in
            let question: JSONValue = ["role": "user", "content": "1?"]
            let answer = try await client.post(
                "/v1/chat/completions",
                ["model": "tiny", "messages": [question], "tools": [OpenAIChatTests.tool]]
            ).json
            let message = try #require(answer.at("choices.0.message"))
            #expect(message.at("tool_calls.0.function.name") == "add", "\(answer.text())")
            #expect(message.at("tool_calls.0.function.arguments") == "{\"a\":1}")
            #expect(message["reasoning_content"] == (example.thinking.isEmpty ? nil : "hm"))
            let id = try #require(message.at("tool_calls.0.id"))
            let result: JSONValue = ["role": "tool", "tool_call_id": id, "content": "seventeen"]
            let next = try await client.post(
                "/v1/chat/completions",
                ["model": "tiny", "messages": [question, message, result], "tools": [OpenAIChatTests.tool]])
            #expect(next.status == .ok, "\(next.text)")
            let prompt = Fixture.tokenizer.decode(
                try #require(fixture.generator.requests.last?.prompt), showsControlTokens: true)
            #expect(prompt.contains("seventeen") && prompt.contains("add"))
        }
    }

    @Test(arguments: cases)
    func toolsGoThereAndBackForOllamasClients(example: Case) async throws {
        let fixture = try fixture(example)
        try await fixture.test { client async throws in
            let question: JSONValue = ["role": "user", "content": "1?"]
            func ask(_ messages: [JSONValue]) -> JSONValue {
                ["model": "tiny", "messages": .array(messages), "tools": [OpenAIChatTests.tool], "stream": false]
            }
            let answer = try await client.post("/api/chat", ask([question])).json
            let message = try #require(answer["message"])
            #expect(message.at("tool_calls.0.function.name") == "add", "\(answer.text())")
            #expect(message.at("tool_calls.0.function.arguments.a") == 1)
            #expect(message["thinking"] == (example.thinking.isEmpty ? nil : "hm"))
            let result: JSONValue = ["role": "tool", "tool_name": "add", "content": "seventeen"]
            #expect(try await client.post("/api/chat", ask([question, message, result])).status == .ok)
            let prompt = Fixture.tokenizer.decode(
                try #require(fixture.generator.requests.last?.prompt), showsControlTokens: true)
            #expect(prompt.contains("seventeen"))
        }
    }

    @Test(arguments: cases)
    func aDemandedCallIsWrittenAsTheModelWritesCalls(example: Case) async throws {
        let fixture = try fixture(example)
        try await fixture.test { client async throws in
            let body: JSONValue = [
                "model": "tiny", "messages": [["role": "user", "content": "1?"]], "tools": [OpenAIChatTests.tool],
                "tool_choice": "required", "chat_template_kwargs": ["enable_thinking": false],
            ]
            #expect(try await client.post("/v1/chat/completions", body).status == .ok)
            var constraint = try #require(fixture.generator.requests.last?.constraint)
            for token in Fixture.tokenizer.encode(example.call, parseSpecial: true) {
                #expect(constraint.allows(token))
                constraint.accept(token)
            }
        }
    }

    @Test func aRefusalOfTheTemplateIsTheClientsToRead() async throws {
        let fixture = try Fixture(.say("yes"), template: ChatTemplate(Self.source("google-gemma-2-2b-it")))
        try await fixture.test { client async throws in
            let messages: JSONValue = [["role": "system", "content": "Be brief."], ["role": "user", "content": "Hi"]]
            for path in ["/v1/chat/completions", "/api/chat"] {
                let answer = try await client.post(path, ["model": "tiny", "messages": messages])
                #expect(answer.status == .badRequest && answer.text.contains("System role not supported"))
            }
        }
    }

    @Test func anAnswerThatIsBegunIsContinued() async throws {
        let fixture = try Fixture(.say(" Paris"), template: ChatTemplate(Self.source("Qwen-QwQ-32B")))
        try await fixture.test { client async throws in
            let messages: JSONValue = [
                ["role": "user", "content": "France?"], ["role": "assistant", "content": "It is"],
            ]
            let answer = try await client.post("/v1/chat/completions", ["model": "tiny", "messages": messages]).json
            #expect(answer.at("choices.0.message.content") == " Paris")
            let prompt = try #require(fixture.generator.requests.last?.prompt)
            #expect(
                Fixture.tokenizer.decode(prompt, showsControlTokens: true).hasSuffix("<|im_start|>assistant\nIt is"))
        }
    }

    @Test func whatATemplateIsGivenFromElsewhereCannotBeSet() async throws {
        try await Fixture(.say("yes")).test { client async throws in
            for name in ["messages", "bos_token"] {
                let kwargs: JSONValue = .object([.init(name, "x")])
                let answer = try await client.post(
                    "/v1/chat/completions",
                    ["model": "tiny", "messages": [["role": "user", "content": "a"]], "chat_template_kwargs": kwargs])
                #expect(answer.status == .badRequest && answer.text.contains(name))
            }
        }
    }
}
