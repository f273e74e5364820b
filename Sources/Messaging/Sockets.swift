import CNNG

/// Sends messages to one ``PullSocket``, in order. It waits for its peer to be there and then has one connection: when
/// that is lost, what was on its way may be lost with it, and every send from then on ends with `connectionReset`.
///
/// Closing a socket discards what it has accepted and not yet written to the connection.
public struct PushSocket: SendingSocket, ~Copyable {
    public let handle: SocketHandle

    /// Opens a socket. `onPipeChange` is called on NNG's own threads, see ``MessagingSocket``.
    public init(
        options: SocketOptions = .standard, onPipeChange: (@Sendable (PipeEvent) -> Void)? = nil
    ) throws(MessagingError) {
        handle = try SocketHandle({ nng_push0_open($0) }, oneConnection: true, options, onPipeChange)
    }

    /// As ``MessagingSocket/dial(_:nonblocking:)``, once in the socket's life: a second call throws `wrongState`.
    public func dial(_ url: NodeURL, nonblocking: Bool = true) throws(MessagingError) {
        try handle.dialOnce(url, nonblocking: nonblocking)
    }

    deinit { handle.close() }
}

/// Receives what ``PushSocket``s send, from each in its order.
public struct PullSocket: ListeningSocket, ReceivingSocket, ~Copyable {
    public let handle: SocketHandle

    /// Opens a socket. `onPipeChange` is called on NNG's own threads, see ``MessagingSocket``.
    public init(
        options: SocketOptions = .standard, onPipeChange: (@Sendable (PipeEvent) -> Void)? = nil
    ) throws(MessagingError) {
        handle = try SocketHandle({ nng_pull0_open($0) }, options, onPipeChange)
    }

    deinit { handle.close() }
}

/// Asks a ``ReplySocket``. A request is sent once and never again: when its connection breaks the caller is told.
public struct RequestSocket: ListeningSocket, ~Copyable {
    public let handle: SocketHandle

    /// Opens a socket. `onPipeChange` is called on NNG's own threads, see ``MessagingSocket``.
    public init(
        options: SocketOptions = .standard, onPipeChange: (@Sendable (PipeEvent) -> Void)? = nil
    ) throws(MessagingError) {
        let handle = try SocketHandle({ nng_req0_open($0) }, options, onPipeChange)
        // By default NNG repeats a request after a minute, and whenever a connection breaks. A control request changes
        // a node's state and must not be carried out twice.
        let result = nng_socket_set_ms(handle.socket, NNG_OPT_REQ_RESENDTIME, -1)
        guard result == 0 else {
            handle.close()
            throw MessagingError(nng: result, operation: "set \(NNG_OPT_REQ_RESENDTIME)")
        }
        self.handle = handle
    }

    deinit { handle.close() }
}

/// Answers ``RequestSocket``s one request at a time: receive, then send the reply. A request that is followed by
/// another receive stays unanswered.
public struct ReplySocket: ListeningSocket, SendingSocket, ReceivingSocket, ~Copyable {
    public let handle: SocketHandle

    /// Opens a socket. `onPipeChange` is called on NNG's own threads, see ``MessagingSocket``.
    public init(
        options: SocketOptions = .standard, onPipeChange: (@Sendable (PipeEvent) -> Void)? = nil
    ) throws(MessagingError) {
        handle = try SocketHandle({ nng_rep0_open($0) }, options, onPipeChange)
    }

    deinit { handle.close() }
}

/// One owner for a socket that several tasks or threads use: a noncopyable value cannot be captured, this can.
public final class SharedSocket<Socket: MessagingSocket & ~Copyable>: Sendable {
    public let socket: Socket

    /// Shares `socket` among all who hold this.
    public init(_ socket: consuming Socket) {
        self.socket = socket
    }
}
