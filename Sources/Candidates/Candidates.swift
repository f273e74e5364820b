/// What the sampler needs of the logits at one position.
public struct CandidateRequest: Sendable, Equatable {
    /// How many of the best raw logits; 0 is the whole vocabulary.
    public var top: Int
    /// Tokens whose raw logits are wanted besides, because a bias or penalty may raise them: ascending, each once.
    public var extra: [Int32]

    /// More candidates than this cost more to select and send than the whole vocabulary, which is then asked for.
    public static let mostCandidates = 16384

    /// A request for the `top` best and the tokens in `extra`.
    public init(top: Int, extra: [Int32] = []) {
        self.top = top
        self.extra = extra
    }
}

/// The answer to a `CandidateRequest`: raw logits, as the model computed them.
public struct Candidates: Sendable, Equatable {
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
    public init(ids: [Int32], logits: [Float], extra: [Float] = [], full: [Float] = []) {
        self.ids = ids
        self.logits = logits
        self.extra = extra
        self.full = full
    }

    /// The whole vocabulary's logits.
    public init(full: [Float]) {
        self.init(ids: [], logits: [], full: full)
    }
}
