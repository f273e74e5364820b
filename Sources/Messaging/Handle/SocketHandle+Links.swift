// The life of a connection: admitted, then active, then ended.

extension SocketHandle {
    /// Something to report, and what comes after the report.
    struct Notice {
        var event: PipeEvent
        var link: Link?
    }

    /// Decides about a new connection to a socket of kind `peer`; notes it when it is welcome.
    func admit(_ link: Link, _ peer: SocketKind?) -> Hello.Answer {
        let (answer, superseded) = state.withLock { state -> (Hello.Answer, [Link]) in
            if state.isClosed || state.isLost { return (.closing, []) }
            guard peer == kind.counterpart else { return (.wrongKind, []) }
            var superseded: [Link] = []
            if kind == .pull {
                superseded = Array(state.links.values)
                if !superseded.isEmpty && options.secondPusher == .isTurnedAway { return (.occupied, []) }
            }
            state.links[link.number] = link
            return (.welcome, superseded)
        }
        for old in superseded {
            old.shut()
            ended(old, isFenced: true)
        }
        return answer
    }

    /// Makes an admitted connection an active one: it is reported, then read from and written to.
    func begin(_ link: Link) {
        let event = link.describe()
        let isWelcome = state.withLock { state in
            guard !state.isClosed, link.phase == .joining else { return false }
            link.phase = .active
            state.lastFailure = nil
            link.added = event
            state.notices.append(Notice(event: event, link: link))
            return true
        }
        guard isWelcome else {
            link.shut()
            return ended(link)
        }
        tell()
        link.begun()
    }

    /// Notes the end of a connection, once. Who waits for something that only it could bring is told. What it has brought
    /// is still received, but not where the connection was ended here (`isFenced`), nor requests: who made them was told
    /// that nobody knows what became of them, and nothing should.
    func ended(_ link: Link, isFenced: Bool = false) {
        var failed: [Waiter<MessageBuffer>] = []
        var sent: [Waiter<Void>] = []
        var resumed: [Link] = []
        let (dialer, wasActive) = state.withLock { state -> (Dialing?, Bool) in
            let before = link.phase
            if isFenced || kind == .reply {
                state.incoming.removeAll { $0.link == link.number }
                state.incomingBytes = state.incoming.reduce(0) { $0 + $1.buffer.count }
                resumed = resume(&state).filter { $0 !== link }
            }
            if before == .ended { return (nil, false) }
            link.phase = .ended
            link.outgoing = []
            state.links[link.number] = nil
            for (number, reply) in state.replies where reply.link == link.number {
                failed.append(reply.waiter)
                state.replies[number] = nil
            }
            // A reply that nobody waits for any more is as good as sent.
            sent = state.senders.filter { $0.link == link.number }.map(\.waiter)
            state.senders.removeAll { $0.link == link.number }
            if kind == .push && before == .active && !state.isClosed { state.isLost = true }
            if before == .active {
                var event = link.added
                event.kind = .removed
                state.notices.append(Notice(event: event))
            }
            return (state.dialers.first { ObjectIdentifier($0) == link.origin }, before == .active)
        }
        for other in resumed { other.startReading() }
        for waiter in failed { waiter.fail(.connectionReset, "the connection was lost") }
        for waiter in sent { waiter.settle(.success(())) }
        if kind == .push { failSendsOfALostSocket() }
        tell()
        dialer?.lost(wasActive: wasActive)
    }

    private func failSendsOfALostSocket() {
        let waiting = state.withLock { state -> [Waiter<Void>] in
            guard state.isLost else { return [] }
            defer { state.senders = [] }
            return state.senders.map(\.waiter)
        }
        for waiter in waiting { waiter.fail(.connectionReset, "the connection was lost") }
    }

    /// Reports what is to be reported, one notice at a time and in order. A connection is used after its report.
    private func tell() {
        while true {
            let notice = state.withLock { state -> Notice? in
                if state.isTelling || state.notices.isEmpty { return nil }
                state.isTelling = true
                return state.notices.removeFirst()
            }
            guard let notice else { return }
            onPipeChange?(notice.event)
            let (reads, writes) = state.withLock { state -> (Bool, Bool) in
                state.isTelling = false
                guard let link = notice.link, link.phase == .active else { return (false, false) }
                let reads = link.reading == .idle && hasRoom(state)
                if reads { link.reading = .posted }
                return (reads, grant(&state, to: link))
            }
            if reads { notice.link?.startReading() }
            if writes { notice.link?.write() }
        }
    }
}
