import Coordinator
import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import Sampling
import Scheduling
import Testing

@testable import Serving

@Suite(.timeLimit(.minutes(1))) struct OpenAIErrorTests {
    @Test(arguments: [
        (#"{"model": "tiny"}"#, 400, "messages"), (#"{"messages": []}"#, 400, "model"),
        (#"{"model": "other", "messages": []}"#, 404, "model"),
        (#"{"model": "tiny", "messages": []}"#, 400, "messages"),
        (#"{"model": "tiny", "messages": [1]}"#, 400, "messages[0]"),
        (#"{"model": "tiny", "messages": [{"role": "x", "content": "a"}]}"#, 400, "messages[0].role"),
        (#"{"model": "tiny", "messages": [{"role": "user"}]}"#, 400, "messages[0].content"),
        (
            #"{"model": "tiny", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}"#, 400,
            "messages[0].content[0]"
        ),
        (#"{"model": "tiny", "messages": [{"role": "user", "content": "a"}], "temperature": 3}"#, 400, "temperature"),
        (#"{"model": "tiny", "messages": [{"role": "user", "content": "a"}], "temperature": "x"}"#, 400, "temperature"),
        (#"{"model": "tiny", "messages": [{"role": "user", "content": "a"}], "temprature": 1}"#, 400, "temprature"),
        (#"{"model": "tiny", "messages": [{"role": "user", "content": "a"}], "max_tokens": 0.5}"#, 400, "max_tokens"),
        (#"{"model": "tiny", "messages": [{"role": "user", "content": "a"}], "n": 100}"#, 400, "n"),
        (#"{"model": "tiny", "messages": [{"role": "user", "content": "a"}], "stop": [1]}"#, 400, "stop"),
        (
            #"{"model": "tiny", "messages": [{"role": "user", "content": "a"}], "logit_bias": {"x": 1}}"#, 400,
            "logit_bias"
        ),
        (#"{"model": "tiny", "messages": [{"role": "user", "content": "a"}], "top_logprobs": 2}"#, 400, "top_logprobs"),
        (
            #"{"model": "tiny", "messages": [{"role": "user", "content": "a"}], "stream_options": {"x": 1}}"#, 400,
            "stream_options.x"
        ),
        (
            #"{"model": "tiny", "messages": [{"role": "user", "content": "a"}], "tools": [{"type": "x"}]}"#, 400,
            "tools[0]"
        ),
        (
            #"{"model": "tiny", "messages": [{"role": "user", "content": "a"}], "tool_choice": "required"}"#, 400,
            "tool_choice"
        ),
    ])
    func aBadFieldIsNamed(body: String, status: Int, param: String) async throws {
        try await Fixture(.say("x")).test { client async throws in
            let response = try await client.execute(
                uri: "/v1/chat/completions", method: .post, body: ByteBuffer(string: body))
            let error = try response.json["error"]
            #expect(response.status.code == status && error?["param"] == .string(param), "\(response.text)")
            #expect(
                error?["message"]?.string?.isEmpty == false && error?["type"]?.string != nil && error?["code"] != nil)
            #expect(response.headers[.requestID]?.isEmpty == false)
        }
    }

    @Test(arguments: ["", "{", "[]", "\"x\"", "{\"model\": \"\\ud800\"}", "{\"a\":1,\"a\":2}"])
    func whatIsNoObjectIsRefused(body: String) async throws {
        try await Fixture(.say("x")).test { client async throws in
            for path in ["/v1/chat/completions", "/v1/completions", "/api/chat", "/api/generate", "/api/show"] {
                let response = try await client.execute(uri: path, method: .post, body: ByteBuffer(string: body))
                let answer = try response.json
                #expect(response.status == .badRequest && answer["error"] != nil, "\(path): \(response.text)")
            }
        }
    }

    @Test func aBodyBeyondTheLimitIsRefused() async throws {
        try await Fixture(.say("x")) { $0.bodyLimit = 2000 }.test { client async throws in
            let body: JSONValue = [
                "model": "tiny",
                "messages": [["role": "user", "content": .string(String(repeating: "x", count: 3000))]],
            ]
            #expect(try await client.post("/v1/chat/completions", body).status == .contentTooLarge)
            #expect(try await client.post("/api/chat", body).status == .contentTooLarge)
        }
    }

    @Test(
        arguments: [
            (SchedulingError(.busy, "full"), 429), (CoordinatorError(.nodeLost, "gone"), 503),
            (SchedulingError(.contextExceeded, "long"), 400),
        ] as [(any Error, Int)])
    func whatTheEngineRefusesHasItsStatus(error: any Error, status: Int) async throws {
        try await Fixture(.refuse(error)).test { client async throws in
            let response = try await client.post("/v1/chat/completions", OpenAIChatTests.ask([("stream", true)]))
            #expect(response.status.code == status && response.text.contains("\(error)"))
            #expect((response.headers[.retryAfter] != nil) == (status != 400))
            let ollama = try await client.post("/api/chat", OpenAIChatTests.ask)
            let told = try ollama.json["error"]
            #expect(ollama.status.code == status && told == .string("\(error)"))
        }
    }

    @Test func aFailureInMidStreamIsTheLastEvent() async throws {
        try await Fixture(.fail("hello", CoordinatorError(.nodeLost, "a worker is gone"))).test { client async throws in
            let stream = try await client.post("/v1/chat/completions", OpenAIChatTests.ask([("stream", true)]))
            let events = try stream.events
            #expect(events.compactMap { $0.at("choices.0.delta.content")?.string }.joined() == "hello")
            #expect(events.last?.at("error.message") == "a worker is gone" && !stream.text.contains("[DONE]"))
            let lines = try await client.post("/api/chat", OpenAIChatTests.ask).lines
            #expect(lines.last?["error"] == "a worker is gone")
            let whole = try await client.post("/v1/chat/completions", OpenAIChatTests.ask)
            #expect(whole.status.code == 503)
        }
    }

    @Test func aPromptBeyondTheContextIsRefused() async throws {
        try await Fixture(.say("x")).test { client async throws in
            let long = String(repeating: "x ", count: 3000)
            let response = try await client.post(
                "/v1/chat/completions", ["model": "tiny", "messages": [["role": "user", "content": .string(long)]]])
            let code = try response.json.at("error.code")
            #expect(response.status == .badRequest && code == "context_length_exceeded")
        }
    }

    @Test func moreRequestsThanThereIsRoomForAreTurnedAway() async throws {
        let fixture = try Fixture(.hang("x")) { $0.most = 0 }
        try await fixture.test { client async throws in
            let response = try await client.post("/v1/chat/completions", OpenAIChatTests.ask)
            #expect(
                response.status == .tooManyRequests && response.headers[.retryAfter] != nil
                    && fixture.generator.requests.isEmpty)
        }
    }

    @Test func unknownPathsAndMethodsAreTold() async throws {
        try await Fixture(.say("x")).test { client async throws in
            #expect(try await client.get("/v1/nothing").status == .notFound)
            #expect(try await client.get("/v1/chat/completions").status == .methodNotAllowed)
            #expect(try await client.post("/v1/models", [:]).status == .methodNotAllowed)
            #expect(try await client.get("/v1/models/tiny").status == .ok)
            #expect(try await client.get("/v1/models/other").status == .notFound)
        }
    }
}
