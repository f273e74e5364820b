import CNNG
import Synchronization

/// A request that is on its way, and the reply to it when that has come. When the value goes, a reply that comes later
/// is dropped.
public final class PendingReply: Sendable {
    private let context: nng_ctx
    private let end: ContinuousClock.Instant

    fileprivate init(_ context: nng_ctx, end: ContinuousClock.Instant) {
        self.context = context
        self.end = end
    }

    deinit { nng_ctx_close(context) }

    /// Waits for the reply, once. Throws as ``RequestSocket/request(_:deadline:)``.
    public func reply() async throws(MessagingError) -> [UInt8] {
        let context = context
        let receiving = try PendingOperation(deadline: end - ContinuousClock.now, operation: "request")
        let received = await receiving.run {
            nng_ctx_recv(context, $0)
            return true
        }
        guard received == 0, let raw = receiving.takeMessage() else {
            throw MessagingError(nng: received, operation: "request")
        }
        let reply = Message(owning: raw)
        var buffer = [UInt8]()
        reply.copy(into: &buffer)
        return buffer
    }
}

extension RequestSocket {
    /// Sends `bytes` and returns once a connection has taken them, without waiting for the reply: so several requests
    /// fill a link, and arrive in the order in which they were begun one after the other.
    ///
    /// - Parameter deadline: for sending and reply together.
    public func begin(_ bytes: [UInt8], deadline: Duration) async throws(MessagingError) -> PendingReply {
        let end = deadline.fromNow
        var opened = nng_ctx()
        let result = nng_ctx_open(&opened, handle.socket)
        guard result == 0 else { throw MessagingError(nng: result, operation: "request") }
        let context = opened, pending = PendingReply(context, end: end)
        let sending = try PendingOperation(deadline: deadline, operation: "request")
        sending.setMessage(try Message.allocate(bytes.span, operation: "request"))
        let sent = await sending.run {
            nng_ctx_send(context, $0)
            return true
        }
        guard sent == 0 else {
            sending.discardMessage()
            throw MessagingError(nng: sent, operation: "request")
        }
        return pending
    }
}
