/// Sends messages to one ``PullSocket``, in order. It waits for its peer to be there and then has one connection: when
/// that is lost, what was on its way may be lost with it, so the plan it served is over, and every send from then on
/// ends with `connectionReset`. The next plan has sockets of its own: connecting again would only hide the loss.
///
/// Closing a socket discards what it has accepted and not yet written to the connection.
public struct PushSocket: SendingSocket, ~Copyable {
    public let handle: SocketHandle

    /// Opens a socket. `onPipeChange` is called on other threads, see ``MessagingSocket``.
    public init(
        options: SocketOptions = .standard, onPipeChange: (@Sendable (PipeEvent) -> Void)? = nil
    ) throws(MessagingError) {
        handle = SocketHandle(.push, options, onPipeChange)
    }

    /// As ``MessagingSocket/dial(_:nonblocking:)``, once in the socket's life: a second call throws `wrongState`.
    public func dial(_ url: NodeURL, nonblocking: Bool = true) throws(MessagingError) {
        try handle.dial(url, nonblocking: nonblocking)
    }

    deinit { handle.close() }
}

/// Receives what a ``PushSocket`` sends, in its order. It has one live pusher at a time: what becomes of another one,
/// `secondPusher` says.
public struct PullSocket: ListeningSocket, ReceivingSocket, ~Copyable {
    public let handle: SocketHandle

    /// Opens a socket. `onPipeChange` is called on other threads, see ``MessagingSocket``.
    public init(
        options: SocketOptions = .standard, onPipeChange: (@Sendable (PipeEvent) -> Void)? = nil
    ) throws(MessagingError) {
        handle = SocketHandle(.pull, options, onPipeChange)
    }

    deinit { handle.close() }
}

/// Asks a ``ReplySocket``. A request is sent once and never again: when its connection breaks the caller is told.
public struct RequestSocket: MessagingSocket, ~Copyable {
    public let handle: SocketHandle

    /// Opens a socket. `onPipeChange` is called on other threads, see ``MessagingSocket``.
    public init(
        options: SocketOptions = .standard, onPipeChange: (@Sendable (PipeEvent) -> Void)? = nil
    ) throws(MessagingError) {
        handle = SocketHandle(.request, options, onPipeChange)
    }

    deinit { handle.close() }
}

/// Answers ``RequestSocket``s one request at a time: receive, then send the reply. A request that is followed by
/// another receive stays unanswered.
public struct ReplySocket: ListeningSocket, SendingSocket, ReceivingSocket, ~Copyable {
    public let handle: SocketHandle

    /// Opens a socket. `onPipeChange` is called on other threads, see ``MessagingSocket``.
    public init(
        options: SocketOptions = .standard, onPipeChange: (@Sendable (PipeEvent) -> Void)? = nil
    ) throws(MessagingError) {
        handle = SocketHandle(.reply, options, onPipeChange)
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
