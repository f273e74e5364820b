import HummingbirdTesting
import JSON
import Sampling
import Testing
import Tokenizer

@testable import Serving

@Suite(.timeLimit(.minutes(1))) struct OpenAIChatTests {
    static let ask: JSONValue = ["model": "tiny", "messages": [["role": "user", "content": "hello"]]]

    static func ask(_ more: [(String, JSONValue)]) -> JSONValue {
        .object(ask.members! + more.map { JSONValue.Member($0.0, $0.1) })
    }

    static let tool: JSONValue = [
        "type": "function",
        "function": [
            "name": "add", "description": "adds",
            "parameters": ["type": "object", "properties": ["a": ["type": "integer"]], "required": ["a"]],
        ],
    ]

    @Test func aWholeAnswerHasOpenAIsShape() async throws {
        let fixture = try Fixture(.say("hello world"))
        try await fixture.test { client async throws in
            let response = try await client.post("/v1/chat/completions", Self.ask)
            let answer = try response.json
            #expect(response.status == .ok && answer["object"] == "chat.completion" && answer["model"] == "tiny:latest")
            #expect(
                answer.at("choices.0.message.content") == "hello world"
                    && answer.at("choices.0.message.role") == "assistant")
            #expect(answer.at("choices.0.finish_reason") == "stop" && answer.at("choices.0.logprobs") == .null)
            let tokens = Fixture.tokenizer.encode("hello world", parseSpecial: false).count
            #expect(
                answer.at("usage.completion_tokens") == .int(tokens)
                    && answer.at("usage.prompt_tokens_details.cached_tokens") == 1)
            let prompt = try #require(fixture.generator.requests.first?.prompt)
            #expect(
                Fixture.tokenizer.decode(prompt, showsControlTokens: true)
                    == "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n")
        }
    }

    @Test func aStreamIsExactlyAsOpenAIs() async throws {
        let fixture = try Fixture(.say("hello world"))
        try await fixture.test { client async throws in
            let response = try await client.post(
                "/v1/chat/completions", Self.ask([("stream", true), ("stream_options", ["include_usage": true])]))
            #expect(response.headers[.contentType]?.hasPrefix("text/event-stream") == true)
            #expect(
                response.text.hasSuffix("data: [DONE]\n\n") && response.text.contains(": queued 2\n\n")
                    && response.text.contains(": prompt "))
            let events = try response.events
            #expect(events.first?.at("choices.0.delta") == ["role": "assistant", "content": ""])
            #expect(events.allSatisfy { $0["object"] == "chat.completion.chunk" && $0["id"] == events[0]["id"] })
            #expect(events.compactMap { $0.at("choices.0.delta.content")?.string }.joined() == "hello world")
            #expect(
                events[events.count - 2].at("choices.0.finish_reason") == "stop"
                    && events[events.count - 2].at("choices.0.delta") == .object([]))
            #expect(events.last?["choices"] == .array([]) && events.last?.at("usage.total_tokens")?.int ?? 0 > 0)
            #expect(events.dropLast().allSatisfy { $0["usage"] == .null })
        }
    }

    @Test(arguments: [false, true])
    func thinkingStandsApart(opens: Bool) async throws {
        let text = "hm\n</think>\n\nyes"
        let fixture = try Fixture(
            .say(opens ? text : "<think>\n" + text), template: ChatTemplate(opens ? .qwq : .chatML))
        try await fixture.test { client async throws in
            let message = try await client.post("/v1/chat/completions", Self.ask).json.at("choices.0.message")
            #expect(message?["reasoning_content"] == "hm" && message?["content"] == "yes")
            let events = try await client.post("/v1/chat/completions", Self.ask([("stream", true)])).events
            #expect(events.compactMap { $0.at("choices.0.delta.reasoning_content")?.string }.joined() == "hm")
            #expect(events.compactMap { $0.at("choices.0.delta.content")?.string }.joined() == "yes")
        }
    }

    @Test func thinkingCanBeTurnedOff() async throws {
        let fixture = try Fixture(.say("yes"), template: ChatTemplate(.qwq))
        try await fixture.test { client async throws in
            let answer = try await client.post(
                "/v1/chat/completions", Self.ask([("chat_template_kwargs", ["enable_thinking": false])])
            ).json
            #expect(
                answer.at("choices.0.message.content") == "yes"
                    && answer.at("choices.0.message.reasoning_content") == nil)
            let prompt = try #require(fixture.generator.requests.first?.prompt)
            #expect(
                Fixture.tokenizer.decode(prompt, showsControlTokens: true).hasSuffix(
                    "assistant\n<think>\n\n</think>\n\n"))
        }
    }

    @Test func aStopStringEndsTheAnswerAndTheRequest() async throws {
        let fixture = try Fixture(.hang("one two STOP three"))
        try await fixture.test { client async throws in
            let answer = try await client.post("/v1/chat/completions", Self.ask([("stop", ["STOP"])])).json
            #expect(
                answer.at("choices.0.message.content") == "one two " && answer.at("choices.0.finish_reason") == "stop")
            while fixture.generator.cancelled == 0 { await Task.yield() }
        }
    }

    @Test func logprobsComeWithTheirTokens() async throws {
        let fixture = try Fixture(.say("hello"))
        try await fixture.test { client async throws in
            let more: [(String, JSONValue)] = [("logprobs", true), ("top_logprobs", 2)]
            let whole =
                try await client.post("/v1/chat/completions", Self.ask(more)).json.at("choices.0.logprobs.content")?
                .array ?? []
            #expect(whole.compactMap { $0["token"]?.string }.joined() == "hello")
            #expect(whole.allSatisfy { $0["logprob"]?.double == -0.5 && $0["top_logprobs"]?.array?.count == 2 })
            let events = try await client.post("/v1/chat/completions", Self.ask(more + [("stream", true)])).events
            let streamed = events.flatMap { $0.at("choices.0.logprobs.content")?.array ?? [] }
            #expect(streamed == whole)
        }
    }

    @Test func everyChoiceIsNumberedAndHasItsSeed() async throws {
        let fixture = try Fixture(.say("hello"))
        try await fixture.test { client async throws in
            let answer = try await client.post("/v1/chat/completions", Self.ask([("n", 3), ("seed", 5)])).json
            #expect(answer["choices"]?.array?.compactMap { $0["index"]?.int } == [0, 1, 2])
            #expect(fixture.generator.requests.map(\.sampling.seed) == [5, 6, 7])
            let events = try await client.post("/v1/chat/completions", Self.ask([("n", 2), ("stream", true)])).events
            for i in 0..<2 {
                let own = events.filter { $0.at("choices.0.index") == .int(i) }
                #expect(own.compactMap { $0.at("choices.0.delta.content")?.string }.joined() == "hello")
                #expect(own.last?.at("choices.0.finish_reason") == "stop")
            }
            // A negative seed means none, as in Ollama's dialect.
            #expect(try await client.post("/v1/chat/completions", Self.ask([("seed", -1)])).status == .ok)
            #expect(fixture.generator.requests.last?.sampling.seed == nil)
        }
    }

    @Test(arguments: [false, true])
    func aCallOfAToolIsParsed(streams: Bool) async throws {
        let fixture = try Fixture(
            .say(
                """
                I will.\n<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>\n<tool_call>\n{"name": \
                "add", "arguments": {"a": 2}}\n</tool_call>
                """
            ))
        try await fixture.test { client async throws in
            let response = try await client.post(
                "/v1/chat/completions", Self.ask([("tools", [Self.tool]), ("stream", .bool(streams))]))
            let calls: [JSONValue], text: String, finish: JSONValue?
            if streams {
                let events = try response.events
                calls = events.flatMap { $0.at("choices.0.delta.tool_calls")?.array ?? [] }
                text = events.compactMap { $0.at("choices.0.delta.content")?.string }.joined()
                finish = events.last?.at("choices.0.finish_reason")
                #expect(calls.compactMap { $0["index"]?.int } == [0, 1])
            } else {
                let choice = try response.json.at("choices.0")
                calls = choice?.at("message.tool_calls")?.array ?? []
                text = choice?.at("message.content")?.string ?? ""
                finish = choice?["finish_reason"]
            }
            #expect(
                calls.map { $0.at("function.arguments") } == [#"{"a":1}"#, #"{"a":2}"#]
                    && calls.allSatisfy { $0.at("function.name") == "add" })
            #expect(
                text == "I will." && finish == "tool_calls" && Set(calls.compactMap { $0["id"]?.string }).count == 2)
            let prompt = Fixture.tokenizer.decode(
                try #require(fixture.generator.requests.first?.prompt), showsControlTokens: true)
            #expect(prompt.contains("<tools>\n{\"type\": \"function\", \"function\": {\"name\": \"add\""))
        }
    }

    @Test func aDemandedCallIsEnforcedAndItsResultGivenBack() async throws {
        let fixture = try Fixture(.say("3"))
        try await fixture.test { client async throws in
            _ = try await client.post(
                "/v1/chat/completions", Self.ask([("tools", [Self.tool]), ("tool_choice", "required")]))
            let constraint = try #require(fixture.generator.requests.first?.constraint)
            let open = Fixture.tokenizer.encode("<tool_call>", parseSpecial: true)[0],
                brace = Fixture.tokenizer.encode("{", parseSpecial: true)[0]
            #expect(constraint.allows(open) && !constraint.allows(brace))
            let call: JSONValue = [
                "id": "c", "type": "function", "function": ["name": "add", "arguments": "{\"a\":1}"],
            ]
            let messages: JSONValue = [
                ["role": "user", "content": "hello"], ["role": "assistant", "content": nil, "tool_calls": [call]],
                ["role": "tool", "tool_call_id": "c", "content": "3"],
            ]
            _ = try await client.post(
                "/v1/chat/completions", ["model": "tiny", "messages": messages, "tools": [Self.tool]])
            let prompt = Fixture.tokenizer.decode(
                try #require(fixture.generator.requests.last?.prompt), showsControlTokens: true)
            #expect(
                prompt.hasSuffix(
                    """
                    <|im_start|>assistant
                    <tool_call>
                    {"name": "add", "arguments": {"a": 1}}
                    </tool_call><|im_end|>
                    <|im_start|>user
                    <tool_response>
                    3
                    </tool_response><|im_end|>
                    <|im_start|>assistant

                    """))
        }
    }

    @Test func aSchemaIsEnforcedOrRefused() async throws {
        let fixture = try Fixture(.say("{}"))
        try await fixture.test { client async throws in
            func format(_ schema: JSONValue) -> JSONValue {
                Self.ask([
                    ("response_format", ["type": "json_schema", "json_schema": ["name": "x", "schema": schema]])
                ])
            }
            #expect(try await client.post("/v1/chat/completions", format(["type": "object"])).status == .ok)
            let constraint = try #require(fixture.generator.requests.first?.constraint)
            #expect(
                constraint.allows(Fixture.tokenizer.encode("{", parseSpecial: true)[0])
                    && !constraint.allows(Fixture.tokenizer.encode("h", parseSpecial: true)[0]))
            let refused = try await client.post(
                "/v1/chat/completions", format(["type": "string", "pattern": "(a)\\1"]))
            #expect(refused.status == .badRequest && refused.text.contains("pattern"))
        }
    }

    @Test(arguments: ["json_object", "json_schema"])
    func aSchemaBesideTheTypeIsEnforced(type: String) async throws {
        let fixture = try Fixture(.say("{}"))
        try await fixture.test { client async throws in
            func format(_ schema: JSONValue) -> JSONValue {
                Self.ask([("response_format", ["type": .string(type), "schema": schema])])
            }
            #expect(try await client.post("/v1/chat/completions", format(["type": "array"])).status == .ok)
            let constraint = try #require(fixture.generator.requests.first?.constraint)
            #expect(
                constraint.allows(Fixture.tokenizer.encode("[", parseSpecial: true)[0])
                    && !constraint.allows(Fixture.tokenizer.encode("{", parseSpecial: true)[0]))
            let refused = try await client.post("/v1/chat/completions", format(["not": ["type": "null"]]))
            #expect(refused.status == .badRequest && refused.text.contains("not"))
        }
    }

    @Test func aJSONObjectWithoutASchemaIsAnyObject() async throws {
        let fixture = try Fixture(.say("{}"))
        try await fixture.test { client async throws in
            for format in [["type": "json_object"], ["type": "json_object", "schema": [:]]] as [JSONValue] {
                #expect(
                    try await client.post("/v1/chat/completions", Self.ask([("response_format", format)])).status == .ok
                )
                let constraint = try #require(fixture.generator.requests.last?.constraint)
                #expect(
                    constraint.allows(Fixture.tokenizer.encode("{", parseSpecial: true)[0])
                        && !constraint.allows(Fixture.tokenizer.encode("[", parseSpecial: true)[0]))
            }
        }
    }
}
