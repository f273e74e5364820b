import JSON
import Scheduling

/// Logprobs in OpenAI's two formats.
extension OpenAIWriter {
    private func text(of token: Int32) -> String { String(decoding: tokenizer.bytes(of: token), as: UTF8.self) }

    private func entry(_ id: Int32, _ logprob: Float?, _ more: [JSONValue.Member] = []) -> JSONValue {
        let bytes = tokenizer.bytes(of: id)
        return .object(
            [
                .init("token", .string(text(of: id))), .init("logprob", .double(Double(max(logprob ?? -9999, -9999)))),
                .init("bytes", .array(bytes.map { .int(Int($0)) })),
            ] + more)
    }

    func chatLogprobs(_ tokens: [TokenLogprob]) -> JSONValue {
        [
            "content": .array(
                tokens.map { item in
                    entry(
                        item.token.id, item.token.logprob,
                        [.init("top_logprobs", .array(item.token.top.map { entry($0.id, $0.logprob) }))])
                }),
            "refusal": nil,
        ]
    }

    /// The tokens of a choice's echo. Nothing is before the first, so it has no logprob.
    func promptLogprobs(_ choice: Int) -> [TokenLogprob] {
        guard let first = choices[choice].echo?.tokens.first else { return [] }
        return [TokenLogprob(token: GeneratedToken(id: first))] + choices[choice].scores
    }

    /// The logprobs of `/v1/completions`, for tokens whose text begins at `offset`, which is moved on. `echo` is the
    /// text of the prompt that they begin with, if they do.
    func completionLogprobs(_ tokens: [TokenLogprob], echo: String? = nil, offset: inout Int) -> JSONValue {
        var offsets: [JSONValue] = []
        for (i, item) in tokens.enumerated() {
            offsets.append(.int(offset))
            // A mark of the beginning that was added to the prompt is no part of the text.
            if i == 0, let echo, !echo.hasPrefix(text(of: item.token.id)) { continue }
            offset += text(of: item.token.id).unicodeScalars.count
        }
        return [
            "tokens": .array(tokens.map { .string(text(of: $0.token.id)) }),
            "token_logprobs": .array(
                tokens.enumerated().map { echo != nil && $0 == 0 ? nil : value($1.token.logprob ?? -.infinity) }),
            "top_logprobs": .array(
                tokens.enumerated().map { echo != nil && $0 == 0 ? nil : likeliest($1.token) }),
            "text_offset": .array(offsets),
        ]
    }

    private func value(_ logprob: Float) -> JSONValue { .double(Double(max(logprob, -9999))) }

    /// The likeliest tokens, and the token itself if it is none of them, as OpenAI has it.
    private func likeliest(_ token: GeneratedToken) -> JSONValue {
        var seen: Set<String> = []
        let own = token.logprob.map { [GeneratedToken.Logprob(id: token.id, logprob: $0)] } ?? []
        return .object(
            (token.top + own).compactMap { top in
                let name = text(of: top.id)
                return seen.insert(name).inserted ? .init(name, value(top.logprob)) : nil
            })
    }
}
