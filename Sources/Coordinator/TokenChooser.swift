import Sampling
import Wire

/// Chooses the tokens of one answer: sampler, constraint and what is reported beside each token. A pure function of the logits, the
/// history and the position, so that a token chosen again is the same.
struct TokenChooser: Sendable {
    /// What came of a row of logits.
    enum Choice: Equatable, Sendable {
        case token(GeneratedToken)
        /// None of the candidates is allowed; the whole vocabulary is needed.
        case wantsAll
    }

    let sampler: Sampler
    /// How many likely tokens are reported beside each; nil: no logprobs at all.
    let logprobs: Int?
    var constraint: (any TokenConstraint)?

    /// With a constraint the choice is among the allowed ones of so many candidates; if none is, among the whole vocabulary.
    static let constrainedCandidates = 512

    init(_ request: GenerationRequest) throws(SamplingError) {
        sampler = try Sampler(request.sampling)
        logprobs = request.logprobs.map { max($0, 0) }
        constraint = request.constraint
    }

    /// What is needed of the logits that follow `history`.
    func request(history: ArraySlice<Int32>, all: Bool) -> CandidateRequest {
        var request = sampler.request(history: history)
        if all { return CandidateRequest(top: 0) }
        guard request.top > 0 else { return request }
        request.top = max(request.top, logprobs ?? 0)
        if constraint != nil { request.top = max(request.top, Self.constrainedCandidates) }
        return request
    }

    /// The token that follows `history`, from the answer to `request`.
    func choose(_ row: OutputRow, history: ArraySlice<Int32>) throws(SamplingError) -> Choice {
        var candidates = Candidates(row)
        if let constraint {
            guard restrict(&candidates, constraint, history) else {
                if row.full.isEmpty { return .wantsAll }
                throw .noCandidates
            }
        }
        let token = try sampler.sample(candidates, history: history, position: history.endIndex - history.startIndex)
        guard let count = logprobs else { return .token(GeneratedToken(id: token)) }
        return .token(report(token, row, count, history))
    }

    /// Leaves only what the constraint allows. False: nothing is left.
    private func restrict(_ candidates: inout Candidates, _ constraint: any TokenConstraint, _ history: ArraySlice<Int32>) -> Bool {
        if !candidates.full.isEmpty {
            var any = false
            for id in candidates.full.indices {
                if constraint.allows(Int32(truncatingIfNeeded: id)) { any = true } else { candidates.full[id] = -.infinity }
            }
            return any
        }
        let kept = candidates.ids.indices.filter { constraint.allows(candidates.ids[$0]) }
        candidates.logits = kept.map { candidates.logits[$0] }
        candidates.ids = kept.map { candidates.ids[$0] }
        var any = !kept.isEmpty
        for (i, id) in zip(candidates.extra.indices, sampler.request(history: history).extra) {
            if constraint.allows(id) { any = true } else { candidates.extra[i] = -.infinity }
        }
        return any
    }

    /// The token with its logprob and the likeliest in its place, all at temperature 1 and before penalties.
    private func report(_ token: Int32, _ row: OutputRow, _ count: Int, _ history: ArraySlice<Int32>) -> GeneratedToken {
        func logprob(_ logit: Float) -> Float { Float(Double(logit) - Double(row.logSumExp)) }
        if !row.full.isEmpty {
            let logits = row.full
            let best = count == 0 ? [] : logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }.prefix(count)
            let top = best.map { GeneratedToken.Logprob(id: Int32($0), logprob: logprob(logits[$0])) }
            return GeneratedToken(id: token, logprob: logprob(logits[Int(token)]), top: top)
        }
        let top = zip(row.ids, row.logits).prefix(count).map { GeneratedToken.Logprob(id: $0, logprob: logprob($1)) }
        var logit = row.ids.firstIndex(of: token).map { row.logits[$0] }
        if logit == nil, let at = sampler.request(history: history).extra.firstIndex(of: token) { logit = row.extra[at] }
        return GeneratedToken(id: token, logprob: logit.map(logprob), top: top)
    }
}

extension Candidates {
    /// What a stage answered, as the sampler reads it.
    init(_ row: OutputRow) {
        self.init(ids: row.ids, logits: row.logits, extra: row.extra, full: row.full)
    }
}
