/// A connection came or went.
public struct PipeEvent: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        case added
        case removed
    }

    /// Whether the connection was made or lost.
    public var kind: Kind
    /// The connection's number; the same in `added` and `removed`.
    public var pipe: UInt32
    /// Where this end of a TCP connection is, as `tcp://192.168.1.5:1234`: an address of this machine that the peer can
    /// reach. Nil for other transports; with TLS it begins with `tls+tcp`.
    public var localAddress: String?
    /// Where the other end of a TCP connection is. Nil for other transports.
    public var remoteAddress: String?

    /// The user and the process at the other end of a socket file, as the system knows them. Nil for other transports.
    public var peerUser: UInt64?
    /// See `peerUser`.
    public var peerProcess: UInt64?
    /// Whether TLS has verified that the peer's certificate comes from the authority. That is all NNG 1.5.2 tells: not
    /// whose certificate it is.
    public var isVerified: Bool

    /// A `PipeEvent` of these values.
    public init(
        kind: Kind, pipe: UInt32, localAddress: String? = nil, remoteAddress: String? = nil, peerUser: UInt64? = nil,
        peerProcess: UInt64? = nil, isVerified: Bool = false
    ) {
        self.kind = kind
        self.pipe = pipe
        self.localAddress = localAddress
        self.remoteAddress = remoteAddress
        self.peerUser = peerUser
        self.peerProcess = peerProcess
        self.isVerified = isVerified
    }
}
