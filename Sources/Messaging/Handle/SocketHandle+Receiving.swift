extension SocketHandle {
    /// How a receive begins.
    enum Wanted {
        case here(Incoming)
        case waiting(Waiter<Incoming>)
        /// The calling thread reads from this connection itself.
        case reads(Link)
    }

    /// How long a connection that a thread has read from is left alone before a callback reads from it: so its end is
    /// noticed even when the thread is busy with something else.
    private static let patience = Duration.milliseconds(20)

    /// Whether more messages may be read than are asked for: a few, and together no more bytes than one largest.
    func hasRoom(_ state: borrowing State) -> Bool {
        state.incoming.count < max(1, options.receiveBufferDepth) && state.incomingBytes < options.maxMessageBytes
    }

    /// Asks for the next message. Never blocks.
    func want(byThread: Bool) throws(MessagingError) -> Wanted {
        let (result, resumed) = state.withLock { state -> (Result<Wanted, MessagingError>, [Link]) in
            if let refusal = Self.refusal(state, "receive") { return (.failure(refusal), []) }
            state.threadsReceive = byThread
            if kind == .reply { state.current = nil }
            if !state.incoming.isEmpty {
                let message = state.incoming.removeFirst()
                state.incomingBytes -= message.buffer.count
                if kind == .reply { state.current = (message.link, message.number) }
                return (.success(.here(message)), byThread ? watch(&state) : resume(&state))
            }
            if byThread, kind == .pull, state.receivers.isEmpty, state.links.count == 1,
                let link = state.links.values.first, link.reading == .idle, link.phase == .active,
                link.canBeReadByThreads
            {
                link.reading = .thread
                return (.success(.reads(link)), [])
            }
            let waiter = Waiter<Incoming>("receive")
            state.receivers.append(waiter)
            return (.success(.waiting(waiter)), resume(&state))
        }
        for link in resumed { link.startReading() }
        return try result.get()
    }

    /// Waits on the calling thread for a message of a connection that it reads from. Nil when none came.
    func read(_ link: Link, until end: ContinuousClock.Instant) throws(MessagingError) -> Incoming? {
        let outcome = link.read(until: end)
        let (result, resumed) = state.withLock { state -> (Result<Incoming?, MessagingError>, [Link]) in
            link.reading = .idle
            var first: Incoming?
            if case .messages(let messages) = outcome, !state.isClosed {
                for message in messages { place(&state, message, link) }
                if !state.incoming.isEmpty {
                    let message = state.incoming.removeFirst()
                    state.incomingBytes -= message.buffer.count
                    first = message
                }
            }
            if first == nil, let refusal = Self.refusal(state, "receive") { return (.failure(refusal), []) }
            return (.success(first), state.receivers.isEmpty ? watch(&state) : resume(&state))
        }
        for link in resumed { link.startReading() }
        return try result.get()
    }

    /// Takes back a receive that was given up.
    func withdraw(_ waiter: Waiter<Incoming>) {
        state.withLock { $0.receivers.removeAll { $0 === waiter } }
    }

    /// Notes what a reply socket's receive has got.
    func noteRequest(_ message: Incoming) {
        if kind == .reply { state.withLock { $0.current = (message.link, message.number) } }
    }

    /// Takes messages that a callback has read. Returns whether it is to read on.
    func deliver(_ messages: [MessageAssembler.Received], from link: Link) -> Bool {
        if kind == .push && !messages.isEmpty {
            // Nothing comes back through a pipeline.
            link.shut()
            ended(link)
            return false
        }
        return state.withLock { state in
            guard link.phase == .active, !state.isClosed else { return false }
            for message in messages { place(&state, message, link) }
            // A thread that has just been given something will come for the next one.
            let awaitsThread =
                state.threadsReceive && kind == .pull && link.canBeReadByThreads && !messages.isEmpty
                && state.receivers.isEmpty
            if hasRoom(state) && !awaitsThread { return true }
            link.reading = .idle
            if awaitsThread { watchSoon(link) }
            return false
        }
    }

    /// Gives a message to whoever waits for it, or keeps it.
    private func place(_ state: inout State, _ message: MessageAssembler.Received, _ link: Link) {
        if kind == .request {
            // A reply that comes too late goes nowhere.
            state.replies.removeValue(forKey: message.number)?.waiter.settle(.success(message.buffer))
            return
        }
        let incoming = Incoming(link: link.number, number: message.number, buffer: message.buffer)
        while !state.receivers.isEmpty {
            if state.receivers.removeFirst().settle(.success(incoming)) { return }
        }
        state.incoming.append(incoming)
        state.incomingBytes += message.buffer.count
    }

    /// Connections that callbacks are to read from now.
    func resume(_ state: inout State) -> [Link] {
        guard hasRoom(state) else { return [] }
        let idle = state.links.values.filter { $0.phase == .active && $0.reading == .idle }
        for link in idle { link.reading = .posted }
        return idle
    }

    /// Leaves connections to the thread that reads from them, for a while; those it cannot read from are resumed.
    private func watch(_ state: inout State) -> [Link] {
        guard hasRoom(state) else { return [] }
        var resumed: [Link] = []
        for link in state.links.values where link.phase == .active && link.reading == .idle {
            if kind == .pull && link.canBeReadByThreads {
                watchSoon(link)
            } else {
                link.reading = .posted
                resumed.append(link)
            }
        }
        return resumed
    }

    private func watchSoon(_ link: Link) {
        if link.isWatched { return }
        link.isWatched = true
        Deadlines.shared.schedule(at: .now + Self.patience) { [weak self, weak link] in
            guard let self, let link else { return }
            let reads = state.withLock { state in
                link.isWatched = false
                guard link.phase == .active, link.reading == .idle, hasRoom(state) else { return false }
                link.reading = .posted
                return true
            }
            if reads { link.startReading() }
        }
    }
}
