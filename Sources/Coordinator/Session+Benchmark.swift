import Wire

extension Session {
    /// Seconds it takes to read `tokens` from an empty cache, in frames of `batch` rows that follow each other.
    public func timePrompt(_ tokens: [Int32], batch: Int) async throws -> Double {
        try await clear()
        let start = ContinuousClock.now
        var pending: [UInt64] = []
        for at in stride(from: 0, to: tokens.count, by: batch) {
            let part = Array(tokens[at..<min(at + batch, tokens.count)])
            let last = at + part.count == tokens.count
            pending.append(
                try await send(part, at: at, outputs: last ? [OutputRequest(row: part.count - 1, top: 40)] : []))
        }
        for number in pending { _ = try await result(of: number) }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    /// Seconds it takes to compute `tokens` one after another behind `position` tokens that were read before.
    public func timeDecode(_ tokens: [Int32], from position: Int) async throws -> Double {
        let start = ContinuousClock.now
        for (i, token) in tokens.enumerated() {
            let number = try await send([token], at: position + i, outputs: [OutputRequest(row: 0, top: 40)])
            _ = try await result(of: number)
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }
}
