/// Why the schedule cannot take or finish a request: a code for programs, one sentence for people.
public struct SchedulingError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What kind of failure it is.
    public enum Code: String, Sendable {
        /// The prompt does not fit the context, or there is none.
        case contextExceeded
        /// Too many requests wait already.
        case busy
        /// A setting of the request cannot be computed with, or nothing fits the form its answer must have.
        case refused
        /// What came back does not answer the frame that was sent.
        case frameLost
    }

    /// The kind of failure.
    public var code: Code
    /// What happened and what to do.
    public var description: String

    /// A `SchedulingError` of these values.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
