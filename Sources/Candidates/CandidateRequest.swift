/// Which logits of one row are wanted.
public struct CandidateRequest: Sendable, Equatable {
    /// The index of the row: in a frame within its segment, at the head within the batch. 0 if there is only one.
    public var row: Int
    /// How many of the best raw logits; 0 for those of the whole vocabulary.
    public var top: Int
    /// Tokens whose raw logits are wanted as well, in the order of the answer. A sampler lists those that a bias or
    /// penalty may raise, ascending and each once.
    public var extra: [Int32]

    /// The most candidates worth a request. More cost more to select and send than the whole vocabulary, so a sampler
    /// then requests that.
    public static let mostCandidates = 16384

    /// A request for the `top` best candidates and the tokens in `extra`.
    public init(row: Int = 0, top: Int, extra: [Int32] = []) {
        self.row = row
        self.top = top
        self.extra = extra
    }
}
