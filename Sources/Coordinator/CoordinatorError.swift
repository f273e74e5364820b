/// What a user of a cluster is told when something fails: a code for programs, one sentence for people.
public struct CoordinatorError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What kind of failure it is.
    public enum Code: String, Sendable {
        /// No worker answers at an address.
        case unreachable
        /// A worker speaks another version of the protocol, or is busy with another plan.
        case refused
        /// Coordinator and worker have different models.
        case wrongModel
        /// A worker failed or vanished while the plan was running.
        case nodeLost
        /// A frame went in and nothing came out.
        case frameLost
        /// The prompt does not fit the context.
        case contextExceeded
        /// Too many requests wait already.
        case busy
        /// A worker could not be started.
        case spawn
    }

    /// The kind of failure.
    public var code: Code
    /// What happened and what to do.
    public var description: String

    /// A `CoordinatorError` of these values.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
