import JSON
import Sampling
import Tokenizer

/// The fields that `/v1/chat/completions` and `/v1/completions` share: those of OpenAI, and those that clients of
/// llama.cpp, vLLM, LM Studio and OpenRouter send. See `FieldRules` for those that are only accepted.
struct OpenAIRequest {
    private static let common: Set<String> = [
        "model", "stream", "stream_options", "temperature", "top_p", "top_k", "min_p", "max_tokens", "stop", "seed",
        "n", "presence_penalty",
        "frequency_penalty", "repetition_penalty", "repeat_penalty", "repeat_last_n", "logit_bias", "logprobs",
        "n_predict", "n_probs", "best_of", "samplers", "ignore_eos", "stop_token_ids", "include_stop_str_in_output",
        "truncate_prompt_tokens", "add_special_tokens", "response_format", "guided_json", "json_schema",
        "structured_outputs", "usage",
    ]
    static let chatFields: Set<String> = common.union(FieldRules.openAI.names).union([
        "messages", "max_completion_tokens", "top_logprobs", "tools", "tool_choice", "parallel_tool_calls",
        "chat_template_kwargs", "modalities", "echo", "add_generation_prompt", "continue_final_message",
        "parse_tool_calls",
    ]).union(thinkingFields)
    static let completionFields: Set<String> = common.union(FieldRules.openAI.names).union([
        "prompt", "suffix", "echo",
    ])

    var answer: AnswerRequest
    var streams = false, includesUsage = false
    /// Fields that it has and that have no effect.
    var unused: [String]
    /// How many tokens at the end of the prompt are kept; nil for all.
    var keptTokens: Int?

    /// Parses the shared fields; the caller sets the prompt.
    init(_ fields: RequestFields, model: ServedModel, client: String) throws {
        try model.check(try fields.required("model", fields.string("model")))
        var sampling = model.sampling
        if let value = try fields.float("temperature", in: 0...2) { sampling.temperature = value }
        if let value = try fields.float("top_p", in: 0...1) { sampling.topP = max(value, 1e-6) }
        if let value = try fields.int("top_k", in: -1...1 << 20) { sampling.topK = max(value, 0) }
        if let value = try fields.float("min_p", in: 0...1) { sampling.minP = value }
        if let value = try fields.float("presence_penalty", in: -2...2) { sampling.presencePenalty = value }
        if let value = try fields.float("frequency_penalty", in: -2...2) { sampling.frequencyPenalty = value }
        if let value = try fields.float("repetition_penalty", in: 0.01...100)
            ?? fields.float("repeat_penalty", in: 0.01...100)
        {
            sampling.repeatPenalty = value
        }
        if let value = try fields.int("repeat_last_n", in: -1...Int(Int32.max)) { sampling.repeatLastN = value }
        if let value = try fields.int("seed", in: .min ... .max) { sampling.seed = value < 0 ? nil : UInt64(value) }
        sampling.logitBias = try Self.bias(fields, vocabulary: model.tokenizer.count)
        if try fields.bool("ignore_eos") ?? false {
            for id in model.tokenizer.endOfGeneration { sampling.logitBias[id] = -.infinity }
        }
        if let samplers = fields["samplers"] { try SamplerChain(samplers).apply(to: &sampling) }
        try sampling.validate()
        unused = try FieldRules.openAI.check(fields)
        answer = AnswerRequest(prompt: [], sampling: sampling, client: client)
        answer.stops = fields["stop"] == nil ? model.stops : try fields.stops("stop")
        answer.limit = try Self.limit(fields).map(\.count) ?? model.limit
        answer.choices = try fields.int("n", in: 1...16) ?? 1
        answer.ends.formUnion(try fields.tokens("stop_token_ids", vocabulary: model.tokenizer.count))
        answer.showsStop = try fields.bool("include_stop_str_in_output") ?? false
        if let count = try fields.int("truncate_prompt_tokens", in: -1...Int(Int32.max)), count > 0 {
            keptTokens = count
        }
        if let best = try fields.int("best_of", in: 1...Int(Int32.max)), best != 1, best != answer.choices {
            throw ServingError.invalid(
                "best_of",
                """
                'best_of' is \(best), but answers are not ranked here. Leave it out, ask for several with 'n' and choose
                """,
                code: "unsupported_value")
        }
        streams = try fields.bool("stream") ?? false
        if let options = try fields.fields("stream_options") {
            try options.allow(only: ["include_usage", "include_obfuscation", "continuous_usage_stats"])
            includesUsage = try options.bool("include_usage") ?? false
            unused += options.object.members?.map { options.prefix + $0.name }.filter { !$0.hasSuffix("usage") } ?? []
        }
        includesUsage = try fields.fields("usage")?.bool("include") ?? includesUsage
    }

