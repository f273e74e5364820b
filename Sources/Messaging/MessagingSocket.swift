/// What all sockets have in common. Sockets may be used from several threads and tasks at once.
///
/// A watcher (`onPipeChange`) is told of connections on threads that are not its own, one notice at a time. It must
/// return at once and must not call the socket: hand the event to a queue, stream or actor.
public protocol MessagingSocket: ~Copyable, Sendable {
    /// The open socket.
    var handle: SocketHandle { get }

    /// Connects to `url`, and again whenever the connection is lost (but see ``PushSocket``). With `nonblocking` it
    /// returns at once and goes on trying until the peer is there. Without, it waits for the first attempt and throws
    /// when that fails (code `refused` where nobody listens, or who does turned this socket away); a host that does not
    /// answer takes as long as `handshakeDeadline`, so call it from a thread of its own, never from async code.
    func dial(_ url: NodeURL, nonblocking: Bool) throws(MessagingError)
}

/// A socket that others can connect to. ``PushSocket`` and ``RequestSocket`` are none: they dial their peer.
public protocol ListeningSocket: MessagingSocket, ~Copyable {}

/// A socket that can send.
public protocol SendingSocket: MessagingSocket, ~Copyable {}

/// A socket that can receive.
public protocol ReceivingSocket: MessagingSocket, ~Copyable {}

extension ListeningSocket where Self: ~Copyable {
    /// Listens at `url` and returns the address bound, with the port the system chose for port 0. A socket file nobody
    /// listens on is replaced; one in use, or a file that is no socket, is an error with code `addressInUse`.
    @discardableResult
    public func listen(_ url: NodeURL) throws(MessagingError) -> NodeURL {
        try handle.listen(url)
    }

    /// Listens anew at the address of the last `listen`; connections it had end, also those whose peer has gone without
    /// a trace, and what they brought and nobody has received is dropped. Without a `listen` before, nothing happens.
    public func listenAgain() throws(MessagingError) {
        try handle.listenAgain()
    }
}

extension MessagingSocket where Self: ~Copyable {
    /// See the requirement.
    public func dial(_ url: NodeURL, nonblocking: Bool = true) throws(MessagingError) {
        try handle.dial(url, nonblocking: nonblocking)
    }

    /// Closes the socket early: calls that wait on it end with code `closed`. Otherwise it closes when its owner goes.
    public func close() {
        handle.close()
    }
}

extension SendingSocket where Self: ~Copyable {
    /// Sends one message; blocks the calling thread until a connection takes it. Throws `timedOut` when none did within
    /// `deadline` (0: only if it can be taken at once).
    @available(*, noasync, message: "await the async send")
    public func send(_ bytes: Span<UInt8>, deadline: Duration) throws(MessagingError) {
        let handle = handle
        guard case .waiting(let waiter) = try handle.offer(try MessageBuffer(sending: bytes)) else { return }
        do { try waiter.valueBlocking(until: deadline.fromNow) } catch {
            throw handle.withdraw(waiter, error)
        }
    }

    /// Sends one message; see the variant for spans.
    @available(*, noasync, message: "await the async send")
    public func send(_ bytes: [UInt8], deadline: Duration) throws(MessagingError) {
        try send(bytes.span, deadline: deadline)
    }

    /// Sends one message without blocking a thread. Throws `timedOut` when no connection took it within `deadline`, and
    /// `cancelled` when the task is cancelled first; the message was then not sent.
    public func send(_ bytes: [UInt8], deadline: Duration) async throws(MessagingError) {
        let handle = handle
        guard case .waiting(let waiter) = try handle.offer(try MessageBuffer(sending: bytes.span)) else { return }
        do { try await waiter.value(until: deadline.fromNow) } catch { throw handle.withdraw(waiter, error) }
    }
}

extension ReceivingSocket where Self: ~Copyable {
    /// Receives one message where it lies, or nil when none came within `deadline`; blocks the calling thread.
    @available(*, noasync, message: "await the async receive")
    public func receiveMessage(deadline: Duration) throws(MessagingError) -> Message? {
        let handle = handle, end = deadline.fromNow
        while true {
            switch try handle.want(byThread: true) {
            case .here(let incoming): return Message(incoming.buffer)
            case .reads(let link):
                if let incoming = try handle.read(link, until: end) { return Message(incoming.buffer) }
                if end <= .now { return nil }
            case .waiting(let waiter):
                do {
                    let incoming = try waiter.valueBlocking(until: end)
                    handle.noteRequest(incoming)
                    return Message(incoming.buffer)
                } catch {
                    handle.withdraw(waiter)
                    if error.code == .timedOut { return nil }
                    throw error
                }
            }
        }
    }

    /// Receives one message into `buffer`, which becomes exactly the message and keeps its storage when that is large
    /// enough; blocks the calling thread. Returns false, `buffer` unchanged, when none came within `deadline`.
    @available(*, noasync, message: "await the async receive")
    public func receive(into buffer: inout [UInt8], deadline: Duration) throws(MessagingError) -> Bool {
        guard let message = try receiveMessage(deadline: deadline) else { return false }
        message.copy(into: &buffer)
        return true
    }

    /// Receives one message without blocking a thread; nil when none came within `deadline`. Throws `cancelled` when
    /// the task is cancelled first.
    public func receive(deadline: Duration) async throws(MessagingError) -> [UInt8]? {
        guard let message = try await receiveMessage(deadline: deadline) else { return nil }
        return message.bytes()
    }

    /// As ``receive(deadline:)``, the message where it lies.
    public func receiveMessage(deadline: Duration) async throws(MessagingError) -> Message? {
        let handle = handle
        switch try handle.want(byThread: false) {
        case .here(let incoming): return Message(incoming.buffer)
        case .reads: return nil  // only threads read
        case .waiting(let waiter):
            do {
                let incoming = try await waiter.value(until: deadline.fromNow)
                handle.noteRequest(incoming)
                return Message(incoming.buffer)
            } catch {
                handle.withdraw(waiter)
                if error.code == .timedOut { return nil }
                throw error
            }
        }
    }
}
