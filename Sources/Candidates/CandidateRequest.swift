/// What is asked of one row of logits.
public struct CandidateRequest: Sendable, Equatable {
    /// Which row: of its segment in a frame, of the batch at the head. 0 where there is only one.
    public var row: Int
    /// How many of the best raw logits; 0 is the whole vocabulary.
    public var top: Int
    /// Tokens whose raw logits are wanted besides, in the order they are to be answered. A sampler asks for those that a
    /// bias or penalty may raise: ascending, each once.
    public var extra: [Int32]

    /// More candidates than this cost more to select and send than the whole vocabulary, which is then asked for.
    public static let mostCandidates = 16384

    /// A request for the `top` best and the tokens in `extra`.
    public init(row: Int = 0, top: Int, extra: [Int32] = []) {
        self.row = row
        self.top = top
        self.extra = extra
    }
}
