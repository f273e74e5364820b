import CNNG
import Synchronization

/// Who is told about which socket's pipes. NNG's callback carries a number, never a pointer: a notice that comes late
/// finds no entry and is dropped.
enum PipeWatchers {
    private struct Entry {
        var handler: (@Sendable (PipeEvent) -> Void)?
        /// Whether pipes after the first are turned away, and what made the first.
        var onePipe: Bool
        var dialer: nng_dialer?
        /// Called whenever a pipe ends, before `handler`.
        var onLoss: (@Sendable () -> Void)?
        /// Whether there was a pipe before.
        var hadPipe = false
        /// The pipes that live, as they were reported: a removed pipe no longer knows its addresses.
        var pipes: [UInt32: PipeEvent] = [:]
    }

    private struct Registry {
        var next: UInt = 1
        var entries: [UInt: Entry] = [:]
    }

    private static let registry = Mutex(Registry())

    /// Calls `handler` for every pipe of `socket`, and `onLoss` for every end of one, until `remove`. With `onePipe`
    /// the socket gets no second pipe in its life.
    static func add(
        _ handler: (@Sendable (PipeEvent) -> Void)?, onePipe: Bool = false, onLoss: (@Sendable () -> Void)? = nil,
        to socket: nng_socket
    ) throws(MessagingError) -> UInt {
        let key = registry.withLock { registry in
            let key = registry.next
            registry.next += 1
            registry.entries[key] = Entry(handler: handler, onePipe: onePipe, onLoss: onLoss)
            return key
        }
        // A pipe is reported before it is used, not after: a short-lived one may carry messages and end before NNG gets
        // to call for `NNG_PIPE_EV_ADD_POST`, and the end would come before the beginning.
        for event in [NNG_PIPE_EV_ADD_PRE, NNG_PIPE_EV_REM_POST] {
            let result = nng_pipe_notify(
                socket, event,
                { pipe, event, context in PipeWatchers.notify(pipe, event, UInt(bitPattern: context)) },
                UnsafeMutableRawPointer(bitPattern: key))
            guard result == 0 else {
                remove(key)
                throw MessagingError(nng: result, operation: "watch connections")
            }
        }
        return key
    }

    static func remove(_ key: UInt) {
        registry.withLock { _ = $0.entries.removeValue(forKey: key) }
    }

    private static func notify(_ pipe: nng_pipe, _ event: nng_pipe_ev, _ key: UInt) {
        if event == NNG_PIPE_EV_ADD_PRE { begin(pipe, key) } else { end(pipe, key) }
    }

    private static func begin(_ pipe: nng_pipe, _ key: UInt) {
        let added = PipeEvent(
            kind: .added, pipe: pipe.id,
            localAddress: address(of: pipe, NNG_OPT_LOCADDR), remoteAddress: address(of: pipe, NNG_OPT_REMADDR))
        let (refused, handler) = registry.withLock { registry -> (Bool, (@Sendable (PipeEvent) -> Void)?) in
            guard let entry = registry.entries[key] else { return (false, nil) }
            if entry.onePipe && entry.hadPipe { return (true, nil) }
            registry.entries[key]?.hadPipe = true
            if entry.onePipe { registry.entries[key]?.dialer = nng_pipe_dialer(pipe) }
            registry.entries[key]?.pipes[pipe.id] = added
            return (false, entry.handler)
        }
        if refused { nng_pipe_close(pipe) }
        handler?(added)
    }

    private static func end(_ pipe: nng_pipe, _ key: UInt) {
        let (entry, known) = registry.withLock { registry in
            (registry.entries[key], registry.entries[key]?.pipes.removeValue(forKey: pipe.id))
        }
        // A pipe that was turned away is not the socket's.
        guard let entry, var removed = known else { return }
        // NNG starts to dial again when this notice is over; a dialer that is closed does not.
        if entry.onePipe, let dialer = entry.dialer { nng_dialer_close(dialer) }
        entry.onLoss?()
        removed.kind = .removed
        entry.handler?(removed)
    }

    private static func address(of pipe: nng_pipe, _ option: String) -> String? {
        var address = nng_sockaddr()
        guard nng_pipe_get_addr(pipe, option, &address) == 0 else { return nil }
        return SocketAddress(&address)?.description
    }
}
