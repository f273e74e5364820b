import CNNG
import Dispatch
import Synchronization

/// What an open socket of any kind holds: NNG's number for it and what is known of its connections.
///
/// NNG's numbers are not given out again soon: a call on a closed socket reports `closed`.
public final class SocketHandle: Sendable {
    /// NNG's function that opens a socket of one protocol.
    typealias Opener = @Sendable (UnsafeMutablePointer<nng_socket>?) -> Int32

    struct State {
        /// The listener in use and its address; no listener while that could not be had again.
        var listening: (nng_listener?, NodeURL)?
        /// The number of the socket's entry with ``PipeWatchers``.
        var watcher: UInt = 0
        /// Of a socket with one connection: whether it was told where to connect, and whether the connection is over.
        var hasDialed = false, isLost = false
        var closed = false
    }

    let socket: nng_socket
    let state = Mutex(State())
    /// Whether the socket has one connection in its life; see `SocketHandle+OneConnection.swift`.
    let hasOneConnection: Bool

    init(
        _ open: Opener, oneConnection: Bool = false, _ options: SocketOptions,
        _ onPipeChange: (@Sendable (PipeEvent) -> Void)?
    ) throws(MessagingError) {
        var socket = nng_socket()
        let result = open(&socket)
        guard result == 0 else { throw MessagingError(nng: result, operation: "open socket") }
        self.socket = socket
        hasOneConnection = oneConnection
        do {
            try options.apply(to: socket)
            // Weak: the watchers outlive nobody.
            let onLoss: @Sendable () -> Void = { [weak self] in self?.lose() }
            let watcher = try PipeWatchers.add(
                onPipeChange, onePipe: oneConnection, onLoss: oneConnection ? onLoss : nil, to: socket)
            state.withLock { $0.watcher = watcher }
        } catch {
            nng_close(socket)
            throw error
        }
    }

    /// Closing twice is harmless. NNG removes the socket file of an `ipc` listener.
    ///
    /// NNG before 1.6 can lose a send to an `ipc` peer that goes in the very moment, and then never ends closing the
    /// connection, nor any other afterwards: so it closes on a thread of its own, which nobody waits for longer than a
    /// second, and hardly at all while an earlier one has not come to its end.
    func close() {
        let watcher = state.withLock { state in
            state.closed = true
            return state.watcher
        }
        let done = DispatchSemaphore(value: 0), socket = socket
        let started = onDetachedThread {
            nng_close(socket)
            PipeWatchers.remove(watcher)
            Self.late.withLock { _ = $0.remove(socket.id) }
            done.signal()
        }
        guard started == 0 else { return }
        let patience: DispatchTimeInterval = Self.late.withLock { $0.isEmpty } ? .seconds(1) : .milliseconds(20)
        guard done.wait(timeout: .now() + patience) == .timedOut else { return }
        Self.late.withLock { _ = $0.insert(socket.id) }
        if done.wait(timeout: .now()) == .success { Self.late.withLock { _ = $0.remove(socket.id) } }
    }

    /// Sockets whose closing was waited for in vain.
    private static let late = Mutex<Set<UInt32>>([])
}
