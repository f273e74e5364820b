extension SocketHandle {
    /// What became of a message that was offered.
    enum Offer {
        /// A connection has it.
        case taken
        /// A reply that nobody waits for any more.
        case dropped
        /// It waits for a connection.
        case waiting(Waiter<Void>)
    }

    /// Offers a message to the socket's connections. Never blocks.
    func offer(_ buffer: MessageBuffer) throws(MessagingError) -> Offer {
        let result = state.withLock { state -> Result<(Offer, Link?), MessagingError> in
            if let refusal = Self.refusal(state, "send") { return .failure(refusal) }
            var message = Outgoing(number: 0, buffer: buffer), target: UInt32?
            if kind == .reply {
                guard let current = state.current else {
                    return .failure(
                        MessagingError(
                            code: .wrongState, operation: "send", detail: "there is no request to reply to"))
                }
                state.current = nil
                (message.number, target) = (current.number, current.link)
                guard state.links[current.link] != nil else { return .success((.dropped, nil)) }
            }
            let send = WaitingSend(message: message, link: target, waiter: Waiter("send"), reply: nil)
            return .success(place(&state, send))
        }
        let (offer, link) = try result.get()
        link?.write()
        return offer
    }

    /// Offers a request. Never blocks.
    func offer(request buffer: MessageBuffer) throws(MessagingError) -> (Offer, UInt32, Waiter<MessageBuffer>) {
        let reply = Waiter<MessageBuffer>("request")
        let result = state.withLock { state -> Result<(Offer, UInt32, Link?), MessagingError> in
            if let refusal = Self.refusal(state, "request") { return .failure(refusal) }
            let number = state.nextRequest
            state.nextRequest = number == .max ? 1 : number + 1
            let message = Outgoing(number: number, buffer: buffer)
            let send = WaitingSend(message: message, link: nil, waiter: Waiter("request"), reply: reply)
            let (offer, link) = place(&state, send)
            return .success((offer, number, link))
        }
        let (offer, number, link) = try result.get()
        link?.write()
        return (offer, number, reply)
    }

    /// Takes back a send that was given up. Returns the error to throw: one that came of there being no connection says
    /// why there is none.
    func withdraw(_ waiter: Waiter<Void>, _ error: MessagingError) -> MessagingError {
        let failure = state.withLock { state in
            state.senders.removeAll { $0.waiter === waiter }
            return state.lastFailure
        }
        guard error.code == .timedOut, let failure else { return error }
        var explained = error
        (explained.url, explained.detail) = (failure.url, "there is no connection: \(failure.detail)")
        return explained
    }

    /// Forgets who waits for a reply; one that comes later is dropped.
    func forgetReply(_ number: UInt32) {
        state.withLock { $0.replies[number] = nil }
    }

    /// Gives a message to a connection with room, when no other waits before it, or lets it wait. Returns the
    /// connection that must be written to.
    private func place(_ state: inout State, _ send: WaitingSend) -> (Offer, Link?) {
        let isFirst = !state.senders.contains { send.link == nil || $0.link == send.link }
        let room = state.links.values.first {
            $0.phase == .active && hasRoom($0) && (send.link == nil || $0.number == send.link)
        }
        guard isFirst, let link = room else {
            state.senders.append(send)
            return (.waiting(send.waiter), nil)
        }
        hand(&state, send, to: link)
        defer { link.isWriting = true }
        return (.taken, link.isWriting ? nil : link)
    }

    private func hand(_ state: inout State, _ send: WaitingSend, to link: Link) {
        link.outgoing.append(send.message)
        if let reply = send.reply { state.replies[send.message.number] = (link.number, reply) }
    }

    /// Whether a connection takes one more message than it is writing.
    private func hasRoom(_ link: Link) -> Bool {
        link.outgoing.count < 1 + min(max(0, options.sendBufferDepth), 8192)
    }

    /// Gives a connection what waits for it. True: it must be written to by the caller.
    func grant(_ state: inout State, to link: Link) -> Bool {
        guard link.phase == .active else { return false }
        while hasRoom(link), let index = state.senders.firstIndex(where: { $0.link == nil || $0.link == link.number }) {
            let send = state.senders.remove(at: index)
            // Who has given up in this moment has not sent it.
            if send.waiter.settle(.success(())) { hand(&state, send, to: link) }
        }
        if link.outgoing.isEmpty || link.isWriting { return false }
        link.isWriting = true
        return true
    }

    /// The message that a connection is to write; nil ends the writing.
    func nextToWrite(on link: Link) -> Outgoing? {
        state.withLock { state in
            if link.outgoing.isEmpty { link.isWriting = false }
            return link.outgoing.first
        }
    }

    /// Notes that the first message is written.
    func wrote(on link: Link) {
        state.withLock { state in
            guard !link.outgoing.isEmpty else { return }  // it has ended
            link.outgoing.removeFirst()
            _ = grant(&state, to: link)  // `isWriting` still stands
        }
    }
}
