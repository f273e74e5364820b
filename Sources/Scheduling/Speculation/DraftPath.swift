/// What a draft model has said behind one request's tokens: the tokens it was given and those it added.
public struct DraftPath: Sendable {
    private var id = 0, generation = -1
    /// The tokens it was given, and behind them those it has drafted.
    public var tokens: [Int32] = []
    /// It can say nothing more of this request.
    public var ended = false

    /// Nothing was drafted yet.
    public init() {}

    /// Whether there is still something to draft.
    public func wants(_ target: Scheduler.DraftTarget) -> Bool {
        guard id == target.id, generation == target.generation else { return true }
        return !ended && tokens.count - target.tokens.count < target.count
    }

    /// Goes on with the same draft, or begins another.
    public mutating func follow(_ target: Scheduler.DraftTarget) {
        if id == target.id, generation == target.generation, tokens.starts(with: target.tokens) { return }
        (id, generation, tokens, ended) = (target.id, target.generation, target.tokens, false)
    }
}
