/// Why a cluster cannot start or continue: a code for programs, and one sentence for people.
public struct CoordinatorError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What kind of failure it is.
    public enum Code: String, Sendable {
        /// A worker cannot be reached.
        case unreachable
        /// A worker refuses what the plan needs.
        case refused
        /// Coordinator and worker have different models.
        case wrongModel
        /// A worker failed or vanished while the plan was running.
        case nodeLost
        /// A frame was sent, and no result came.
        case frameLost
        /// A worker could not be started.
        case notStarted
        /// The cluster has not started, or is starting again; the description says how far it is.
        case starting
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
