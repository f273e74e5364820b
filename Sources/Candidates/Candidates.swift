/// The answer to a ``CandidateRequest``: raw logits, as the model computed them.
public struct Candidates: Sendable, Equatable {
    /// Natural logarithm of the sum of `exp(logit)` over the whole vocabulary: what makes logprobs of logits. 0 where
    /// nobody needs it.
    public var logSumExp: Float
    /// The best tokens, best first; of equals the lower id first. Empty when `full` is not. May be fewer than asked
    /// for only when the vocabulary has no more.
    public var ids: [Int32]
    /// The logits of `ids`, in their order.
    public var logits: [Float]
    /// The logits of the request's `extra`, in their order; -infinity for an id beyond the vocabulary.
    public var extra: [Float]
    /// The whole vocabulary's logits, by token id, when `top` was 0; else empty.
    public var full: [Float]

    /// Candidates as a stage answered them.
    public init(
        logSumExp: Float = 0, ids: [Int32] = [], logits: [Float] = [], extra: [Float] = [], full: [Float] = []
    ) {
        self.logSumExp = logSumExp
        self.ids = ids
        self.logits = logits
        self.extra = extra
        self.full = full
    }
}
