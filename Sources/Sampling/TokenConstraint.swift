/// A rule that an answer must follow, token by token, such as a JSON schema.
///
/// A value: copies are independent, so that drafts can be tried and tokens drawn again after a failure.
public protocol TokenConstraint: Sendable {
    /// Whether this token may follow. Tokens that end the answer are allowed exactly when it is complete.
    func allows(_ token: Int32) -> Bool
    /// All allowed tokens in ascending order; nil when there are more than `count`, or when finding them would be
    /// costly.
    func allowed(atMost count: Int) -> [Int32]?
    /// For each token of a vocabulary of `count`, whether it may follow.
    func mask(_ count: Int) -> [Bool]
    /// Adds a token to the answer; it must be allowed.
    mutating func accept(_ token: Int32)
}

extension TokenConstraint {
    /// Nil: the allowed tokens are unknown, so every token must be checked.
    public func allowed(atMost count: Int) -> [Int32]? { nil }

    /// Checks every token.
    public func mask(_ count: Int) -> [Bool] { (0..<Int32(count)).map(allows) }
}
