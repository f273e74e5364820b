/// Keeps an answer to a grammar, token by token.
public struct JSONConstraint: TokenConstraint {
    private let tokens: TokenBytes
    private var automaton: JSONAutomaton
    /// Bytes that may come next; most tokens are refused by their first one.
    private var firsts: [Bool] = []
    /// The tokens that may come next, ascending, when they are few.
    private var listed: [Int32]?

    /// Longer lists are not made: that would take longer than it saves.
    private static let mostListed = 256

    /// A constraint at the beginning of an answer.
    public init(_ grammar: JSONGrammar, tokens: TokenBytes) {
        self.tokens = tokens
        automaton = JSONAutomaton(grammar)
        findNext()
    }

    /// Whether the answer satisfies the grammar as it is.
    public var isComplete: Bool { automaton.isComplete }

    /// Whether `token` may come next.
    public func allows(_ token: Int32) -> Bool {
        if tokens.ends.contains(token) { return automaton.isComplete }
        let range = tokens.range(of: token)
        guard !range.isEmpty, firsts[Int(tokens.storage[range.lowerBound])] else { return false }
        var copy = automaton
        for i in range {
            copy.take(tokens.storage[i])
            if copy.isDead { return false }
        }
        return true
    }

    /// The tokens that may come next, when they are at most `count`; nil when they are more.
    public func allowed(atMost count: Int) -> [Int32]? {
        guard let listed, listed.count <= count else { return nil }
        return listed
    }

    /// Goes on behind `token`, which must be allowed.
    public mutating func accept(_ token: Int32) {
        for i in tokens.range(of: token) { automaton.take(tokens.storage[i]) }
        findNext()
    }

    private mutating func findNext() {
        firsts = (UInt8.min...UInt8.max).map { byte in
            var copy = automaton
            copy.take(byte)
            return !copy.isDead
        }
        listed = few()?.sorted()
    }

    /// The tokens that may come next, unless they are more than `mostListed`. Tokens that begin alike stand together: a
    /// beginning that is refused is tried once.
    private func few() -> [Int32]? {
        var found = automaton.isComplete ? Array(tokens.ends) : []
        var path = [automaton]  // [n]: behind n bytes of the token
        var dead = Int32.max  // so many bytes of the tokens at hand are refused already
        for (i, shared) in tokens.shared.enumerated() where shared < dead {
            let range = tokens.range(of: tokens.sorted[i])
            dead = .max
            path.removeLast(path.count - 1 - Int(shared))
            for at in range.lowerBound + Int(shared)..<range.upperBound {
                var next = path[path.count - 1]
                if path.count > 1 || firsts[Int(tokens.storage[at])] { next.take(tokens.storage[at]) }
                guard path.count > 1 || firsts[Int(tokens.storage[at])], !next.isDead else {
                    dead = Int32(path.count)
                    break
                }
                path.append(next)
            }
            guard dead == .max else { continue }
            found.append(tokens.sorted[i])
            if found.count > Self.mostListed { return nil }
        }
        return found
    }
}
