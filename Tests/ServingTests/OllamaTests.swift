import Coordinator
import HTTPTypes
import HummingbirdTesting
import JSON
@testable import ModelStore
import Sampling
import Testing
import Tokenizer

@testable import Serving

@Suite(.timeLimit(.minutes(1))) struct OllamaTests {
    static func ask(_ more: [(String, JSONValue)] = []) -> JSONValue {
        .object(
            [.init("model", "tiny"), .init("messages", [["role": "user", "content": "hello"]])]
                + more.map { JSONValue.Member($0.0, $0.1) })
    }

    @Test func aChatStreamsLines() async throws {
        try await Fixture(.say("hello world")).test { client async throws in
            let response = try await client.post("/api/chat", Self.ask())
            let lines = try response.lines
            #expect(response.headers[.contentType] == "application/x-ndjson")
            #expect(lines.compactMap { $0.at("message.content")?.string }.joined() == "hello world")
            #expect(lines.dropLast().allSatisfy { $0["done"] == false && $0["done_reason"] == nil })
            let last = try #require(lines.last)
            #expect(
                last["done"] == true && last["done_reason"] == "stop" && last["prompt_eval_duration"] == 1_000_000_000)
            #expect(
                last["eval_duration"] == 2_000_000_000
                    && last["eval_count"] == .int(Fixture.tokenizer.encode("hello world", parseSpecial: false).count))
            #expect(last["total_duration"]?.int ?? 0 > 0 && last["load_duration"] == 500_000_000)
        }
    }

    @Test func aWholeAnswerIsOneObject() async throws {
        try await Fixture(.say("<think>\nhm\n</think>\n\nyes")).test { client async throws in
            let answer = try await client.post("/api/chat", Self.ask([("stream", false), ("think", true)])).json
            #expect(
                answer["message"] == ["role": "assistant", "content": "yes", "thinking": "hm"] && answer["done"] == true
            )
        }
    }

    @Test func anAnswerCanBeContinuedByItsContext() async throws {
        let fixture = try Fixture(.say("yes"))
        try await fixture.test { client async throws in
            let first = try await client.post(
                "/api/generate", ["model": "tiny", "prompt": "hello", "system": "be kind", "stream": false]
            ).json
            #expect(first["response"] == "yes")
            _ = try await client.post(
                "/api/generate", ["model": "tiny", "prompt": "and?", "context": first["context"]!, "stream": false])
            let prompt = Fixture.tokenizer.decode(
                try #require(fixture.generator.requests.last?.prompt), showsControlTokens: true)
            #expect(
                prompt
                    == """
                    <|im_start|>system\nbe \
                    kind<|im_end|>\n<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\nyes<|im_end|>\n\
                    <|im_start|>user\nand?<|im_end|>\n<|im_start|>assistant\n
                    """
            )
            _ = try await client.post(
                "/api/generate", ["model": "tiny", "prompt": "hello", "raw": true, "stream": false])
            #expect(fixture.generator.requests.last?.prompt == Fixture.tokenizer.encode("hello", parseSpecial: true))
        }
    }

    @Test(
        arguments: [
            (
                "llama", .llama3,
                """
                <|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n\
                a<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n\
                b<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n\
                c<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n
                """
            ),
            (
                "qwen2", .deepSeekR1,
                """
                <｜begin▁of▁sentence｜><｜User｜>a<｜Assistant｜><think>\nb<｜end▁of▁sentence｜><｜User｜>c<｜Assistant｜><think>\n
                """
            ),
            (
                "qwen3", .qwen3,
                """
                <|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n\
                <|im_start|>assistant\n
                """
            ),
        ] as [(String, ChatTemplate.Style, String)])
    func aContextGoesOnAsItsTemplateWrites(name: String, style: ChatTemplate.Style, expected: String) throws {
        let model = try Fixture.other(name, style)
        func prompt(_ words: JSONValue, _ context: [Int32]) throws -> [Int32] {
            let fields = RequestFields([
                "model": "tiny", "prompt": words, "context": .array(context.map { .int(Int($0)) }),
            ])
            return try OllamaRequest.generate(fields, model: model, contextLength: 2048, client: "").answer.prompt
        }
        let context = try prompt("a", []) + model.tokenizer.encode("b", parseSpecial: false)
        #expect(model.tokenizer.decode(try prompt("c", context), showsControlTokens: true) == expected)
    }

    @Test func optionsReachTheSampler() async throws {
        let fixture = try Fixture(.say("yes"))
        try await fixture.test { client async throws in
            let options: JSONValue = [
                "num_ctx": 1024, "num_predict": 9, "temperature": 0.5, "top_k": 7, "top_p": 0.25, "min_p": 0.125,
                "repeat_penalty": 1.5, "repeat_last_n": 3,
                "seed": 11, "stop": ["z"], "num_gpu": 1,
            ]
            #expect(try await client.post("/api/chat", Self.ask([("options", options)])).status == .ok)
            let request = try #require(fixture.generator.requests.last)
            #expect(
                request.sampling
                    == SamplingParameters(
                        temperature: 0.5, topK: 7, topP: 0.25, minP: 0.125, repeatPenalty: 1.5, repeatLastN: 3, seed: 11
                    ))
            #expect(request.limit == 9)
            let large = try await client.post("/api/chat", Self.ask([("options", ["num_ctx": 4096])]))
            #expect(large.status == .badRequest && large.text.contains("2048"))
        }
    }

    @Test func aFormatIsEnforced() async throws {
        let fixture = try Fixture(.say("{}"))
        try await fixture.test { client async throws in
            for format: JSONValue in ["json", ["type": "object"]] {
                #expect(try await client.post("/api/chat", Self.ask([("format", format)])).status == .ok)
                let constraint = try #require(fixture.generator.requests.last?.constraint)
                #expect(!constraint.allows(Fixture.tokenizer.encode("h", parseSpecial: true)[0]))
            }
            #expect(try await client.post("/api/chat", Self.ask([("format", "")])).status == .ok)
            #expect(fixture.generator.requests.last?.constraint == nil)
            #expect(try await client.post("/api/chat", Self.ask([("format", "xml")])).status == .badRequest)
        }
    }

    @Test func callsOfToolsAreObjects() async throws {
        try await Fixture(.say("<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>")).test {
            client async throws in
            let answer = try await client.post(
                "/api/chat", Self.ask([("tools", [OpenAIChatTests.tool]), ("stream", false)])
            ).json
            #expect(
                answer.at("message.tool_calls.0.function.name") == "add"
                    && answer.at("message.tool_calls.0.function.arguments.a") == 1)
        }
    }

    @Test func anEmptyRequestOnlyLoads() async throws {
        let fixture = try Fixture(.say("x"))
        try await fixture.test { client async throws in
            let loaded = try await client.post("/api/chat", ["model": "tiny", "messages": []]).lines
            #expect(loaded.count == 1 && loaded[0]["done_reason"] == "load")
            let unloaded = try await client.post("/api/generate", ["model": "tiny", "keep_alive": 0, "stream": false])
                .json
            #expect(
                unloaded["done_reason"] == "unload" && unloaded["response"] == "" && fixture.generator.requests.isEmpty)
            #expect(try await client.post("/api/chat", Self.ask([("keep_alive", "5m")])).status == .ok)
            #expect(try await client.post("/api/chat", Self.ask([("keep_alive", "soon")])).status == .badRequest)
        }
    }

    @Test func modelsAreListedAndShown() async throws {
        try await Fixture(.say("x")).test { client async throws in
            let tags = try await client.get("/api/tags").json
            #expect(tags.at("models.0.name") == "tiny:latest" && tags.at("models.0.details.family") == "qwen2")
            #expect(try await client.get("/api/ps").json.at("models.0.context_length") == 2048)
            let shown = try await client.post("/api/show", ["model": "tiny"]).json
            #expect(
                shown["capabilities"] == ["completion", "tools", "thinking"]
                    && shown.at("model_info")?["general.architecture"] == "qwen2")
            #expect(
                shown["parameters"]?.string?.contains("presence_penalty 0.0\nfrequency_penalty 0.0\nnum_ctx 2048")
                    == true)
            #expect(shown["system"] == nil)
            for text in ["parameters", "template", "modelfile", "license"] { #expect(shown[text]?.string != nil) }
            let info = try #require(shown["model_info"])
            #expect(info["general.parameter_count"]?.int ?? 0 > 1000)
            #expect(info["qwen2.context_length"]?.int != nil && info["qwen2.block_count"]?.int != nil)
            for body: JSONValue in [["model": "", "name": "tiny"], ["name": "tiny"], ["model": nil, "name": "tiny"]] {
                #expect(try await client.post("/api/show", body).status == .ok)
            }
            #expect(try await client.post("/api/show", ["model": "", "name": ""]).status == .badRequest)
            #expect(try await client.post("/api/show", ["model": "other"]).status == .notFound)
            let version = try await client.get("/api/version").json
            let parts = version["version"]?.string?.split(separator: ".").compactMap { Int($0) } ?? []
            #expect(parts.count == 3 && !parts.lexicographicallyPrecedes([0, 6, 4]))
            #expect(version["brigade_version"] == "0")
            #expect(try await client.post("/api/embed", ["model": "tiny", "input": "x"]).status == .badRequest)
            #expect(try await client.post("/api/pull", ["model": "tiny"]).lines.last == ["status": "success"])
            let failed = try await client.post("/api/pull", ["model": "other"])
            #expect(try failed.lines.last?["error"]?.string?.contains("no library") == true)
            #expect(try await client.post("/api/pull", ["model": "other", "stream": false]).status == .badRequest)
            #expect(
                try await client.post("/api/pull", ["model": "tiny", "stream": false]).json == ["status": "success"])
        }
    }

    @Test func whatIsPackedWithAModelIsShown() {
        var facts = ServedModel.Facts()
        facts.settings.system = "Be brief."
        facts.settings.licenses = ["one", "two"]
        facts.settings.parameters = [
            .init(name: "stop", values: ["a b", "c"]), .init(name: "temperature", values: ["0.5"]),
        ]
        let shown = JSONValue.object(CatalogueModel(name: "tiny:latest", facts: facts).described)
        #expect(shown["system"] == "Be brief." && shown["license"] == "one\ntwo")
        #expect(shown["parameters"] == "stop \"a b\"\nstop \"c\"\ntemperature 0.5")
    }

    @Test func theDescriptionHasTheFieldsThatAreTaken() {
        for (schema, fields) in [
            (OpenAPISchemas.chat, OpenAIRequest.chatFields),
            (OpenAPISchemas.completion, OpenAIRequest.completionFields),
        ] {
            let described = schema["properties"]?.members?.map(\.name) ?? []
            #expect(described.count > 5 && Set(described).isSubset(of: fields))
            #expect(schema.at("properties.repeat_penalty.minimum")?.double == 0.01)
        }
        #expect(OpenAPISchemas.completion.at("properties.best_of.maximum") == 1)
        for schema in [OpenAPISchemas.ollamaChat, OpenAPISchemas.ollamaGenerate] {
            #expect(schema["required"] == ["model"] && schema.at("properties.top_logprobs.maximum") == 20)
        }
        #expect(OpenAPISchemas.ollamaGenerate.at("properties.context.items.maximum") == .int(Int(Int32.max)))
    }
}
