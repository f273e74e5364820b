/// Why a cluster cannot start or go on: a code for programs, one sentence for people.
public struct CoordinatorError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What kind of failure it is.
    public enum Code: String, Sendable {
        /// A worker cannot be reached.
        case unreachable
        /// A worker does not do what the plan needs.
        case refused
        /// Coordinator and worker have different models.
        case wrongModel
        /// A worker failed or vanished while the plan was running.
        case nodeLost
        /// A frame went in and nothing came out.
        case frameLost
        /// A worker could not be started.
        case notStarted
        /// The cluster is not there yet, or not any more; the description says how far it is.
        case starting
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
