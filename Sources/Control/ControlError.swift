/// Why a worker did not do what it was asked: a code for programs, one sentence for people.
public struct ControlError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What kind of failure it is.
    public enum Code: String, Sendable {
        /// No worker answers at an address.
        case unreachable
        /// The worker speaks another version of the protocol, or will not do it.
        case refused
        /// Coordinator and worker have different models.
        case wrongModel
    }

    /// The kind of failure.
    public var code: Code
    /// What happened and what to do.
    public var description: String

    /// A `ControlError` of these values.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
