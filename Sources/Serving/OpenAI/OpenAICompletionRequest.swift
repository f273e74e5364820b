import JSON
import Sampling
import Tokenizer

/// A request to `/v1/completions`, which may have several prompts.
struct OpenAICompletion {
    /// A prompt: its tokens, and the text that an answer with `echo` begins with.
    struct Prompt { var tokens: [Int32], text: String }

    /// What all answers share, without a prompt.
    var request: OpenAIRequest
    var prompts: [Prompt]
    /// Whether answers begin with their prompts.
    var echoes: Bool

    /// Limit on the prompts of one request.
    private static let mostPrompts = 1024
    /// OpenAI's limit on the tokens of an answer if the request has none.
    private static let usualLimit = 16

    init(_ fields: RequestFields, model: ServedModel, client: String) throws {
        try fields.allow(only: OpenAIRequest.completionFields)
        request = try OpenAIRequest(fields, model: model, client: client)
        request.answer.splitsThinking = false
        request.answer.promptField = "prompt"
        if try OpenAIRequest.limit(fields) == nil { request.answer.limit = request.answer.limit ?? Self.usualLimit }
        for name in ["n_probs", "logprobs"] where fields[name] != false {
            if let count = try fields.int(name, in: 0...20), name == "logprobs" || count > 0 {
                request.answer.logprobs = count
            }
        }
        request.answer.grammar = try OpenAIRequest.demandedGrammar(fields)
        echoes = try fields.bool("echo") ?? false
        request.answer.scoresPrompt = echoes && request.answer.logprobs != nil
        let value = try fields.required("prompt", fields["prompt"])
        if let suffix = try fields.string("suffix"), !suffix.isEmpty {
            guard let prefix = value.string else {
                throw ServingError.invalid("suffix", "'suffix' needs a 'prompt' that is one string")
            }
            prompts = [Prompt(tokens: try model.fillInTheMiddle(prefix: prefix, suffix: suffix), text: prefix)]
        } else {
            prompts = try Self.prompts(value, model, marksBeginning: fields.bool("add_special_tokens") ?? true)
        }
        guard request.keptTokens != nil else { return }
        prompts = prompts.map { prompt in
            let kept = request.kept(prompt.tokens)
            return kept.count == prompt.tokens.count ? prompt : Prompt(tokens: kept, text: model.tokenizer.echo(kept))
        }
    }

    /// The answers to give, in the order of the prompts.
    var answers: [AnswerRequest] {
        prompts.map { prompt in
            var answer = request.answer
            answer.prompt = prompt.tokens
            return answer
        }
    }

    /// Encodes the prompts: a string, a list of strings, a list of token ids, or a list of such lists.
    private static func prompts(_ value: JSONValue, _ model: ServedModel, marksBeginning: Bool) throws -> [Prompt] {
        let tokenizer = model.tokenizer
        func tokens(_ list: [JSONValue]) throws -> Prompt {
            let ids = try RequestFields(["prompt": .array(list)]).tokens("prompt", vocabulary: tokenizer.count)
            return Prompt(tokens: ids, text: tokenizer.echo(ids))
        }
        func text(_ text: String) -> Prompt {
            let ids = marksBeginning ? tokenizer.encodePrompt(text) : tokenizer.encode(text, parseSpecial: true)
            return Prompt(tokens: ids, text: text)
        }
        if let prompt = value.string { return [text(prompt)] }
        guard let list = value.array, !list.isEmpty, list.count <= 1 << 20 else {
            throw ServingError.invalid(
                "prompt",
                "'prompt' is of type \(value.kind) or empty, expected a string, a list of strings, or token ids")
        }
        if list[0].kind == "number" { return [try tokens(list)] }
        guard list.count <= mostPrompts else {
            throw ServingError.invalid(
                "prompt", "'prompt' has \(list.count) prompts, expected at most \(mostPrompts)")
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

extension Tokenizer {
    /// The text of a prompt that came as token ids.
    fileprivate func echo(_ ids: [Int32]) -> String { decode(ids, showsControlTokens: true) }
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
