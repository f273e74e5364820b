import CNNG

/// What all sockets have in common. Sockets may be used from several threads and tasks at once; NNG is made for it.
///
/// A watcher (`onPipeChange`) is told of connections on NNG's own threads, one notice at a time. It must return at once
/// and must not call the socket: hand the event to a queue, stream or actor.
public protocol MessagingSocket: ~Copyable, Sendable {
    /// The open socket.
    var handle: SocketHandle { get }

    /// Connects to `url`, and again whenever the connection is lost (but see ``PushSocket``). With `nonblocking` it
    /// returns at once and goes on trying until the peer is there. Without, it waits for the first attempt and throws
    /// when that fails (code `refused` where nobody listens); a host that does not answer at all may take minutes, so
    /// call it from a thread of its own, never from async code.
    func dial(_ url: NodeURL, nonblocking: Bool) throws(MessagingError)
}

/// A socket that others can connect to. A ``PushSocket`` is none: it has one peer, and dials it.
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

    /// Listens anew at the address of the last `listen`; connections it had end. A listener of NNG before 1.6 that a
    /// peer left in the middle of a handshake takes no more connections, and nothing tells: so do this now and then
    /// while nobody talks to the socket. Without a `listen` before, nothing happens.
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
        let operation = try handle.beginSend(bytes, deadline)
        try handle.endSend(operation, operation.runBlocking { handle.startSend($0) })
    }

    /// Sends one message; see the variant for spans.
    @available(*, noasync, message: "await the async send")
    public func send(_ bytes: [UInt8], deadline: Duration) throws(MessagingError) {
        try send(bytes.span, deadline: deadline)
    }

    /// Sends one message without blocking a thread. Throws `timedOut` when no connection took it within `deadline`, and
    /// `cancelled` when the task is cancelled first; the message was then not sent.
    public func send(_ bytes: [UInt8], deadline: Duration) async throws(MessagingError) {
        let handle = handle, operation = try handle.beginSend(bytes.span, deadline)
        try handle.endSend(operation, await operation.run { handle.startSend($0) })
    }
}

extension SocketHandle {
    /// An operation that holds a copy of the message.
    fileprivate func beginSend(_ bytes: Span<UInt8>, _ deadline: Duration) throws(MessagingError) -> PendingOperation {
        let operation = try PendingOperation(deadline: deadline, operation: "send")
        operation.setMessage(try Message.allocate(bytes, operation: "send"))
        return operation
    }

    fileprivate func endSend(_ operation: PendingOperation, _ result: Int32) throws(MessagingError) {
        if result == 0 { return }
        operation.discardMessage()
        guard isLost else { throw MessagingError(nng: result, operation: "send") }
        throw MessagingError(code: .connectionReset, operation: "send", detail: "the connection was lost")
    }
}

extension ReceivingSocket where Self: ~Copyable {
    /// Receives one message where NNG put it, or nil when none came within `deadline`; blocks the calling thread.
    @available(*, noasync, message: "await the async receive")
    public func receiveMessage(deadline: Duration) throws(MessagingError) -> Message? {
        let operation = try PendingOperation(deadline: deadline, operation: "receive")
        let result = operation.runBlocking {
            nng_recv_aio(handle.socket, $0)
            return true
        }
        return try finishReceive(operation, result)
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
        let operation = try PendingOperation(deadline: deadline, operation: "receive")
        let socket = handle.socket
        let result = await operation.run {
            nng_recv_aio(socket, $0)
            return true
        }
        guard let message = try finishReceive(operation, result) else { return nil }
        var bytes = [UInt8]()
        message.copy(into: &bytes)
        return bytes
    }

    private func finishReceive(_ operation: PendingOperation, _ result: Int32) throws(MessagingError) -> Message? {
        if UInt32(bitPattern: result) == NNG_ETIMEDOUT.rawValue { return nil }
        guard result == 0, let raw = operation.takeMessage() else {
            throw MessagingError(nng: result, operation: "receive")
        }
        return Message(owning: raw)
    }
}
