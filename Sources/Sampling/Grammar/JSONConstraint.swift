/// Keeps an answer to a grammar, token by token.
public struct JSONConstraint: TokenConstraint {
    private let tokens: TokenBytes
    private let steps: RememberedSteps
    private var automaton: JSONAutomaton
    private var place: RememberedSteps.Place
    /// The tokens that may come next, ascending, when they are few.
    private var listed: [Int32]?

    /// Longer lists are not made: that would take longer than it saves.
    private static let mostListed = 256

    /// A constraint at the beginning of an answer.
    public init(_ grammar: JSONGrammar, tokens: TokenBytes) {
        self.tokens = tokens
        automaton = JSONAutomaton(grammar)
        steps = RememberedSteps(grammar)
        place = steps.place(of: automaton)
        findNext()
    }

    /// Whether the answer satisfies the grammar as it is.
    public var isComplete: Bool { automaton.isComplete }

    /// Whether `token` may come next.
    public func allows(_ token: Int32) -> Bool {
        if tokens.ends.contains(token) { return automaton.isComplete }
        let range = tokens.range(of: token)
        guard !range.isEmpty else { return false }
        switch steps.allows(tokens.storage[range], at: place, of: automaton) {
        case .allowed: return true
        case .refused: return false
        case .unknown: return automaton.allows(tokens.storage[range])
        }
    }

    /// The tokens that may come next, when they are at most `count`; nil when they are more.
    public func allowed(atMost count: Int) -> [Int32]? {
        guard let listed, listed.count <= count else { return nil }
        return listed
    }

    /// Of each token of a vocabulary of `count`, whether it may come next.
    public func mask(_ count: Int) -> [Bool] {
        var mask = [Bool](repeating: false, count: count)
        let found = steps.tokens(of: tokens, atMost: .max, at: place, of: automaton) ?? []
        for token in found where token < count { mask[Int(token)] = true }
        for token in tokens.ends where token < count { mask[Int(token)] = automaton.isComplete }
        return mask
    }

    /// Goes on behind `token`, which must be allowed.
    public mutating func accept(_ token: Int32) {
        for i in tokens.range(of: token) { automaton.take(tokens.storage[i]) }
        place = steps.place(of: automaton)
        findNext()
    }

    private mutating func findNext() {
        let ends = automaton.isComplete ? Array(tokens.ends) : []
        let found = steps.tokens(of: tokens, atMost: Self.mostListed - ends.count, at: place, of: automaton)
        listed = found.map { ($0 + ends).sorted() }
    }
}
