import JSON
import Sampling
import Tokenizer

extension OpenAIRequest {
    /// Parses a request to `/v1/completions`, which may have several prompts.
    static func completion(_ fields: RequestFields, model: ServedModel, client: String) throws -> (
        OpenAIRequest, prompts: [[Int32]], echo: String?
    ) {
        try fields.allow(only: completionFields)
        var request = try OpenAIRequest(fields, model: model, client: client)
        request.answer.splitsThinking = false
        request.answer.limit = request.answer.limit ?? 16  // OpenAI's default
        if let count = try fields.int("logprobs", in: 0...20) { request.answer.logprobs = count }
        if try fields.int("best_of", in: 1...1) ?? 1 > 1 {
            throw ServingError.invalid("best_of", "'best_of' is not supported. Ask for 'n' and choose")
        }
        request.answer.grammar = try grammar(fields)
        let echo = try fields.bool("echo") ?? false
        var prompts = try prompts(try fields.required("prompt", fields["prompt"]), model)
        if let suffix = try fields.string("suffix"), !suffix.isEmpty {
            guard case .string(let prefix) = fields["prompt"] else {
                throw ServingError.invalid("suffix", "'suffix' needs a 'prompt' that is one string")
            }
            prompts = [try model.fillInTheMiddle(prefix: prefix, suffix: suffix)]
        }
        return (request, prompts, echo ? fields["prompt"]?.string ?? "" : nil)
    }

    /// Encodes the prompts: a string, a list of strings, a list of token ids, or a list of such lists.
    private static func prompts(_ value: JSONValue, _ model: ServedModel) throws -> [[Int32]] {
        func tokens(_ list: [JSONValue]) throws -> [Int32] {
            try list.map { item in
                guard let id = item.int, id >= 0, id < model.tokenizer.count else {
                    throw ServingError.invalid(
                        "prompt",
                        """
                        'prompt' has \(item.text().prefix(40)), expected token ids from 0 to \
                        \(model.tokenizer.count - 1)
                        """
                    )
                }
                return Int32(id)
            }
        }
        func text(_ text: String) -> [Int32] { model.tokenizer.encodePrompt(text) }
        if let prompt = value.string { return [text(prompt)] }
        guard let list = value.array, !list.isEmpty, list.count <= 1 << 20 else {
            throw ServingError.invalid(
                "prompt",
                "'prompt' is of type \(value.kind) or empty, expected a string, a list of strings, or token ids")
        }
        if list[0].kind == "number" { return [try tokens(list)] }
        guard list.count <= 16 else {
            throw ServingError.invalid("prompt", "'prompt' has \(list.count) prompts, expected at most 16")
        }
        return try list.map { item in
            if let prompt = item.string { return text(prompt) }
            guard let list = item.array else {
                throw ServingError.invalid(
                    "prompt", "'prompt' holds a value of type \(item.kind), expected strings or lists of token ids")
            }
            return try tokens(list)
        }
    }
}

extension ServedModel {
    /// The prompt for filling in text between a beginning and an end, for models trained for it (with Qwen2.5-Coder's
    /// tokens).
    func fillInTheMiddle(prefix: String, suffix: String) throws(ServingError) -> [Int32] {
        let names = ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"]
        let ids = names.compactMap { tokenizer.token(named: $0) }
        guard ids.count == 3 else {
            throw .invalid(
                "suffix", "\(name) does not support insert: its vocabulary lacks \(names.joined(separator: ", "))")
        }
        func words(_ text: String) -> [Int32] { tokenizer.encode(text, parseSpecial: false) }
        let beginning = tokenizer.beginningOfSequence.map { [$0] } ?? []
        return beginning + [ids[0]] + words(prefix) + [ids[1]] + words(suffix) + [ids[2]]
    }
}
