extension SocketHandle {
    func listen(_ url: NodeURL) throws(MessagingError) -> NodeURL {
        let listening = Listening(self, url)
        let bound = try listening.start()
        let isClosed = state.withLock { state in
            if !state.isClosed { state.listeners.append(listening) }
            return state.isClosed
        }
        guard isClosed else { return bound }
        listening.stop()
        throw MessagingError(code: .closed, operation: "listen", url: url.description, detail: "the socket is closed")
    }

    /// Closes the last listener, with its connections, and listens at the same address. Where that cannot be had just
    /// now, the next call tries again.
    func listenAgain() throws(MessagingError) {
        try state.withLock { $0.listeners.last }?.again()
    }

    func dial(_ url: NodeURL, nonblocking: Bool) throws(MessagingError) {
        if url.isEncrypted && options.tls == nil { throw TLSCredentials.missing("connect to", url) }
        let dialing = Dialing(self, url), first = nonblocking ? nil : Waiter<Void>("connect to")
        let problem = state.withLock { state -> MessagingError? in
            if kind == .push && state.hasDialed {
                return MessagingError(
                    code: .wrongState, operation: "connect to", url: url.description,
                    detail: "this push socket is connected already")
            }
            if let refusal = Self.refusal(state, "connect to") { return refusal }
            state.hasDialed = true
            state.dialers.append(dialing)
            return nil
        }
        if let problem { throw problem }
        dialing.start(first)
        // The attempt has a deadline of its own.
        do { try first?.valueBlocking(until: Duration.seconds(3600).fromNow) } catch {
            state.withLock { state in
                state.dialers.removeAll { $0 === dialing }
                state.hasDialed = false
            }
            dialing.stop()
            throw error
        }
    }
}
