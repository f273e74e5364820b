/// The answer to a ``CandidateRequest``: raw logits, as the model computed them.
public struct Candidates: Sendable, Equatable {
    /// The natural logarithm of the sum of `exp(logit)` over the whole vocabulary: logprob = logit - logSumExp. 0 if it
    /// is not needed.
    public var logSumExp: Float
    /// The best tokens, best first and the lower id first among equals. Fewer than requested only if the vocabulary has
    /// no more. Empty if `full` is not.
    public var ids: [Int32]
    /// The logits of `ids`, in the same order.
    public var logits: [Float]
    /// The logits of the request's `extra`, in the same order; -infinity for an id beyond the vocabulary.
    public var extra: [Float]
    /// The logits of the whole vocabulary by token id if `top` was 0, else empty.
    public var full: [Float]

    /// Candidates with these values.
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
