/// Keeps an answer to a grammar, token by token.
public struct JSONConstraint: TokenConstraint {
    private let tokens: TokenBytes
    private var automaton: JSONAutomaton
    /// Bytes that may come next; most tokens are refused by their first one.
    private var firsts: [Bool] = []

    /// A constraint at the beginning of an answer.
    public init(_ grammar: JSONGrammar, tokens: TokenBytes) {
        self.tokens = tokens
        automaton = JSONAutomaton(grammar)
        findFirsts()
    }

    /// Whether the answer satisfies the grammar as it is.
    public var isComplete: Bool { automaton.isComplete }

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

    public func allowed(atMost count: Int) -> [Int32]? {
        var found = automaton.isComplete ? Array(tokens.ends) : []
        for byte in firsts.indices where firsts[byte] {
            for token in tokens.byFirst[byte] where allows(token) {
                found.append(token)
                if found.count > count { return nil }
            }
        }
        return found.count > count ? nil : found.sorted()
    }

    public mutating func accept(_ token: Int32) {
        for i in tokens.range(of: token) { automaton.take(tokens.storage[i]) }
        findFirsts()
    }

    private mutating func findFirsts() {
        firsts = (UInt8.min...UInt8.max).map { byte in
            var copy = automaton
            copy.take(byte)
            return !copy.isDead
        }
    }
}
