import JSON
import Sampling
import Tokenizer

/// Writes answers in OpenAI's format. A plain value that turns events into objects and knows nothing of HTTP.
struct OpenAIWriter {
    /// The kind of answer.
    enum Kind { case chat, completion }

    struct Choice {
        var thinking = "", text = "", calls: [(id: String, call: ToolCall)] = [], logprobs: [TokenLogprob] = [],
            end: AnswerEnd?
        /// The prompt that the text begins with, and its tokens after the first as far as they are scored.
        var echo: OpenAICompletion.Prompt?, scores: [TokenLogprob] = []
        /// Where the text of the next token begins, in Unicode scalars.
        var offset = 0
        /// Whether all of the echo's tokens are scored.
        var isScored: Bool { echo.map { scores.count >= $0.tokens.count - 1 } ?? true }
    }

    let kind: Kind, id: String, created: Int, model: String
    let wantsLogprobs: Bool, includesUsage: Bool
    let tokenizer: Tokenizer
    private let promptTokens: Int
    private(set) var choices: [Choice]

    init(
        _ kind: Kind, id: String, created: Int, model: ServedModel, request: OpenAIRequest, promptTokens: Int,
        choices: Int, echoes: [OpenAICompletion.Prompt] = []
    ) {
        self.kind = kind
        self.id = id
        self.created = created
        self.model = model.name
        self.promptTokens = promptTokens
        wantsLogprobs = request.answer.logprobs != nil
        includesUsage = request.includesUsage
        tokenizer = model.tokenizer
        self.choices = Array(repeating: Choice(), count: choices)
        for i in self.choices.indices where !echoes.isEmpty {
            self.choices[i].echo = echoes[i * echoes.count / choices]
        }
    }

    // MARK: Streams

    /// The first chunks of a stream. An echo with logprobs waits for them.
    mutating func opening() -> [JSONValue] {
        guard kind == .completion else {
            return choices.indices.map { chunk($0, delta: ["role": "assistant", "content": ""]) }
        }
        var chunks: [JSONValue] = []
        for i in choices.indices where choices[i].echo != nil && (!wantsLogprobs || choices[i].isScored) {
            chunks.append(echo(i))
        }
        return chunks
    }

    private mutating func echo(_ choice: Int) -> JSONValue {
        let prompt = choices[choice].echo!
        return chunk(choice, text: prompt.text, logprobs: promptLogprobs(choice), echo: prompt.text)
    }

    /// The chunks that an event becomes in a stream.
    mutating func chunks(_ event: AnswerEvent) -> [JSONValue] {
        switch event {
        case .queued, .prompt, .pause: return []
        case .scores(let choice, let tokens):
            choices[choice].scores += tokens
            return choices[choice].isScored ? [echo(choice)] : []
        case .parts(let choice, let parts, let logprobs):
            var chunks: [JSONValue] = [], logprobs = logprobs
            for part in parts {
                switch (part, kind) {
                case (.thinking(let text), _): chunks.append(chunk(choice, delta: ["reasoning_content": .string(text)]))
                case (.text(let text), .chat):
                    chunks.append(chunk(choice, delta: ["content": .string(text)], logprobs: logprobs))
                    logprobs = []
                case (.text(let text), .completion):
                    chunks.append(chunk(choice, text: text, logprobs: logprobs))
                    logprobs = []
                case (.call(let call), _):
                    let index = choices[choice].calls.count
                    choices[choice].calls.append((Self.callID(id, choice, index), call))
                    chunks.append(chunk(choice, delta: ["tool_calls": [toolCall(choice, index, withIndex: true)]]))
                }
            }
            return chunks
        case .end(let choice, let end):
            choices[choice].end = end
            return [
                kind == .chat
                    ? chunk(choice, delta: [:], finish: finish(end)) : chunk(choice, text: "", finish: finish(end))
            ]
        }
    }

    /// The last chunk, with the usage if it was requested.
    func closing() -> [JSONValue] {
        guard includesUsage else { return [] }
        return [frame(choices: [], usage: usage())]
    }

    private func chunk(_ choice: Int, delta: JSONValue, logprobs: [TokenLogprob] = [], finish: JSONValue = nil)
        -> JSONValue
    {
        frame(choices: [
            [
                "index": .int(choice), "delta": delta,
                "logprobs": wantsLogprobs && !logprobs.isEmpty ? chatLogprobs(logprobs) : nil,
                "finish_reason": finish,
            ]
        ])
    }

