/// Why a worker could not be started, watched or ended: a code for programs, and one sentence for people.
public struct LaunchError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What kind of failure it is.
    public enum Code: String, Sendable {
        /// The worker's machine cannot be reached, or the worker does not answer.
        case unreachable
        /// The worker could not be started, or a script on its machine failed.
        case failed
    }

    /// The kind of failure.
    public var code: Code
    /// What happened and what to do.
    public var description: String

    /// An error with the given code and description.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
