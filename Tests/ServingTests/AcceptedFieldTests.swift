import Foundation
import JSON
import Logging
import Sampling
import Synchronization
import Testing
import Tokenizer

@testable import Serving

/// Fields that clients of other servers send by habit: accepted where they cannot change an answer, honoured where they
/// can, and else refused by name.
@Suite(.timeLimit(.minutes(1))) struct AcceptedFieldTests {
    static func chat(_ more: [JSONValue.Member]) throws -> OpenAIRequest {
        let all: [JSONValue.Member] = [
            .init("model", "tiny"), .init("messages", [["role": "user", "content": "a"]]),
        ]
        return try OpenAIRequest.chat(RequestFields(.object(all + more)), model: model, client: "")
    }

    static func completion(_ more: [JSONValue.Member]) throws -> OpenAICompletion {
        let all: [JSONValue.Member] = [.init("model", "tiny"), .init("prompt", "hello")]
        return try OpenAICompletion(RequestFields(.object(all + more)), model: model, client: "")
    }

    static func ollama(_ options: JSONValue, _ more: [JSONValue.Member] = []) throws -> OllamaRequest {
        let all: [JSONValue.Member] = [
            .init("model", "tiny"), .init("prompt", "hello"), .init("options", options),
        ]
        return try OllamaRequest.generate(
            RequestFields(.object(all + more)), model: model, contextLength: 2048, client: "")
    }

    static let model = ServedModel(
        name: "tiny", tokenizer: Fixture.tokenizer, template: ChatTemplate(.chatML), sampling: SamplingParameters(),
        facts: .init(Fixture.model.file))

    /// What llama.cpp's page, LM Studio's and vLLM's clients and OpenAI's libraries send without being asked.
    static let habits: [JSONValue] = [
        [
            "stream": true, "cache_prompt": true, "samplers": "edkypmxt", "temperature": 0.8, "dynatemp_range": 0,
            "dynatemp_exponent": 1, "top_k": 40, "top_p": 0.95, "min_p": 0.05, "typical_p": 1, "xtc_probability": 0,
            "xtc_threshold": 0.1, "repeat_last_n": 64, "repeat_penalty": 1, "presence_penalty": 0,
            "frequency_penalty": 0, "dry_multiplier": 0, "dry_base": 1.75, "dry_allowed_length": 2,
            "dry_penalty_last_n": -1, "max_tokens": -1, "timings_per_token": false, "return_progress": true,
            "reasoning_format": "auto",
        ],
        [
            "n_predict": 20, "id_slot": 0, "slot_id": -1, "n_keep": 0, "n_probs": 0, "mirostat": 0, "mirostat_tau": 5,
            "mirostat_eta": 0.1, "grammar": "", "json_schema": [:], "ignore_eos": false, "logit_bias": [],
            "image_data": [], "lora": [], "penalize_nl": false, "tfs_z": 1, "t_max_predict_ms": -1, "samplers": [],
        ],
        [
            "best_of": 1, "use_beam_search": false, "length_penalty": 1.0, "early_stopping": false,
            "stop_token_ids": [], "include_stop_str_in_output": false, "min_tokens": 0, "skip_special_tokens": true,
            "spaces_between_special_tokens": true, "truncate_prompt_tokens": nil, "prompt_logprobs": nil,
            "allowed_token_ids": nil, "bad_words": [], "guided_json": nil, "guided_regex": nil, "priority": 0,
            "request_id": "x", "logits_processors": nil, "return_tokens_as_token_ids": false, "cache_salt": "x",
        ],
        [
            "user": "me", "store": false, "metadata": ["a": "b"], "service_tier": "auto", "safety_identifier": "x",
            "prompt_cache_key": "x", "verbosity": "low", "prediction": ["type": "content", "content": "x"], "n": 1,
            "logit_bias": [:], "stream": false, "stream_options": ["include_usage": true], "stop": [],
        ],
        ["ttl": 300, "draft_model": "small", "keep_alive": "5m", "provider": [:], "usage": ["include": true]],
    ]

    @Test(arguments: habits) func habitsAreAccepted(_ fields: JSONValue) throws {
        let asked = try Self.chat(fields.members!), plain = try Self.chat([])
        #expect(asked.answer.prompt == plain.answer.prompt && asked.answer.grammar == nil)
        _ = try Self.completion(fields.members!.filter { $0.name != "reasoning_format" })
        // Only fields with a value are told, and none that is honoured.
        #expect(!asked.unused.contains("temperature") && !asked.unused.contains("guided_json"))
    }

    @Test(
        arguments: [
            ["parallel_tool_calls": true, "modalities": ["text"], "reasoning_effort": "medium"],
            ["reasoning": ["effort": "high"]], ["reasoning": ["enabled": true]], ["thinking": ["type": "enabled"]],
            ["enable_thinking": true], ["add_generation_prompt": true, "continue_final_message": false, "echo": false],
            ["function_call": "auto", "functions": []], ["documents": nil, "chat_template": nil],
        ] as [JSONValue]) func habitsOfChatsAreAccepted(_ fields: JSONValue) throws
    {
        #expect(try Self.chat(fields.members!).answer.prompt == Self.chat([]).answer.prompt)
    }

    @Test(arguments: [
        "typical_p", "mirostat", "dynatemp_range", "xtc_probability", "dry_multiplier", "tfs_z", "length_penalty",
        "min_tokens", "prompt_logprobs", "n_indent", "top_a",
    ]) func whatWouldGiveAnotherAnswerIsRefusedByName(_ name: String) {
        for value: JSONValue in [0.25, 3, "3"] {
            let error = #expect(throws: ServingError.self) { try Self.chat([.init(name, value)]) }
            #expect(error?.param == name && error?.message.contains(name) == true)
        }
    }

    @Test(
        arguments: [
            ("use_beam_search", true), ("skip_special_tokens", false), ("bad_words", ["x"]), ("grammar", "root ::= x"),
            ("guided_regex", "a+"), ("lora", [["id": 0]]), ("samplers", ["temperature", "top_k"]), ("samplers", "tk"),
            ("samplers", ["infill"]), ("best_of", 3), ("logprobs", 21), ("stop_token_ids", [-1]),
        ] as [(String, JSONValue)]) func otherThingsAreRefusedByName(name: String, value: JSONValue)
    {
        let error = #expect(throws: ServingError.self) { try Self.completion([.init(name, value)]) }
        #expect(error?.param == name, "\(error?.message ?? "")")
    }

    @Test func whatCanChangeTheAnswerIsHonoured() throws {
        let ends = Fixture.tokenizer.endOfGeneration
        #expect(!ends.isEmpty)
        let biased = try Self.completion([.init("ignore_eos", true), .init("logit_bias", [[5, 1.5], [6, false]])])
        #expect(biased.request.answer.sampling.logitBias[5] == 1.5)
        for id in ends.union([6]) { #expect(biased.request.answer.sampling.logitBias[id] == -.infinity) }
        let steps = try Self.completion([.init("samplers", ["top_k", "temperature"]), .init("min_p", 0.1)])
        #expect(steps.request.answer.sampling.minP == 0 && steps.request.answer.sampling.topP == 1)
        #expect(steps.request.answer.sampling.topK == 40)
        #expect(try Self.completion([.init("stop_token_ids", [3, 4])]).request.answer.ends == [3, 4])
        #expect(try Self.completion([.init("n_predict", 7)]).request.answer.limit == 7)
        let words: [JSONValue.Member] = [.init("model", "tiny"), .init("prompt", "one two three four")]
        let cut = try OpenAICompletion(
            RequestFields(.object(words + [.init("truncate_prompt_tokens", 2)])), model: Self.model, client: "")
        #expect(cut.prompts[0].tokens == Array(Fixture.tokenizer.encodePrompt("one two three four").suffix(2)))
        #expect(cut.prompts[0].tokens.count == 2 && "one two three four".hasSuffix(cut.prompts[0].text))
        for name in ["guided_json", "json_schema"] {
            #expect(try Self.chat([.init(name, ["type": "object"])]).answer.grammar != nil)
            #expect(try Self.completion([.init(name, "{\"type\": \"object\"}")]).request.answer.grammar != nil)
        }
        #expect(try Self.chat([.init("structured_outputs", ["json": ["type": "object"]])]).answer.grammar != nil)
        #expect(try Self.chat([.init("reasoning_format", "none")]).answer.splitsThinking == false)
        #expect(try Self.chat([.init("include_reasoning", false)]).answer.showsThinking == false)
        #expect(try Self.chat([.init("parallel_tool_calls", false)]).answer.endsAfterCall)
    }

    @Test(
        arguments: [
            ["reasoning": ["effort": "none"]], ["reasoning": ["enabled": false]], ["thinking": ["type": "disabled"]],
            ["enable_thinking": false], ["reasoning_budget": 0], ["think": false], ["reasoning_effort": "none"],
        ] as [JSONValue]) func thinkingCanBeTurnedOffInManyWays(_ fields: JSONValue) throws
    {
        #expect(try OpenAIRequest.thinkingChoice(RequestFields(fields)) == false)
    }

    @Test func numbersMayArriveAsText() throws {
        let asked = try Self.completion([
            .init("temperature", "0.5"), .init("max_tokens", " 9 "), .init("top_k", "7"), .init("seed", "11"),
            .init("stream", "true"),
        ])
        let sampling = asked.request.answer.sampling
        #expect(sampling.temperature == 0.5 && sampling.topK == 7 && sampling.seed == 11)
        #expect(asked.request.answer.limit == 9 && asked.request.streams)
        let options = try Self.ollama(["temperature": "0.5", "num_predict": "-1", "num_ctx": "1024"])
        #expect(options.answer.sampling.temperature == 0.5 && options.answer.limit == nil)
        for text: JSONValue in ["", "x", "0x10", "1 2", "1e999", "nan", true] {
            #expect(throws: ServingError.self) { try Self.completion([.init("max_tokens", text)]) }
        }
    }

    @Test func limitsOfTokensMayBeNegativeOrZero() throws {
        #expect(try Self.completion([]).request.answer.limit == 16)
        #expect(try Self.completion([.init("max_tokens", -1)]).request.answer.limit == nil)
        #expect(try Self.completion([.init("max_tokens", 0)]).request.answer.limit == 0)
        #expect(try Self.chat([.init("max_tokens", -1)]).answer.limit == nil)
        #expect(try Self.chat([.init("max_tokens", 0)]).answer.limit == 0)
        #expect(try Self.chat([.init("max_completion_tokens", 3), .init("max_tokens", 5)]).answer.limit == 3)
        #expect(try Self.ollama(["num_predict": 0]).answer.limit == nil)
    }

    @Test func thereMayBeManyStopsAndEmptyOnes() throws {
        let stops = (0..<40).map { "stop\($0)" }
        let list = JSONValue.array(stops.map { .string($0) } + ["", ""])
        #expect(try Self.completion([.init("stop", list)]).request.answer.stops == stops)
        #expect(try Self.completion([.init("stop", "")]).request.answer.stops == [])
        #expect(try Self.ollama(["stop": list]).answer.stops == stops)
        let much = JSONValue.array((0..<1001).map { .string("\($0)") })
        #expect(throws: ServingError.self) { try Self.completion([.init("stop", much)]) }
    }

    @Test(
        arguments: [
            (0, true), ("0", true), ("0s", true), (0.0, true), (5, false), (-1, false), ("-1", false), ("-1m", false),
            ("5m", false), ("1h30m", false), ("1.5h", false), (".5h", false), ("24h0m0s", false), ("+5m", false),
            ("300", false), ("500ms", false), ("", false), (nil, false),
        ] as [(JSONValue, Bool)]) func modelsAreKeptInAllOfOllamasSpellings(value: JSONValue, unloads: Bool) throws
    {
        #expect(try Self.ollama([:], [.init("keep_alive", value)]).unloads == unloads)
    }

    @Test func optionsOfOllamaThatDoNothingHereAreAcceptedAndOthersRefused() throws {
        let asked = try Self.ollama(
            ["num_gpu": 99, "num_thread": 4, "use_mmap": true, "mirostat": 0, "num_keep": 5, "temperature": 1],
            [.init("truncate", true), .init("shift", true)])
        #expect(
            Set(asked.unused) == [
                "options.num_gpu", "options.num_thread", "options.use_mmap", "options.mirostat", "options.num_keep",
                "truncate", "shift",
            ])
        for option: JSONValue in [["mirostat": 2], ["typical_p": 0.5], ["tfs_z": 0.5]] {
            #expect(throws: ServingError.self) { try Self.ollama(option) }
        }
    }

    @Test func eachFieldWithoutEffectIsLoggedOnce() {
        let log = Lines()
        let notice = FieldNotice(Logger(label: "test") { _ in log })
        notice.note(["user", "ttl"], client: "a")
        notice.note(["ttl", "store"], client: "b")
        notice.note(["user"], client: "b")
        notice.note([], client: "b")
        #expect(log.fields.withLock { $0 } == ["user, ttl", "store"])
    }

    @Test func theManualListsAllOfThem() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "Sources/brigade/Documentation.docc/AcceptedFields.md"), encoding: .utf8)
        let all = FieldRules.openAI.names.union(FieldRules.ollamaOptions.names)
        for name in all.sorted() { #expect(page.contains("`\(name)`"), "\(name)") }
    }
}

/// A log handler that keeps the fields that it is told.
private struct Lines: LogHandler {
    final class Box: Sendable {
        let lines = Mutex<[String]>([])
        func withLock<R: Sendable>(_ body: (inout sending [String]) -> sending R) -> R { lines.withLock(body) }
    }

    let fields = Box()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        fields.lines.withLock { $0.append("\(event.metadata?["fields"] ?? "")") }
    }
}
