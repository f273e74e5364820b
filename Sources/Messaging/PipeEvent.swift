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
    /// reach. Nil for other transports.
    public var localAddress: String?
    /// Where the other end of a TCP connection is. Nil for other transports.
    public var remoteAddress: String?

    /// A `PipeEvent` of these values.
    public init(kind: Kind, pipe: UInt32, localAddress: String? = nil, remoteAddress: String? = nil) {
        self.kind = kind
        self.pipe = pipe
        self.localAddress = localAddress
        self.remoteAddress = remoteAddress
    }
}
