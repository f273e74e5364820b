/// Why a request to a worker failed: a code for programs, and one sentence for people.
public struct ControlError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What kind of failure it is.
    public enum Code: String, Sendable {
        /// No worker answers at an address.
        case unreachable
        /// The worker uses another version of the protocol, or refuses the request.
        case refused
        /// Coordinator and worker have different models.
        case wrongModel
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
