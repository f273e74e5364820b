import CNNG

extension RequestSocket {
    /// Sends `bytes` and returns the reply. Several requests may be under way at once, each gets its own answer.
    ///
    /// Throws `timedOut` when there was no connection or no reply within `deadline`, `connectionReset` when the
    /// connection broke after the request had left, `cancelled` when the task was cancelled. In all three the peer may
    /// have carried the request out; it never does so twice.
    public func request(_ bytes: [UInt8], deadline: Duration) async throws(MessagingError) -> [UInt8] {
        let end = deadline.fromNow
        var context = nng_ctx()
        let opened = nng_ctx_open(&context, handle.socket)
        guard opened == 0 else { throw MessagingError(nng: opened, operation: "request") }
        // A reply that comes after this finds no context and is dropped.
        defer { nng_ctx_close(context) }
        let exchange = context

        let sending = try PendingOperation(deadline: deadline, operation: "request")
        sending.setMessage(try Message.allocate(bytes.span, operation: "request"))
        let sent = await sending.run {
            nng_ctx_send(exchange, $0)
            return true
        }
        guard sent == 0 else {
            sending.discardMessage()
            throw MessagingError(nng: sent, operation: "request")
        }

        let receiving = try PendingOperation(deadline: end - ContinuousClock.now, operation: "request")
        let received = await receiving.run {
            nng_ctx_recv(exchange, $0)
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
