import Candidates
import Sampling
import Wire

/// Chooses the tokens of one answer with a sampler and a constraint, and reports logprobs. The choice is a pure
/// function of the logits, the history and the position, so choosing again gives the same token. It is always the token
/// that the logits of the whole vocabulary would give.
struct TokenChooser: Sendable {
    /// The result for a row of logits.
    enum Choice: Equatable, Sendable {
        case token(GeneratedToken)
        /// The constraint allows too few of the candidates; the whole vocabulary is needed.
        case wantsAll
    }

    let sampler: Sampler
    /// How many of the likeliest tokens to report with each token; nil for no logprobs at all.
    let logprobs: Int?
    var constraint: (any TokenConstraint)?

    init(_ request: GenerationRequest) throws(SamplingError) {
        sampler = try Sampler(request.sampling)
        logprobs = request.logprobs.map { max($0, 0) }
        constraint = request.constraint
    }

    /// Assumes that a draft token will be accepted. After one that the constraint does not allow, nothing is needed, so
    /// the constraint is dropped.
    mutating func assume(_ draft: Int32) {
        if constraint?.allows(draft) == true { constraint?.accept(draft) } else { constraint = nil }
    }

    /// The logits that are needed to choose the token after `history`; `all` asks for the whole vocabulary.
    func request(history: ArraySlice<Int32>, all: Bool) -> CandidateRequest {
        if all { return CandidateRequest(top: 0) }
        var request = request(history)
        if request.top > 0 { request.top = max(request.top, logprobs ?? 0) }
        return request
    }

    private func request(_ history: ArraySlice<Int32>) -> CandidateRequest {
        constraint.map { sampler.request(history: history, constraint: $0) } ?? sampler.request(history: history)
    }

    /// The logits that are needed to report `token`, which follows without a choice.
    func request(scoring token: Int32) -> CandidateRequest {
        CandidateRequest(top: max(logprobs ?? 0, 1), extra: [token])
    }

    /// Reports `token` from the answer to `request(scoring:)`.
    func score(_ row: Candidates, token: Int32) -> GeneratedToken {
        func logprob(_ logit: Float) -> Float { Float(Double(logit) - Double(row.logSumExp)) }
        let top = zip(row.ids, row.logits).prefix(logprobs ?? 0)
        return GeneratedToken(
            id: token, logprob: row.extra.first.map(logprob),
            top: top.map { GeneratedToken.Logprob(id: $0, logprob: logprob($1)) })
    }

    /// The token after `history`, from the answer to `request`.
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

    /// The token with its logprob and the likeliest tokens in its place, at temperature 1 and before penalties.
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
