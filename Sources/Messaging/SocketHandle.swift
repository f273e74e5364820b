import CNNG
import Synchronization

/// What an open socket of any kind holds: NNG's numbers for it, and for a push socket the means to replace it.
///
/// NNG's numbers are not given out again soon: a call on a closed socket reports `closed`.
public final class SocketHandle: Sendable {
    /// NNG's function that opens a socket of one protocol.
    typealias Opener = @Sendable (UnsafeMutablePointer<nng_socket>?) -> Int32

    /// An NNG socket and the number of its entry with ``PipeWatchers``.
    struct Opened {
        var socket: nng_socket
        var watcher: UInt
    }

    struct State {
        var current: Opened
        /// The socket that takes over when `current` loses its connection. Only push sockets have one.
        var spare: Opened?
        /// Where a push socket is to be connected.
        var target: NodeURL?
        /// Why a lost connection could not be replaced.
        var failure: MessagingError?
        var closed = false
    }

    let state: Mutex<State>
    let options: SocketOptions
    private let open: Opener
    private let onPipeChange: (@Sendable (PipeEvent) -> Void)?
    /// Whether every connection gets an NNG socket of its own; see `SocketHandle+Replacement.swift`.
    private let isReplaceable: Bool

    init(
        _ open: @escaping Opener, replaceable: Bool = false, _ options: SocketOptions,
        _ onPipeChange: (@Sendable (PipeEvent) -> Void)?
    ) throws(MessagingError) {
        self.open = open
        self.options = options
        self.onPipeChange = onPipeChange
        isReplaceable = replaceable
        let current = try Self.openSocket(open, options)
        state = Mutex(State(current: Opened(socket: current, watcher: 0)))
        do {
            let watcher = try watch(current)
            state.withLock { $0.current.watcher = watcher }
            if replaceable {
                let spare = try openWatched()
                state.withLock { $0.spare = spare }
            }
        } catch {
            close()
            throw error
        }
    }

    /// The NNG socket in use.
    var socket: nng_socket { state.withLock { $0.current.socket } }

    /// Opens another socket like the first.
    func openWatched() throws(MessagingError) -> Opened {
        let socket = try Self.openSocket(open, options)
        do {
            return Opened(socket: socket, watcher: try watch(socket))
        } catch {
            nng_close(socket)
            throw error
        }
    }

    private static func openSocket(_ open: Opener, _ options: SocketOptions) throws(MessagingError) -> nng_socket {
        var socket = nng_socket()
        let result = open(&socket)
        guard result == 0 else { throw MessagingError(nng: result, operation: "open socket") }
        do {
            try options.apply(to: socket)
        } catch {
            nng_close(socket)
            throw error
        }
        return socket
    }

    private func watch(_ socket: nng_socket) throws(MessagingError) -> UInt {
        guard isReplaceable else { return try PipeWatchers.add(onPipeChange, to: socket) }
        return try PipeWatchers.add(onPipeChange, onePipe: true, onLoss: { self.replace(socket) }, to: socket)
    }

    /// Closing twice is harmless. NNG removes the socket file of an `ipc` listener.
    func close() {
        let (current, spare) = state.withLock { state in
            state.closed = true
            let spare = state.spare
            state.spare = nil
            return (state.current, spare)
        }
        Self.close(current)
        if let spare { Self.close(spare) }
    }

    static func close(_ opened: Opened) {
        nng_close(opened.socket)
        PipeWatchers.remove(opened.watcher)
    }
}
