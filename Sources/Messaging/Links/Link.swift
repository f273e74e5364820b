/// One connection of a socket, whatever carries it. It hands whole messages to its socket and takes whole messages from
/// it, in order; what a message means is the socket's business.
///
/// Sendable, unchecked: what is mutable is guarded by the socket's lock, or used by one thread at a time as the flags
/// under that lock see to.
class Link: @unchecked Sendable {
    /// Who reads from the connection.
    enum Reading {
        /// Nobody: there is no room for more messages, or a thread is about to come and do it itself.
        case idle
        /// A callback.
        case posted
        /// A thread that waits in a receive.
        case thread
    }

    enum Phase {
        /// Admitted, not yet told so.
        case joining
        case active
        case ended
    }

    /// The connection's number, never used twice in a process.
    let number: UInt32
    /// The socket, which lets go of the connection when either of them has ended.
    let handle: SocketHandle
    /// The listener or dialer that made it.
    let origin: ObjectIdentifier

    // Guarded by the socket's lock.
    var phase = Phase.joining
    var reading = Reading.idle
    /// Messages that the connection has taken and not yet written.
    var outgoing: [Outgoing] = []
    var isWriting = false
    /// Whether a callback will soon see to it that somebody reads.
    var isWatched = false
    /// How the connection was reported when it was added.
    var added = PipeEvent(kind: .added, pipe: 0)

    init(_ handle: SocketHandle, origin: ObjectIdentifier) {
        self.handle = handle
        self.origin = origin
        number = handle.nextLinkNumber()
    }

    /// Whether a thread can wait for its messages itself.
    var canBeReadByThreads: Bool { false }

    /// What is known of the other end.
    func describe() -> PipeEvent { PipeEvent(kind: .added, pipe: number) }

    /// Called once when the connection has become active.
    func begun() {}

    /// Whether the socket is done with it.
    final var hasEnded: Bool { handle.state.withLock { _ in phase == .ended } }

    /// Begins to read, when `reading` was set to `posted`.
    func startReading() {}

    /// Reads on the calling thread until a message is whole, when `reading` was set to `thread`.
    func read(until end: ContinuousClock.Instant) -> ReadOutcome { .ended }

    /// Writes what is in `outgoing`, when `isWriting` was set. Never blocks.
    func write() {}

    /// Ends the connection. Never blocks.
    func shut() {}
}

/// What became of a thread's reading.
enum ReadOutcome {
    case messages([MessageAssembler.Received])
    case timedOut
    /// The connection is over.
    case ended
}

/// A message to be sent, with the number for its header.
struct Outgoing {
    var number: UInt32
    var buffer: MessageBuffer
}
