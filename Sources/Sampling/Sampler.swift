import Candidates

/// Chooses the next token.
///
/// A value without state: a draw depends on the settings, seed, candidates, history and position, never on earlier
/// calls. So a token that is drawn again (after a failure, or to verify a draft) is the same token.
///
/// The result is exactly that of sampling from the whole vocabulary. Proof: let S be the tokens that a bias or penalty
/// touches, and t one of the best K tokens after the adjustments. If t is not in S, or its logit does not rise, then
/// before the adjustments fewer than K tokens outside S and at most |S| tokens in S rank above t. So the best K + |S|
/// raw logits, with those of the tokens that may rise, contain all of the best K.
public struct Sampler: Sendable {
    /// The settings, which were validated.
    public let parameters: SamplingParameters
    /// The seed in use; showing it lets the user repeat an answer.
    public let seed: UInt64

    /// A sampler with `seed`, or else the parameters' seed, or else a random one.
    ///
    /// - Throws: ``SamplingError`` when a setting is out of range.
    public init(_ parameters: SamplingParameters, seed: UInt64? = nil) throws(SamplingError) {
        try parameters.validate()
        self.parameters = parameters
        self.seed = seed ?? parameters.seed ?? UInt64.random(in: 0...UInt64.max)
    }

    /// Number of the best adjusted logits that can be drawn; nil: all of them.
    var kept: Int? {
        if parameters.temperature == 0 { return 1 }
        return parameters.topK == 0 ? nil : parameters.topK
    }

    /// Up to this many of the best tokens are checked one by one; beyond that, a mask of the vocabulary is cheaper.
    private static let mostAsked = 2048

    /// The logits that `sample` needs after `history` (prompt and answer so far).
    public func request(history: ArraySlice<Int32>) -> CandidateRequest {
        request(for: LogitAdjustments(parameters, history: history))
    }

    private func request(for adjustments: LogitAdjustments) -> CandidateRequest {
        guard let kept, kept + adjustments.count <= CandidateRequest.mostCandidates else {
            return CandidateRequest(top: 0)
        }
        return CandidateRequest(top: kept + adjustments.count, extra: adjustments.rising)
    }

    /// Chooses the token at `position`, which is `history.count` unless the history was shortened.
    ///
    /// `candidates` must answer `request` for the same history, or hold the whole vocabulary. With a constraint they
    /// must hold the whole vocabulary; tokens that the constraint does not allow are left out first. The caller must
    /// then pass the token to the constraint.
    public func sample(
        _ candidates: Candidates, history: ArraySlice<Int32>, position: Int, constraint: (any TokenConstraint)? = nil
    ) throws(SamplingError) -> Int32 {
        let adjustments = LogitAdjustments(parameters, history: history)
        var ranking = Ranking()
        if candidates.full.isEmpty {
            guard constraint == nil else {
                throw .mismatchedCandidates(what: "of all logits, as a constraint needs", found: 0, expected: 1)
            }
            let request = request(for: adjustments)
            try check(candidates, request)
            for (id, logit) in zip(candidates.ids, candidates.logits) {
                try ranking.append(id, raw: logit, adjusted: adjustments.apply(to: logit, of: id))
            }
            let present = candidates.extra.isEmpty ? [] : Set(candidates.ids)
            for (id, logit) in zip(request.extra, candidates.extra) where !present.contains(id) {
                try ranking.append(id, raw: logit, adjusted: adjustments.apply(to: logit, of: id))
            }
        } else {
            let adjusted = adjustments.apply(toAll: candidates.full)
            ranking.reserve(adjusted.count)
            for id in adjusted.indices {
                try ranking.append(Int32(truncatingIfNeeded: id), raw: candidates.full[id], adjusted: adjusted[id])
            }
        }
        guard let constraint else { return try pick(ranking.best(kept), position: position) }
        if let kept, let best = ranking.best(kept, asking: Self.mostAsked, where: { constraint.allows($0) }) {
            return try pick(best, position: position)
        }
        return try pick(ranking.best(kept, in: constraint.mask(candidates.full.count)), position: position)
    }

    /// The token at `position`, chosen from the best adjusted logits that can be drawn, best first.
    func pick(_ best: [Ranking.Entry], position: Int) throws(SamplingError) -> Int32 {
        guard let first = best.first else { throw .noCandidates }
        return parameters.temperature == 0 ? first.id : draw(from: best, position: position)
    }

    func check(_ candidates: Candidates, _ request: CandidateRequest) throws(SamplingError) {
        guard request.top > 0 else {
            throw .mismatchedCandidates(
                what: "of all logits, not the whole vocabulary", found: candidates.ids.count, expected: 0)
        }
        guard candidates.logits.count == candidates.ids.count else {
            throw .mismatchedCandidates(
                what: "logits", found: candidates.logits.count, expected: candidates.ids.count)
        }
        guard candidates.extra.count == request.extra.count else {
            throw .mismatchedCandidates(
                what: "extra logits", found: candidates.extra.count, expected: request.extra.count)
        }
    }

    /// Top-p, min-p, temperature and the draw, over candidates sorted best first.
    private func draw(from best: [Ranking.Entry], position: Int) -> Int32 {
        let top = Double(best[0].logit)
        var count = best.count
        if parameters.topP < 1 || parameters.minP > 0 {
            // Relative to the best token's probability, which counts as 1.
            let weights = best.map { deterministicExp(Double($0.logit) - top) }
            if parameters.topP < 1 {
                let wanted = Double(parameters.topP) * weights.reduce(0, +)
                var sum = 0.0
                var needed = 0
                while needed < count, sum < wanted {
                    sum += weights[needed]
                    needed += 1
                }
                count = max(needed, 1)
            }
            while count > 1, weights[count - 1] < Double(parameters.minP) { count -= 1 }
        }
        let temperature = Double(parameters.temperature)
        var cumulative: [Double] = []
        cumulative.reserveCapacity(count)
        var sum = 0.0
        for entry in best[..<count] {
            sum += deterministicExp((Double(entry.logit) - top) / temperature)
            cumulative.append(sum)
        }
        let target = uniformDraw(seed: seed, position: position) * sum
        let chosen = cumulative.firstIndex { $0 > target } ?? count - 1
        return best[chosen].id
    }
}
