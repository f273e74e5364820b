import CNNG

/// Settings of a socket, fixed when it is made.
public struct SocketOptions: Equatable, Sendable {
    /// What becomes of another pusher that connects to a pull socket, which has one.
    public enum SecondPusher: Equatable, Sendable {
        /// It is told so, and tries again later: a connection cannot be taken over by whoever can connect.
        case isTurnedAway
        /// It takes the place of the first one, whose connection ends.
        case supersedes
    }

    /// Messages a connection holds beyond the one on its way: 0 to 8192.
    public var sendBufferDepth: Int
    /// Messages a socket holds that nobody has asked for; together with `maxMessageBytes` it bounds what is read ahead.
    public var receiveBufferDepth: Int
    /// Largest message taken from a peer, in bytes; a peer that announces more is disconnected before memory is
    /// allocated. `inproc` hands over memory and knows no limit. All that is read ahead is no more than one largest
    /// message, besides the one that is being read.
    public var maxMessageBytes: Int
    /// Time to the first attempt to connect again.
    public var reconnectMinimum: Duration
    /// The time doubles with every failure up to this.
    public var reconnectMaximum: Duration
    /// Time for connecting, and again for each end to say what it is, TLS included.
    public var handshakeDeadline: Duration
    /// See ``SecondPusher``.
    public var secondPusher: SecondPusher
    /// Who this node is where an address begins with `tls+tcp`.
    public var tls: TLSCredentials?

    /// What every node uses unless told otherwise. The message limit is that of the wire format.
    public static let standard = SocketOptions()

    /// A `SocketOptions` of these values.
    public init(
        sendBufferDepth: Int = 0,
        receiveBufferDepth: Int = 8,
        maxMessageBytes: Int = 256 << 20,
        reconnectMinimum: Duration = .milliseconds(50),
        reconnectMaximum: Duration = .seconds(1),
        handshakeDeadline: Duration = .seconds(10),
        secondPusher: SecondPusher = .isTurnedAway,
        tls: TLSCredentials? = nil
    ) {
        self.sendBufferDepth = sendBufferDepth
        self.receiveBufferDepth = receiveBufferDepth
        self.maxMessageBytes = maxMessageBytes
        self.reconnectMinimum = reconnectMinimum
        self.reconnectMaximum = reconnectMaximum
        self.handshakeDeadline = handshakeDeadline
        self.secondPusher = secondPusher
        self.tls = tls
    }
}

extension Duration {
    /// The moment this far from now; anything beyond a century is as good as for ever and cannot overflow.
    var fromNow: ContinuousClock.Instant { ContinuousClock.now + min(self, .seconds(3_155_760_000)) }

    /// Whole milliseconds for NNG, rounded up so that a deadline is never cut short; 0 for anything negative. Negative
    /// numbers mean other things to NNG, so they never come out of here.
    var nngMilliseconds: nng_duration {
        let (seconds, attoseconds) = components
        if seconds < 0 || attoseconds < 0 { return 0 }
        if seconds >= Int64(Int32.max / 1000) { return .max }
        return nng_duration(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
