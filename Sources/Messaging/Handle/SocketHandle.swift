import Synchronization

/// What an open socket of any kind holds: its connections, who waits for what, and where it listens and dials.
///
/// Four rules keep it free of deadlocks: nothing is called under the lock but values; NNG's callbacks find no lock held;
/// no operation begins on a stream that was closed; and closing waits for nobody.
public final class SocketHandle: Sendable {
    /// A send that waits for room on a connection.
    struct WaitingSend {
        var message: Outgoing
        /// The connection it is for; any when nil.
        var link: UInt32?
        var waiter: Waiter<Void>
        /// For a request: who waits for the reply.
        var reply: Waiter<MessageBuffer>?
    }

    /// A message that nobody has asked for yet.
    struct Incoming {
        var link: UInt32
        var number: UInt32
        var buffer: MessageBuffer
    }

    struct State {
        var isClosed = false
        /// Of a push socket: whether it was told where to connect, and whether its one connection is over.
        var hasDialed = false, isLost = false
        var links: [UInt32: Link] = [:]
        /// Why the last attempt to connect failed, while there is no connection.
        var lastFailure: MessagingError?
        var listeners: [Listening] = []
        var dialers: [Dialing] = []

        var senders: [WaitingSend] = []
        var receivers: [Waiter<Incoming>] = []
        var incoming: [Incoming] = []
        var incomingBytes = 0
        /// Whether the last receive was a thread's.
        var threadsReceive = false
        /// The request that a reply socket has received and not answered.
        var current: (link: UInt32, number: UInt32)?
        /// Who waits for the reply to which request, sent over which connection.
        var replies: [UInt32: (link: UInt32, waiter: Waiter<MessageBuffer>)] = [:]
        var nextRequest: UInt32 = 1

        var notices: [Notice] = []
        var isTelling = false
    }

    let kind: SocketKind
    let options: SocketOptions
    let onPipeChange: (@Sendable (PipeEvent) -> Void)?
    let state = Mutex(State())

    private static let lastLink = Atomic<UInt32>(0)

    init(_ kind: SocketKind, _ options: SocketOptions, _ onPipeChange: (@Sendable (PipeEvent) -> Void)?) {
        (self.kind, self.options, self.onPipeChange) = (kind, options, onPipeChange)
    }

    func nextLinkNumber() -> UInt32 {
        while true {
            let number = Self.lastLink.wrappingAdd(1, ordering: .relaxed).newValue
            if number != 0 { return number }
        }
    }

    /// Closing twice is harmless. It waits for nobody: what was begun ends, and NNG frees connections on a thread of
    /// its own.
    func close() {
        let ending = state.withLock { state -> State? in
            if state.isClosed { return nil }
            state.isClosed = true
            let ending = state
            (state.listeners, state.dialers) = ([], [])
            (state.senders, state.receivers, state.replies) = ([], [], [:])
            (state.incoming, state.incomingBytes) = ([], 0)
            return ending
        }
        guard let ending else { return }
        for listener in ending.listeners { listener.stop() }
        for dialer in ending.dialers { dialer.stop() }
        for sender in ending.senders {
            sender.waiter.fail(.closed)
            sender.reply?.fail(.closed)
        }
        for receiver in ending.receivers { receiver.fail(.closed) }
        for reply in ending.replies.values { reply.waiter.fail(.closed) }
        for link in ending.links.values {
            link.shut()
            ended(link)
        }
    }

    /// The error of a call on a socket that is closed, or nil.
    static func refusal(_ state: borrowing State, _ operation: String) -> MessagingError? {
        if state.isLost {
            return MessagingError(code: .connectionReset, operation: operation, detail: "the connection was lost")
        }
        if state.isClosed {
            return MessagingError(code: .closed, operation: operation, detail: "the socket is closed")
        }
        return nil
    }
}
