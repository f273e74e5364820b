import CNNG

/// Why an operation on a socket failed: a code for programs, a sentence for people.
public struct MessagingError: Error, Equatable, Sendable {
    /// What kind of failure it is.
    public enum Code: Equatable, Sendable {
        /// The deadline passed first.
        case timedOut
        /// The socket was closed, here or while the call waited.
        case closed
        /// Nobody listens at the address.
        case refused
        /// The connection broke after the request had left; whether the peer acted on it is unknown.
        case connectionReset
        /// Another socket, or a file that is no socket, has the address.
        case addressInUse
        /// The URL cannot be an address of a node.
        case invalidURL
        /// The host or network cannot be reached.
        case unreachable
        /// The message is larger than the receiver's limit.
        case messageTooLarge
        /// The call does not fit the socket's state, e.g. a reply where no request was received.
        case wrongState
        /// The system refused access, or a certificate was not accepted.
        case notPermitted
        /// The task was cancelled.
        case cancelled
        /// Memory or file descriptors ran out.
        case outOfResources
        /// Any other NNG error, by its number.
        case other(Int32)
    }

    /// What went wrong, for programs.
    public var code: Code
    /// What was tried, as in "listen".
    public var operation: String
    /// The address, where one is involved.
    public var url: String?
    /// What more there is to say: NNG's own words, or what is wrong with the URL.
    public var detail: String

    /// A `MessagingError` of these values.
    public init(code: Code, operation: String, url: String? = nil, detail: String = "") {
        self.code = code
        self.operation = operation
        self.url = url
        self.detail = detail
    }

    /// The error for an NNG result that is not 0.
    init(nng result: Int32, operation: String, url: String? = nil) {
        let words = nng_strerror(result).map { String(cString: $0) } ?? "error \(result)"
        self.init(code: Self.code(of: result), operation: operation, url: url, detail: words)
    }

    private static func code(of result: Int32) -> Code {
        switch UInt32(bitPattern: result) {
        case NNG_ETIMEDOUT.rawValue: .timedOut
        case NNG_ECLOSED.rawValue: .closed
        case NNG_ECONNREFUSED.rawValue, NNG_ENOENT.rawValue: .refused
        case NNG_ECONNRESET.rawValue, NNG_ECONNABORTED.rawValue, NNG_ECONNSHUT.rawValue: .connectionReset
        case NNG_EADDRINUSE.rawValue: .addressInUse
        case NNG_EADDRINVAL.rawValue, NNG_ENOTSUP.rawValue: .invalidURL
        case NNG_EUNREACHABLE.rawValue: .unreachable
        case NNG_EMSGSIZE.rawValue: .messageTooLarge
        case NNG_ESTATE.rawValue: .wrongState
        case NNG_EPERM.rawValue, NNG_EPEERAUTH.rawValue, NNG_ECRYPTO.rawValue: .notPermitted
        case NNG_ECANCELED.rawValue: .cancelled
        case NNG_ENOMEM.rawValue, NNG_ENOFILES.rawValue, NNG_ENOSPC.rawValue: .outOfResources
        default: .other(result)
        }
    }
}

extension MessagingError: CustomStringConvertible {
    public var description: String {
        let place = url.map { " \($0)" } ?? ""
        let reason = detail.isEmpty ? "\(code)" : detail
        return "\(operation)\(place) failed: \(reason); \(advice)"
    }

    private var advice: String {
        switch code {
        case .timedOut: "check that the peer runs and answers, or allow more time"
        case .closed: "the socket was closed, open a new one"
        case .refused: "start the node that should listen there, or correct the address"
        case .connectionReset: "the peer went away, its state must be asked for before the call is repeated"
        case .addressInUse: "choose another address, or stop what uses this one"
        case .invalidURL: "write tcp://host:port, tls+tcp://host:port, ipc:///path or inproc://name"
        case .unreachable: "check the address and the network between the machines"
        case .messageTooLarge: "send smaller messages, or raise the receiver's limit"
        case .wrongState: "receive a request before sending its reply"
        case .notPermitted: "check the rights on the socket file or port, or the certificates of both ends"
        case .cancelled: "the task that waited was cancelled"
        case .outOfResources: "free memory or raise the limit of open files"
        case .other: "check both ends' logs"
        }
    }
}
