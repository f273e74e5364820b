/// What an answer must look like, token by token: a JSON schema, say.
///
/// A value: a copy goes its own way, so that guesses can be tried and tokens drawn again after a failure.
public protocol TokenConstraint: Sendable {
    /// Whether the answer may go on with this token. Tokens that end the answer are allowed exactly when it is
    /// complete.
    func allows(_ token: Int32) -> Bool
    /// All tokens that are allowed, ascending, when they are so many at most; nil when they are more, or it cannot tell
    /// at little cost.
    func allowed(atMost count: Int) -> [Int32]?
    /// Of each token of a vocabulary of `count`, whether the answer may go on with it.
    func mask(_ count: Int) -> [Bool]
    /// The answer goes on with this token, which was allowed.
    mutating func accept(_ token: Int32)
}

extension TokenConstraint {
    /// Nil: not known, so every token has to be asked about.
    public func allowed(atMost count: Int) -> [Int32]? { nil }

    /// Asks about every token.
    public func mask(_ count: Int) -> [Bool] { (0..<Int32(count)).map(allows) }
}
