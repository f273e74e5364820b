import Coordinator
import Foundation
import JSON
import Launch
import Sampling
import Tokenizer

/// A request to `/api/chat` or `/api/generate`. Unknown fields are ignored, as in Ollama.
struct OllamaRequest {
    /// The fields that are honoured, of requests and of their `options`.
    private static let fields: Set<String> = [
        "model", "messages", "stream", "options", "keep_alive", "format", "think", "tools", "logprobs", "top_logprobs",
        "prompt", "suffix", "system", "template", "raw", "context", "images",
    ]
    private static let options: Set<String> = [
        "num_ctx", "num_predict", "temperature", "top_k", "top_p", "min_p", "repeat_penalty", "repeat_last_n",
        "presence_penalty", "frequency_penalty", "seed", "stop",
    ]

    var answer: AnswerRequest
    var streams = true
    /// Fields that it has and that have no effect.
    private(set) var unused: [String] = []
    /// Whether the request has no prompt, as when a client only loads a model; and whether it asks to unload it.
    var isEmpty = false, unloads = false

    private init(_ fields: RequestFields, model: ServedModel, contextLength: Int, client: String) throws {
        try model.check(try fields.required("model", fields.string("model")))
        answer = AnswerRequest(prompt: [], sampling: model.sampling, client: client)
        answer.stops = model.stops
        answer.limit = model.limit
        streams = try fields.bool("stream") ?? true
        unloads = try Self.unloads(fields["keep_alive"])
        unused = Self.others(fields, than: Self.fields)
        if let options = try fields.fields("options") { try apply(options, contextLength: contextLength, model) }
        if try fields.bool("logprobs") ?? false { answer.logprobs = try fields.int("top_logprobs", in: 0...20) ?? 0 }
        if let images = try fields.array("images"), !images.isEmpty {
            throw ServingError.invalid("images", "\(model.name) reads no images")
        }
    }

    /// A request to `/api/chat`.
    static func chat(_ fields: RequestFields, model: ServedModel, contextLength: Int, client: String) throws
        -> OllamaRequest
    {
        var request = try OllamaRequest(fields, model: model, contextLength: contextLength, client: client)
        let list = try fields.array("messages") ?? []
        guard !list.isEmpty else {
            request.isEmpty = true
            return request
        }
        let messages = try list.enumerated().map { i, value in try message(value, "messages[\(i)].") }
        let tools = try ToolBox(fields.array("tools") ?? [])
        guard tools.tools.isEmpty || model.template.offersTools else {
            throw ServingError.invalid("tools", "\(model.name) does not support tools")
        }
        var chat = ChatRequest(messages, tools: tools.tools.map(\.definition), now: .now)
        try readThinking(fields, model, into: &chat)
        try request.answer.ask(chat, model)
        request.answer.tools = tools.tools.isEmpty ? nil : tools.schemas
        try request.format(fields, model)
        return request
    }

    /// A request to `/api/generate`.
    static func generate(_ fields: RequestFields, model: ServedModel, contextLength: Int, client: String) throws
        -> OllamaRequest
    {
        var request = try OllamaRequest(fields, model: model, contextLength: contextLength, client: client)
        let prompt = try fields.string("prompt") ?? "", system = try fields.string("system"),
            suffix = try fields.string("suffix") ?? ""
        let isRaw = try fields.bool("raw") ?? false
        if let own = try fields.string("template"), !own.isEmpty {
            throw ServingError.invalid(
                "template",
                "'template' is not supported. Write the prompt as it shall be and send it with \"raw\": true")
        }
        let context = try Self.context(fields, model)
        if isRaw && (system != nil || !context.isEmpty) {
            throw ServingError.invalid("raw", "raw mode does not support template, system, or context")
        }
        guard !prompt.isEmpty || !suffix.isEmpty else {
            request.isEmpty = true
            return request
        }
        if !suffix.isEmpty {
            request.answer.prompt = try model.fillInTheMiddle(prefix: prompt, suffix: suffix)
            request.answer.splitsThinking = false
        } else if isRaw {
            request.answer.prompt = model.tokenizer.encodePrompt(prompt)
            request.answer.splitsThinking = false
        } else {
            var chat = ChatRequest([ChatMessage(role: .user, content: prompt)], now: .now)
            if let system, !system.isEmpty { chat.messages.insert(ChatMessage(role: .system, content: system), at: 0) }
            try readThinking(fields, model, into: &chat)
            if context.isEmpty {
                try request.answer.ask(chat, model)
            } else {
                let turn = try model.template.following(chat)
                request.answer.prompt = context + model.tokenizer.encode(turn.segments)
                request.answer.startsInThinking = turn.startsInThinking
            }
        }
        try request.format(fields, model)
        return request
    }

