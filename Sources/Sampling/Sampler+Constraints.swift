import Candidates

/// Chooses under a constraint from few logits instead of the whole vocabulary's, with the same result.
extension Sampler {
    /// When a constraint allows no more tokens than this, the logits of exactly these are requested.
    static let mostListed = 256
    /// Otherwise at least this many of the best: rarely is none of them allowed.
    static let leastCandidates = 512

    /// The logits after `history` that `choose` needs.
    public func request(history: ArraySlice<Int32>, constraint: any TokenConstraint) -> CandidateRequest {
        if let allowed = constraint.allowed(atMost: Self.mostListed) { return CandidateRequest(top: 1, extra: allowed) }
        var request = request(history: history)
        if request.top > 0 { request.top = max(request.top, Self.leastCandidates) }
        return request
    }

    /// The token at `position` that `sample` would choose under the constraint from the whole vocabulary. Nil when
    /// `candidates`, which answer `request` for the same history and constraint, are not enough to decide; never nil
    /// with the whole vocabulary.
    ///
    /// A token that is not a candidate has at most the last candidate's logit, and no bias or penalty raises it, since
    /// tokens that may rise are candidates. So allowed candidates above that logit rank before all allowed tokens that
    /// are not candidates.
    public func choose(
        _ candidates: Candidates, history: ArraySlice<Int32>, position: Int, constraint: any TokenConstraint
    ) throws(SamplingError) -> Int32? {
        if !candidates.full.isEmpty {
            return try sample(candidates, history: history, position: position, constraint: constraint)
        }
        let adjustments = LogitAdjustments(parameters, history: history)
        var ranking = Ranking()
        if let allowed = constraint.allowed(atMost: Self.mostListed) {
            try check(candidates, CandidateRequest(top: 1, extra: allowed))
            for (id, logit) in zip(allowed, candidates.extra) {
                try ranking.append(id, raw: logit, adjusted: adjustments.apply(to: logit, of: id))
            }
            return try pick(ranking.best(kept), position: position)
        }
        let request = request(history: history, constraint: constraint)
        try check(candidates, request)
        for (id, logit) in zip(candidates.ids, candidates.logits) where constraint.allows(id) {
            try ranking.append(id, raw: logit, adjusted: adjustments.apply(to: logit, of: id))
        }
        let present = Set(candidates.ids)
        for (id, logit) in zip(request.extra, candidates.extra) where !present.contains(id) && constraint.allows(id) {
            try ranking.append(id, raw: logit, adjusted: adjustments.apply(to: logit, of: id))
        }
        let best = ranking.best(kept)
        // Fewer than requested: they are the whole vocabulary.
        guard candidates.ids.count >= request.top, let least = candidates.logits.last else {
            return try pick(best, position: position)
        }
        guard let kept, best.count == kept, let last = best.last, last.logit > least else { return nil }
        return try pick(best, position: position)
    }
}
