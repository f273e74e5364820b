/// A request that is on its way, and the reply to it when that has come. When the value goes, a reply that comes later
/// is dropped.
public final class PendingReply: Sendable {
    private let handle: SocketHandle
    private let number: UInt32
    private let waiter: Waiter<MessageBuffer>
    private let end: ContinuousClock.Instant

    fileprivate init(
        _ handle: SocketHandle, _ number: UInt32, _ waiter: Waiter<MessageBuffer>, end: ContinuousClock.Instant
    ) {
        (self.handle, self.number, self.waiter, self.end) = (handle, number, waiter, end)
    }

    deinit { handle.forgetReply(number) }

    /// Waits for the reply, once. Throws as ``RequestSocket/request(_:deadline:)``.
    public func reply() async throws(MessagingError) -> [UInt8] {
        Message(try await waiter.value(until: end)).bytes()
    }
}

extension RequestSocket {
    /// Sends `bytes` and returns once a connection has taken them, without waiting for the reply: so several requests
    /// fill a link, and arrive in the order in which they were begun one after the other.
    ///
    /// - Parameter deadline: for sending and reply together.
    public func begin(_ bytes: [UInt8], deadline: Duration) async throws(MessagingError) -> PendingReply {
        let handle = handle, end = deadline.fromNow
        let (offer, number, reply) = try handle.offer(request: try MessageBuffer(sending: bytes.span))
        let pending = PendingReply(handle, number, reply, end: end)
        guard case .waiting(let waiter) = offer else { return pending }
        do { try await waiter.value(until: end) } catch { throw handle.withdraw(waiter, error) }
        return pending
    }
}
