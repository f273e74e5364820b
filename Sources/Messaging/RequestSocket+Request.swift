extension RequestSocket {
    /// Sends `bytes` and returns the reply. Several requests may be under way at once, each gets its own answer.
    ///
    /// Throws `timedOut` when there was no connection or no reply within `deadline`, `connectionReset` when the
    /// connection broke after the request had left, `cancelled` when the task was cancelled. In all three the peer may
    /// have carried the request out; it never does so twice.
    public func request(_ bytes: [UInt8], deadline: Duration) async throws(MessagingError) -> [UInt8] {
        try await begin(bytes, deadline: deadline).reply()
    }
}