    private mutating func chunk(
        _ choice: Int, text: String, logprobs: [TokenLogprob] = [], echo: String? = nil, finish: JSONValue = nil
    ) -> JSONValue {
        var offset = choices[choice].offset
        let logprobs =
            wantsLogprobs && !logprobs.isEmpty ? completionLogprobs(logprobs, echo: echo, offset: &offset) : nil
        choices[choice].offset = offset
        return frame(choices: [
            ["index": .int(choice), "text": .string(text), "logprobs": logprobs, "finish_reason": finish]
        ])
    }

    private func frame(choices: JSONValue, usage: JSONValue? = nil) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("id", .string(id)), .init("object", kind == .chat ? "chat.completion.chunk" : "text_completion"),
            .init("created", .int(created)),
            .init("model", .string(model)), .init("system_fingerprint", "brigade"), .init("choices", choices),
        ]
        if let usage {
            members.append(.init("usage", usage))
        } else if includesUsage {
            members.append(.init("usage", nil))
        }
        return .object(members)
    }

    // MARK: Whole answers

    /// Adds an event to the answer that `whole()` returns.
    mutating func collect(_ event: AnswerEvent) {
        switch event {
        case .queued, .prompt, .pause: break
        case .scores(let choice, let tokens): choices[choice].scores += tokens
        case .parts(let choice, let parts, let logprobs):
            for part in parts {
                switch part {
                case .thinking(let text): choices[choice].thinking += text
                case .text(let text): choices[choice].text += text
                case .call(let call):
                    choices[choice].calls.append((Self.callID(id, choice, choices[choice].calls.count), call))
                }
            }
            if parts.contains(where: { if case .thinking = $0 { false } else { true } }) {
                choices[choice].logprobs += logprobs
            }
        case .end(let choice, let end): choices[choice].end = end
        }
    }

    /// The answer as one object.
    func whole() -> JSONValue {
        [
            "id": .string(id), "object": kind == .chat ? "chat.completion" : "text_completion",
            "created": .int(created), "model": .string(model),
            "system_fingerprint": "brigade",
            "choices": .array(choices.indices.map { kind == .chat ? chatChoice($0) : completionChoice($0) }),
            "usage": usage(),
        ]
    }

    private func chatChoice(_ index: Int) -> JSONValue {
        let choice = choices[index]
        var message: [JSONValue.Member] = [
            .init("role", "assistant"),
            .init("content", choice.text.isEmpty && !choice.calls.isEmpty ? nil : .string(choice.text)),
            .init("refusal", nil),
        ]
        if !choice.thinking.isEmpty { message.append(.init("reasoning_content", .string(choice.thinking))) }
        if !choice.calls.isEmpty {
            message.append(
                .init("tool_calls", .array(choice.calls.indices.map { toolCall(index, $0, withIndex: false) })))
        }
        return [
            "index": .int(index), "message": .object(message),
            "logprobs": wantsLogprobs ? chatLogprobs(choice.logprobs) : nil,
            "finish_reason": choice.end.map(finish) ?? nil,
        ]
    }

    private func completionChoice(_ index: Int) -> JSONValue {
        let choice = choices[index]
        var offset = 0
        let tokens = promptLogprobs(index) + choice.logprobs
        return [
            "index": .int(index), "text": .string((choice.echo?.text ?? "") + choice.text),
            "logprobs": wantsLogprobs ? completionLogprobs(tokens, echo: choice.echo?.text, offset: &offset) : nil,
            "finish_reason": choice.end.map(finish) ?? nil,
        ]
    }

    // MARK: Parts

    private func finish(_ end: AnswerEnd) -> JSONValue {
        if end.calls > 0 { return "tool_calls" }
        return end.stop != nil || end.summary.ending == .stop ? "stop" : "length"
    }

    private func toolCall(_ choice: Int, _ index: Int, withIndex: Bool) -> JSONValue {
        let (id, call) = choices[choice].calls[index]
        var members: [JSONValue.Member] = withIndex ? [.init("index", .int(index))] : []
        members += [
            .init("id", .string(id)), .init("type", "function"),
            .init("function", ["name": .string(call.name), "arguments": .string(call.arguments)]),
        ]
        return .object(members)
    }

    private static func callID(_ id: String, _ choice: Int, _ index: Int) -> String {
        "call_" + id.split(separator: "-").last! + "\(choice)x\(index)"
    }

    private func usage() -> JSONValue {
        let ends = choices.compactMap(\.end)
        let answer = ends.reduce(0) { $0 + $1.tokens.count }
        return [
            "prompt_tokens": .int(promptTokens), "completion_tokens": .int(answer),
            "total_tokens": .int(promptTokens + answer),
            "prompt_tokens_details": ["cached_tokens": .int(ends.map(\.summary.reusedTokens).max() ?? 0)],
            "completion_tokens_details": [
                "reasoning_tokens": .int(ends.reduce(0) { $0 + $1.thinkingTokens }),
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
            ],
        ]
    }
}
