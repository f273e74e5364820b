import CNNG

/// A message on its way out, over as many sockets as it takes: when a push socket is replaced while the message waits,
/// it goes to the new one, within the same deadline.
struct SendAttempt: ~Copyable {
    private var message: OpaquePointer?
    private let end: ContinuousClock.Instant

    /// Copies `bytes` into a message of NNG's.
    init(_ bytes: Span<UInt8>, deadline: Duration) throws(MessagingError) {
        message = try Message.allocate(bytes, operation: "send")
        end = deadline.fromNow
    }

    deinit {
        if let message { nng_msg_free(message) }
    }

    /// Whether NNG has taken the message.
    var isDone: Bool { message == nil }

    /// An operation that holds the message.
    mutating func begin() throws(MessagingError) -> PendingOperation {
        let operation = try PendingOperation(deadline: end - ContinuousClock.now, operation: "send")
        if let message { operation.setMessage(message) }
        message = nil
        return operation
    }

    /// Takes the message back from an operation that failed. Throws unless it is to be tried once more.
    mutating func end(
        _ operation: PendingOperation, _ result: Int32, _ handle: SocketHandle, _ socket: nng_socket
    ) throws(MessagingError) {
        if result == 0 { return }
        message = operation.takeMessage()
        if handle.wasReplaced(socket, result) { return }
        if let failure = handle.failure { throw failure }
        throw MessagingError(nng: result, operation: "send")
    }
}
