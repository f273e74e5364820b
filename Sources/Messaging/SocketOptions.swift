import CNNG

/// Settings of a socket, fixed when it is made.
public struct SocketOptions: Equatable, Sendable {
    /// Messages a push or pull socket holds beyond the one on its way: 0 to 8192. Where the protocol has no such queue
    /// (request, reply) it is not used.
    public var sendBufferDepth: Int
    /// As `sendBufferDepth`, on the receiving side.
    public var receiveBufferDepth: Int
    /// Largest message taken from a `tcp` or `ipc` peer, in bytes; a peer that sends more is disconnected. NNG's own
    /// default is 1 MiB, which one frame of 64 rows would pass. `inproc` hands over memory and knows no limit.
    public var maxMessageBytes: Int
    /// Time to the first attempt to connect again.
    public var reconnectMinimum: Duration
    /// The time doubles with every failure up to this.
    public var reconnectMaximum: Duration

    /// What every node uses unless told otherwise. The message limit is that of the wire format.
    public static let standard = SocketOptions()

    /// A `SocketOptions` of these values.
    public init(
        sendBufferDepth: Int = 0,
        receiveBufferDepth: Int = 8,
        maxMessageBytes: Int = 256 << 20,
        reconnectMinimum: Duration = .milliseconds(50),
        reconnectMaximum: Duration = .seconds(1)
    ) {
        self.sendBufferDepth = sendBufferDepth
        self.receiveBufferDepth = receiveBufferDepth
        self.maxMessageBytes = maxMessageBytes
        self.reconnectMinimum = reconnectMinimum
        self.reconnectMaximum = reconnectMaximum
    }

    /// Sets everything on a new socket; dialers and listeners inherit it.
    func apply(to socket: nng_socket) throws(MessagingError) {
        func check(_ option: String, _ result: Int32, optional: Bool = false) throws(MessagingError) {
            if result == 0 || (optional && UInt32(result) == NNG_ENOTSUP.rawValue) { return }
            throw MessagingError(nng: result, operation: "set \(option)")
        }
        // A buffer is a matter of the protocol: those without one say so, and need none.
        try check(
            NNG_OPT_SENDBUF,
            nng_socket_set_int(socket, NNG_OPT_SENDBUF, Int32(clamping: sendBufferDepth)), optional: true)
        try check(
            NNG_OPT_RECVBUF,
            nng_socket_set_int(socket, NNG_OPT_RECVBUF, Int32(clamping: receiveBufferDepth)), optional: true)
        try check(NNG_OPT_RECVMAXSZ, nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, max(1, maxMessageBytes)))
        try check(NNG_OPT_RECONNMINT, nng_socket_set_ms(socket, NNG_OPT_RECONNMINT, reconnectMinimum.nngMilliseconds))
        try check(NNG_OPT_RECONNMAXT, nng_socket_set_ms(socket, NNG_OPT_RECONNMAXT, reconnectMaximum.nngMilliseconds))
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
