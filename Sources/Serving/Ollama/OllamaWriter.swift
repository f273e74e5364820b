import Foundation
import JSON
import Sampling
import Tokenizer

/// Writes answers in Ollama's format. A plain value that turns events into objects.
struct OllamaWriter {
    /// The kind of answer.
    enum Kind { case chat, generate }

    let kind: Kind, model: ServedModel, prompt: [Int32]
    private var thinking = "", text = "", calls: [ToolCall] = [], logprobs: [TokenLogprob] = []
    private var callCount = 0
    private let wantsLogprobs: Bool

    init(_ kind: Kind, model: ServedModel, request: AnswerRequest) {
        self.kind = kind
        self.model = model
        prompt = request.prompt
        wantsLogprobs = request.logprobs != nil
    }

    /// The objects that an event becomes in a stream.
    mutating func lines(_ event: AnswerEvent) -> [JSONValue] {
        switch event {
        case .queued, .prompt, .scores, .pause: return []
        case .parts(_, let parts, let logprobs):
            self.logprobs = logprobs
            defer { self.logprobs = [] }
            return parts.map { part in
                switch part {
                case .thinking(let text): line(thinking: text)
                case .text(let text): line(text: text)
                case .call(let call): line(calls: [call])
                }
            }
        case .end(_, let end): return [line(end: end)]
        }
    }

    /// Adds an event; after the last event, returns the whole answer as one object.
    mutating func collect(_ event: AnswerEvent) -> JSONValue? {
        switch event {
        case .queued, .prompt, .scores, .pause: return nil
        case .parts(_, let parts, let more):
            logprobs += more
            for part in parts {
                switch part {
                case .thinking(let part): thinking += part
                case .text(let part): text += part
                case .call(let call): calls.append(call)
                }
            }
            return nil
        case .end(_, let end): return line(thinking: thinking, text: text, calls: calls, end: end)
        }
    }

    /// The answer to a request without a prompt.
    mutating func nothing(_ reason: String) -> JSONValue {
        var members = opening
        members += body("", "", [])
        members += [.init("done_reason", .string(reason)), .init("done", true)]
        return .object(members)
    }

    private var opening: [JSONValue.Member] {
        [.init("model", .string(model.name)), .init("created_at", .string(Self.time(Date())))]
    }

    private mutating func body(_ thinking: String, _ text: String, _ calls: [ToolCall]) -> [JSONValue.Member] {
        guard kind == .chat else {
            return [.init("response", .string(text))] + (thinking.isEmpty ? [] : [.init("thinking", .string(thinking))])
        }
        var message: [JSONValue.Member] = [.init("role", "assistant"), .init("content", .string(text))]
        if !thinking.isEmpty { message.append(.init("thinking", .string(thinking))) }
        if !calls.isEmpty {
            message.append(
                .init(
                    "tool_calls",
                    .array(
                        calls.map { call in
                            defer { callCount += 1 }
                            let arguments = (try? JSONValue(parsing: call.arguments)) ?? .object([])
                            return [
                                "function": [
                                    "index": .int(callCount), "name": .string(call.name), "arguments": arguments,
                                ]
                            ]
                        })))
        }
        return [.init("message", .object(message))]
    }

    private mutating func line(thinking: String = "", text: String = "", calls: [ToolCall] = [], end: AnswerEnd? = nil)
        -> JSONValue
    {
        var members = opening
        members += body(thinking, text, calls)
        if wantsLogprobs && !logprobs.isEmpty { members.append(.init("logprobs", .array(logprobs.map(entry)))) }
        guard let end else { return .object(members + [.init("done", false)]) }
        func nanoseconds(_ seconds: Double) -> JSONValue { .int(Int(max(seconds, 0) * 1e9)) }
        let summary = end.summary
        members += [
            .init("done_reason", end.stop != nil || summary.ending == .stop ? "stop" : "length"), .init("done", true),
            .init("total_duration", nanoseconds(end.seconds)),
            .init("load_duration", nanoseconds(summary.queueSeconds)),
            .init("prompt_eval_count", .int(summary.promptTokens)),
            .init("prompt_eval_duration", nanoseconds(summary.promptSeconds)),
            .init("eval_count", .int(end.tokens.count)), .init("eval_duration", nanoseconds(summary.answerSeconds)),
        ]
        if kind == .generate { members.append(.init("context", .array((prompt + end.tokens).map { .int(Int($0)) }))) }
        return .object(members)
    }

    private func entry(_ item: TokenLogprob) -> JSONValue {
        func members(_ id: Int32, _ logprob: Float?) -> [JSONValue.Member] {
            let bytes = model.tokenizer.bytes(of: id)
            return [
                .init("token", .string(String(decoding: bytes, as: UTF8.self))),
                .init("logprob", .double(Double(max(logprob ?? -9999, -9999)))),
                .init("bytes", .array(bytes.map { .int(Int($0)) })),
            ]
        }
        let top: JSONValue = .array(item.token.top.map { .object(members($0.id, $0.logprob)) })
        return .object(members(item.token.id, item.token.logprob) + [.init("top_logprobs", top)])
    }

    /// RFC 3339 with microseconds.
    static func time(_ date: Date) -> String {
        let whole = date.timeIntervalSince1970.rounded(.down), micro = Int((date.timeIntervalSince1970 - whole) * 1e6)
        let text = Date(timeIntervalSince1970: whole).formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: false))
        return text.replacing("Z", with: "") + "." + String(1_000_000 + micro).dropFirst() + "Z"
    }
}