    private static func context(_ fields: RequestFields, _ model: ServedModel) throws(ServingError) -> [Int32] {
        var result: [Int32] = []
        for value in try fields.array("context") ?? [] {
            guard let id = value.int, id >= 0, id < model.tokenizer.count else {
                throw .invalid(
                    "context",
                    """
                    'context' holds \(value.text().prefix(40)), expected the list of tokens that an earlier answer gave
                    """
                )
            }
            result.append(Int32(id))
        }
        return result
    }

    /// Reads whether the model shall think.
    private static func readThinking(_ fields: RequestFields, _ model: ServedModel, into chat: inout ChatRequest) throws
    {
        guard let think = fields["think"] else { return }
        if let wanted = think.bool {
            if wanted && !model.thinks {
                throw ServingError.invalid("think", "\"\(model.name)\" does not support thinking")
            }
            chat.thinks = wanted
        } else if let level = think.string {
            guard ["low", "medium", "high"].contains(level) else {
                throw ServingError.invalid(
                    "think", "'think' is '\(level.prefix(40))', expected true, false, low, medium or high")
            }
            if !model.thinks { throw ServingError.invalid("think", "\"\(model.name)\" does not support thinking") }
            chat.thinks = true
            chat.variables.append(.init("reasoning_effort", .string(level)))
        } else {
            throw ServingError.invalid(
                "think", "'think' is of type \(think.kind), expected true, false, low, medium or high",
                code: "invalid_type")
        }
    }

    private mutating func format(_ fields: RequestFields, _ model: ServedModel) throws {
        guard let format = fields["format"], format != "" else { return }
        let grammar: JSONGrammar
        if format == "json" {
            grammar = .anyObject
        } else if format.members != nil {
            grammar = try OpenAIRequest.grammar(schema: format, param: "format")
        } else {
            throw ServingError.invalid(
                "format", "'format' is \(format.text().prefix(60)), expected \"json\" or a JSON schema")
        }
        answer.demand(grammar, model)
        answer.tools = nil
    }

    /// The fields that are not in `known`.
    private static func others(_ fields: RequestFields, than known: Set<String>) -> [String] {
        (fields.object.members ?? []).filter { !$0.value.isNull && !known.contains($0.name) }.map {
            fields.prefix + $0.name
        }
    }

    /// Why there are not as many positions as were asked for, and what to do.
    private static func shortage(asked: Int, available: Int, _ model: ServedModel) -> String {
        let most = model.facts.contextLength
        let remedy =
            most > 0 && asked > most
            ? "\(model.name) was made for \(most)"
            : """
            for more, start brigade serve with --num-ctx \(asked), and with --parallel 1 or --kv q8_0 where memory is \
            short
            """
        return "num_ctx is \(asked), but this cluster has a context of \(available). Ask for less; \(remedy)"
    }

