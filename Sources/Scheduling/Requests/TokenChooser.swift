import Candidates
import Sampling
import Wire

/// Chooses the tokens of one answer: sampler, constraint and what is reported beside each token. A pure function of the
/// logits, the history and the position, so that a token chosen again is the same; and the one that the whole
/// vocabulary's logits would give.
struct TokenChooser: Sendable {
    /// What came of a row of logits.
    enum Choice: Equatable, Sendable {
        case token(GeneratedToken)
        /// Too few of the candidates are allowed; the whole vocabulary is needed.
        case wantsAll
    }

    let sampler: Sampler
    /// How many likely tokens are reported beside each; nil: no logprobs at all.
    let logprobs: Int?
    var constraint: (any TokenConstraint)?

    init(_ request: GenerationRequest) throws(SamplingError) {
        sampler = try Sampler(request.sampling)
        logprobs = request.logprobs.map { max($0, 0) }
        constraint = request.constraint
    }

    /// The answer may go on with a token that is only drafted. What follows one that is not allowed will never be
    /// needed.
    mutating func assume(_ draft: Int32) {
        if constraint?.allows(draft) == true { constraint?.accept(draft) } else { constraint = nil }
    }

    /// What is needed of the logits that follow `history`.
    func request(history: ArraySlice<Int32>, all: Bool) -> CandidateRequest {
        if all { return CandidateRequest(top: 0) }
        var request = request(history)
        if request.top > 0 { request.top = max(request.top, logprobs ?? 0) }
        return request
    }

    private func request(_ history: ArraySlice<Int32>) -> CandidateRequest {
        constraint.map { sampler.request(history: history, constraint: $0) } ?? sampler.request(history: history)
    }

    /// The token that follows `history`, from the answer to `request`.
    func choose(_ row: Candidates, history: ArraySlice<Int32>) throws(SamplingError) -> Choice {
        let position = history.endIndex - history.startIndex, token: Int32
        if let constraint {
            guard
                let chosen = try sampler.choose(
                    row, history: history, position: position, constraint: constraint)
            else {
                return .wantsAll
            }
            token = chosen
        } else {
            token = try sampler.sample(row, history: history, position: position)
        }
        guard let count = logprobs else { return .token(GeneratedToken(id: token)) }
        return .token(report(token, row, count, history))
    }

    /// The token with its logprob and the likeliest in its place, all at temperature 1 and before penalties.
    private func report(_ token: Int32, _ row: Candidates, _ count: Int, _ history: ArraySlice<Int32>) -> GeneratedToken
    {
        func logprob(_ logit: Float) -> Float { Float(Double(logit) - Double(row.logSumExp)) }
        if !row.full.isEmpty {
            let logits = row.full
            let best = count == 0 ? [] : logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }.prefix(count)
            let top = best.map { GeneratedToken.Logprob(id: Int32($0), logprob: logprob(logits[$0])) }
            return GeneratedToken(id: token, logprob: logprob(logits[Int(token)]), top: top)
        }
        let top = zip(row.ids, row.logits).prefix(count).map { GeneratedToken.Logprob(id: $0, logprob: logprob($1)) }
        var logit = row.ids.firstIndex(of: token).map { row.logits[$0] }
        if logit == nil, let at = request(history).extra.firstIndex(of: token) { logit = row.extra[at] }
        return GeneratedToken(id: token, logprob: logit.map(logprob), top: top)
    }
}
