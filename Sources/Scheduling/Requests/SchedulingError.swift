/// Why a request cannot be taken or finished: a code for programs and a sentence for people.
public struct SchedulingError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kinds of failure.
    public enum Code: String, Sendable {
        /// The prompt does not fit the context, or is empty.
        case contextExceeded
        /// Too many requests wait already.
        case busy
        /// A setting of the request is invalid, or no token satisfies the constraint of the answer.
        case refused
        /// A result does not match the frame that was sent.
        case frameLost
    }

    /// The kind of failure.
    public var code: Code
    /// What happened and what to do.
    public var description: String

    /// A `SchedulingError` with these values.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