    private mutating func apply(_ options: RequestFields, contextLength: Int, _ model: ServedModel) throws {
        _ = try FieldRules.ollamaOptions.check(options)
        unused += Self.others(options, than: Self.options)
        if let length = try options.int("num_ctx", in: 1...Int(Int32.max)), length > contextLength {
            throw ServingError.invalid(
                "options.num_ctx", Self.shortage(asked: length, available: contextLength, model))
        }
        // In Ollama, 0 is no limit.
        if let limit = try options.limit("num_predict") { answer.limit = limit == .tokens(0) ? nil : limit.count }
        if let value = try options.float("temperature", in: 0...100) { answer.sampling.temperature = value }
        if let value = try options.int("top_k", in: -1...1 << 20) { answer.sampling.topK = max(value, 0) }
        if let value = try options.float("top_p", in: 0...1) { answer.sampling.topP = max(value, 1e-6) }
        if let value = try options.float("min_p", in: 0...1) { answer.sampling.minP = value }
        if let value = try options.float("repeat_penalty", in: 0.01...100) { answer.sampling.repeatPenalty = value }
        if let value = try options.int("repeat_last_n", in: -1...Int(Int32.max)) { answer.sampling.repeatLastN = value }
        if let value = try options.float("presence_penalty", in: -2...2) { answer.sampling.presencePenalty = value }
        if let value = try options.float("frequency_penalty", in: -2...2) { answer.sampling.frequencyPenalty = value }
        if let value = try options.int("seed", in: .min ... .max) {
            answer.sampling.seed = value < 0 ? nil : UInt64(value)
        }
        if options["stop"] != nil { answer.stops = try options.stops("stop") }
        try answer.sampling.validate()
    }

    /// Whether the request asks to unload the model at once. The served model stays loaded regardless.
    private static func unloads(_ value: JSONValue?) throws(ServingError) -> Bool {
        guard let value else { return false }
        if let seconds = value.double { return seconds == 0 }
        if value == "" { return false }
        if let keepAlive = value.string.flatMap({ KeepAlive($0) }) { return keepAlive == .time(.zero) }
        throw .invalid(
            "keep_alive", "'keep_alive' is \(value.text().prefix(40)), expected seconds, or a time such as \"5m\"")
    }

    private static func message(_ value: JSONValue, _ path: String) throws -> ChatMessage {
        let fields = RequestFields(value, prefix: path)
        let name = try fields.required("role", fields.string("role"))
        guard let role = ChatRole(rawValue: name) else {
            throw ServingError.invalid(
                path + "role", "invalid role: \(name.prefix(40)), expected system, user, assistant or tool")
        }
        if let images = try fields.array("images"), !images.isEmpty {
            throw ServingError.invalid(path + "images", "this model reads no images")
        }
        var calls: [ToolCall] = []
        for (i, call) in (try fields.array("tool_calls") ?? []).enumerated() {
            let function = RequestFields(call["function"] ?? .null, prefix: "\(path)tool_calls[\(i)].function.")
            calls.append(
                ToolCall(
                    name: try function.required("name", function.string("name")),
                    arguments: try Self.arguments(function).text(.python)))
        }
        return ChatMessage(
            role: role, content: try fields.string("content") ?? "",
            thinking: role == .assistant ? try fields.string("thinking") : nil, toolCalls: calls,
            toolCallID: role == .tool ? try fields.string("tool_call_id") : nil,
            name: role == .tool ? try fields.string("tool_name") : nil)
    }

    /// A call's arguments: an object, or its text, as OpenAI's clients keep it.
    private static func arguments(_ function: RequestFields) throws -> JSONValue {
        if let text = function["arguments"]?.string, let value = try? JSONValue(parsing: text.isEmpty ? "{}" : text),
            value.members != nil
        {
            return value
        }
        return try function.fields("arguments")?.object ?? .object([])
    }
}

extension ServedModel {
    /// Whether the model thinks before it answers, judged by its template and vocabulary.
    var thinks: Bool { template.format.thinks || tokenizer.token(named: template.format.thinking.opening) != nil }

    /// Whether the model can fill in text between a beginning and an end.
    var fills: Bool { tokenizer.token(named: "<|fim_middle|>") != nil }
}
