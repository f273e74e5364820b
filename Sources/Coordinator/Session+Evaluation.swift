import Wire

/// What the model expects at one position of a text.
public struct PositionLogprobs: Sendable, Equatable {
    /// The token at the position.
    public var token: Int32
    /// The most likely next tokens and their logprobs (natural, over the whole vocabulary, temperature 1), best first.
    public var top: [(id: Int32, logprob: Float)]
    /// Logprob of the token that really follows; nil at the end.
    public var follow: Float?

    public static func == (a: Self, b: Self) -> Bool {
        a.token == b.token && a.follow == b.follow && a.top.elementsEqual(b.top, by: { $0.id == $1.id && $0.logprob == $1.logprob })
    }
}

extension Session {
    /// Reads `tokens` as one context and tells what the model expected at every position.
    ///
    /// - Parameter batch: rows per frame; it cannot change the result.
    public func logprobs(
        _ tokens: [Int32], top: Int, batch: Int, onPosition: (PositionLogprobs) throws -> Void
    ) async throws {
        guard tokens.count <= contextLength else {
            throw CoordinatorError(
                .contextExceeded, "the text has \(tokens.count) tokens, the context \(contextLength). Use --num-ctx \(tokens.count) or more")
        }
        try await clear()
        for start in stride(from: 0, to: tokens.count, by: batch) {
            let part = Array(tokens[start..<min(start + batch, tokens.count)])
            let outputs = part.indices.map { i in
                let next = start + i + 1
                return OutputRequest(row: i, top: max(top, 1), extra: next < tokens.count ? [tokens[next]] : [])
            }
            let rows = try await result(of: send(part, at: start, outputs: outputs))
            for (i, row) in rows.enumerated() {
                // In double: the difference of two floats near each other should not lose what they say.
                let normalizer = Double(row.logSumExp)
                try onPosition(
                    PositionLogprobs(
                        token: part[i],
                        top: zip(row.ids, row.logits).map { ($0, Float(Double($1) - normalizer)) },
                        follow: row.extra.first.map { Float(Double($0) - normalizer) }))
            }
        }
    }
}
