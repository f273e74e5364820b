/// The tokens of one request as a draft model sees them: those it was given, then those it has drafted.
public struct DraftPath: Sendable {
    private var id = 0, generation = -1
    /// The given tokens, then the drafted ones.
    public var tokens: [Int32] = []
    /// Whether the draft model cannot continue this request.
    public var ended = false

    /// A path without tokens.
    public init() {}

    /// Whether more tokens must be drafted for `target`.
    public func wants(_ target: Scheduler.DraftTarget) -> Bool {
        guard id == target.id, generation == target.generation else { return true }
        return !ended && tokens.count - target.tokens.count < target.count
    }

    /// Continues the draft if it still fits the target's tokens, else begins a new one.
    public mutating func follow(_ target: Scheduler.DraftTarget) {
        if id == target.id, generation == target.generation, tokens.starts(with: target.tokens) { return }
        (id, generation, tokens, ended) = (target.id, target.generation, target.tokens, false)
    }
}
