import JSON
import Sampling
import Tokenizer

/// The fields that `/v1/chat/completions` and `/v1/completions` share: those that control sampling, and those that are
/// accepted because OpenAI's clients send them.
struct OpenAIRequest {
    /// Accepted without effect, since the features they control do not exist here.
    private static let ignored: Set<String> = [
        "user", "store", "metadata", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
        "verbosity", "prediction",
    ]
    private static let common: Set<String> = [
        "model", "stream", "stream_options", "temperature", "top_p", "top_k", "min_p", "max_tokens", "stop", "seed",
        "n", "presence_penalty",
        "frequency_penalty", "repetition_penalty", "repeat_penalty", "logit_bias", "logprobs",
    ]
    static let chatFields: Set<String> = common.union(ignored).union([
        "messages", "max_completion_tokens", "top_logprobs", "tools", "tool_choice", "parallel_tool_calls",
        "response_format",
        "reasoning_effort", "chat_template_kwargs", "modalities",
    ])
    static let completionFields: Set<String> = common.union(ignored).union([
        "prompt", "suffix", "echo", "best_of", "response_format",
    ])

    var answer: AnswerRequest
    var streams = false, includesUsage = false

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
        if let value = try fields.int("seed", in: .min ... .max) { sampling.seed = value < 0 ? nil : UInt64(value) }
        sampling.logitBias = try Self.bias(fields, vocabulary: model.tokenizer.count)
        try sampling.validate()
        answer = AnswerRequest(prompt: [], sampling: sampling, client: client)
        answer.stops = fields["stop"] == nil ? model.stops : try fields.stops("stop")
        answer.limit = try fields.int("max_tokens", in: 1...Int(Int32.max)) ?? model.limit
        answer.choices = try fields.int("n", in: 1...16) ?? 1
        streams = try fields.bool("stream") ?? false
        if let options = try fields.fields("stream_options") {
            guard streams else {
                throw ServingError.invalid("stream_options", "'stream_options' is only allowed when 'stream' is true")
            }
            try options.allow(only: ["include_usage", "include_obfuscation"])
            includesUsage = try options.bool("include_usage") ?? false
        }
    }

    private static func bias(_ fields: RequestFields, vocabulary: Int) throws(ServingError) -> [Int32: Float] {
        guard let biases = try fields.fields("logit_bias") else { return [:] }
        var result: [Int32: Float] = [:]
        for member in biases.object.members ?? [] {
            guard let id = Int32(member.name), id >= 0, id < vocabulary else {
                throw .invalid(
                    "logit_bias",
                    "'logit_bias' names token \(member.name.prefix(40)), expected ids from 0 to \(vocabulary - 1)")
            }
            guard let value = member.value.double, (-100...100).contains(value) else {
                throw .invalid(
                    "logit_bias",
                    "'logit_bias' of token \(id) is \(member.value.text().prefix(40)), expected -100 to 100")
            }
            // In OpenAI's API, -100 forbids the token.
            result[id] = value == -100 ? -.infinity : Float(value)
        }
        guard result.count <= 1024 else {
            throw .invalid("logit_bias", "'logit_bias' has \(result.count) tokens, expected at most 1024")
        }
        return result
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
        do { return try JSONGrammar(schema: schema) } catch {
            throw .invalid(param, error.description, code: "unsupported_schema")
        }
    }
}