    /// The limit on an answer's tokens, by any of its names.
    static func limit(_ fields: RequestFields) throws(ServingError) -> TokenLimit? {
        for name in ["max_completion_tokens", "max_tokens", "n_predict"] {
            if let limit = try fields.limit(name) { return limit }
        }
        return nil
    }

    /// Sets the prompt, as much of it as the request keeps.
    mutating func setPrompt(_ tokens: [Int32]) { answer.prompt = kept(tokens) }

    /// As much of a prompt as the request keeps.
    func kept(_ tokens: [Int32]) -> [Int32] { keptTokens.map { tokens.suffix($0) } ?? tokens }

    private static func bias(_ fields: RequestFields, vocabulary: Int) throws(ServingError) -> [Int32: Float] {
        var result: [Int32: Float] = [:]
        for (token, bias) in try biases(fields) {
            guard let number = token.asNumber.int, let id = Int32(exactly: number), id >= 0, id < vocabulary else {
                throw .invalid(
                    "logit_bias",
                    "'logit_bias' names token \(token.text().prefix(40)), expected ids from 0 to \(vocabulary - 1)")
            }
            // In llama.cpp, false forbids the token.
            guard let value = bias == false ? -100 : bias.asNumber.double, (-100...100).contains(value) else {
                throw .invalid(
                    "logit_bias", "'logit_bias' of token \(id) is \(bias.text().prefix(40)), expected -100 to 100")
            }
            // In OpenAI's API, -100 forbids the token.
            result[id] = value == -100 ? -.infinity : Float(value)
        }
        guard result.count <= 1024 else {
            throw .invalid("logit_bias", "'logit_bias' has \(result.count) tokens, expected at most 1024")
        }
        return result
    }

    /// The biases by token: an object, as OpenAI has it, or a list of pairs, as llama.cpp has it.
    private static func biases(_ fields: RequestFields) throws(ServingError) -> [(JSONValue, JSONValue)] {
        if let pairs = fields["logit_bias"]?.array?.map({ $0.array ?? [] }), pairs.allSatisfy({ $0.count == 2 }) {
            return pairs.map { ($0[0], $0[1]) }
        }
        return try fields.fields("logit_bias")?.object.members?.map { (.string($0.name), $0.value) } ?? []
    }

    /// The grammar that the answer must follow, by any of the fields that may demand one.
    static func demandedGrammar(_ fields: RequestFields) throws -> JSONGrammar? {
        var found: [(name: String, grammar: JSONGrammar)] = []
        if let grammar = try grammar(fields) { found.append(("response_format", grammar)) }
        for name in ["guided_json", "json_schema"] {
            guard let schema = fields[name], schema != "", schema.members?.isEmpty != true else { continue }
            found.append((name, try grammar(schema: schema, param: name)))
        }
        if let outputs = try fields.fields("structured_outputs") {
            try outputs.allow(only: ["json", "json_object", "backend", "disable_any_whitespace"])
            if let schema = outputs["json"] {
                found.append(("structured_outputs", try grammar(schema: schema, param: "structured_outputs.json")))
            } else if try outputs.bool("json_object") ?? false {
                found.append(("structured_outputs", .anyObject))
            }
        }
        guard found.count <= 1 else {
            throw ServingError.invalid(found[1].name, "'\(found[0].name)' and '\(found[1].name)' exclude each other")
        }
        return found.first?.grammar
    }

    /// The grammar of `response_format`.
    static func grammar(_ fields: RequestFields) throws -> JSONGrammar? {
        guard let format = try fields.fields("response_format") else { return nil }
        switch try format.required("type", format.string("type")) {
        case "text": return nil
        case "json_object":
            // llama.cpp takes a schema here too; one that says nothing leaves any object.
            guard let schema = format["schema"], schema.members?.isEmpty != true else { return .anyObject }
            return try Self.grammar(schema: schema, param: "response_format")
        case "json_schema":
            if format["json_schema"] == nil, let schema = format["schema"] {  // as llama.cpp has it
                return try Self.grammar(schema: schema, param: "response_format")
            }
            let description = try format.required("json_schema", format.fields("json_schema"))
            let schema = try description.required("schema", description["schema"])
            return try Self.grammar(schema: schema, param: "response_format")
        case let other:
            throw ServingError.invalid(
                "response_format.type",
                "'response_format.type' is '\(other.prefix(40))', expected text, json_object or json_schema")
        }
    }

    /// The grammar of a schema.
    ///
    /// - Throws: when the schema cannot be enforced.
    static func grammar(schema: JSONValue, param: String) throws(ServingError) -> JSONGrammar {
        // vLLM takes a schema as text as well.
        let schema = schema.string.flatMap { try? JSONValue(parsing: $0) } ?? schema
        do { return try JSONGrammar(schema: schema) } catch {
            throw .invalid(param, error.description, code: "unsupported_schema")
        }
    }
}
