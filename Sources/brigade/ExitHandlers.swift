import Dispatch
import Foundation
import Synchronization

/// Cleanup for when a signal ends the program: worker processes, socket files, the terminal's mode.
final class ExitHandlers: Sendable {
    static let shared = ExitHandlers()

    private struct State {
        var handlers: [(number: Int, undo: @Sendable () -> Void)] = [], added = 0
        var sources: [any DispatchSourceSignal] = []
        var onInterrupt: (@Sendable () -> Bool)?
        var onFirstSignal: (@Sendable () -> Void)?
        var isLeaving = false
    }

    private let state = Mutex(State())

    /// Adds a handler, which runs before those added earlier. Returns the number for `remove`.
    @discardableResult
    func add(_ handler: @escaping @Sendable () -> Void) -> Int {
        let number = state.withLock { state in
            state.added += 1
            state.handlers.append((state.added, handler))
            return state.added
        }
        install()
        return number
    }

    /// Removes a handler.
    func remove(_ number: Int) { state.withLock { $0.handlers.removeAll { $0.number == number } } }

    /// Sets an action for Ctrl-C; if it returns false, the program ends nevertheless. Nil removes it.
    func onInterrupt(_ action: (@Sendable () -> Bool)?) {
        state.withLock { $0.onInterrupt = action }
        install()
    }

    /// Sets an action for the first signal, which lets the program end by itself; the next signal ends it at once. Nil
    /// removes it.
    func onFirstSignal(_ action: (@Sendable () -> Void)?) {
        state.withLock { $0.onFirstSignal = action }
        install()
    }

    private func install() {
        state.withLock { state in
            guard state.sources.isEmpty else { return }
            // SIGPIPE would end the program without cleanup. A failed write is noticed anyway; see `emit`.
            signal(SIGPIPE, SIG_IGN)
            for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { [weak self] in self?.received(number) }
                source.resume()
                state.sources.append(source)
            }
        }
    }

    private func received(_ number: Int32) {
        if number == SIGINT, state.withLock({ $0.onInterrupt })?() == true { return }
        let gentle = state.withLock { state in
            defer { state.onFirstSignal = nil }
            return state.onFirstSignal
        }
        if let gentle { return gentle() }
        leave(128 + number)
    }

    /// Undoes what must be undone and ends the program. A second signal ends it at once.
    func leave(_ status: Int32) -> Never { leave(status, of: nil) }

    /// As `leave`, for what may be found out at several places at a time: says it once, and all but the first wait.
    func leave(_ status: Int32, saying word: @escaping () -> Void) -> Never { leave(status, of: word) }

    private func leave(_ status: Int32, of word: (() -> Void)?) -> Never {
        let handlers = state.withLock { state -> [(number: Int, undo: @Sendable () -> Void)]? in
            defer { (state.isLeaving, state.handlers) = (true, []) }
            return state.isLeaving ? nil : state.handlers
        }
        if handlers == nil, word != nil { while true { sleep(1) } }
        word?()
        for handler in (handlers ?? []).reversed() { handler.undo() }
        exit(status)
    }
}
