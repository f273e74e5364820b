import Synchronization

/// What lies between two ends in one process: in each direction one message that is on its way.
final class Passage: Sendable {
    /// What became of a message that was put.
    enum Outcome {
        /// The other end waits for it: it is the caller's to bring it there.
        case wanted
        case stored
        case closed
    }

    private struct State {
        var isClosed = false
        var cells: [MessageAssembler.Received?] = [nil, nil]
        /// Whether the end with that number wants a message.
        var isWanting = [false, false]
    }

    private let state = Mutex(State())

    /// Puts a message on its way to end `side`.
    func put(_ message: MessageAssembler.Received, for side: Int) -> Outcome {
        state.withLock { state in
            if state.isClosed { return .closed }
            if state.isWanting[side] {
                state.isWanting[side] = false
                return .wanted
            }
            state.cells[side] = message
            return .stored
        }
    }

    /// Takes the message that is on its way to end `side`; without one it will be wanted.
    func take(for side: Int) -> MessageAssembler.Received? {
        state.withLock { state in
            let message = state.cells[side]
            state.cells[side] = nil
            state.isWanting[side] = message == nil
            return message
        }
    }

    /// Ends it. True the first time.
    func close() -> Bool {
        state.withLock { state in
            defer { state = State(isClosed: true) }
            return !state.isClosed
        }
    }
}

/// One end of a connection inside of the process. Messages change hands, nothing is copied.
final class QueueLink: Link, @unchecked Sendable {
    private let passage: Passage
    private let side: Int
    private let peer = Mutex<WeakLink>(WeakLink())

    private struct WeakLink {
        weak var link: QueueLink?
    }

    private init(_ handle: SocketHandle, origin: ObjectIdentifier, _ passage: Passage, side: Int) {
        self.passage = passage
        self.side = side
        super.init(handle, origin: origin)
    }

    /// The two ends of a new connection.
    static func pair(
        _ one: (SocketHandle, ObjectIdentifier), _ other: (SocketHandle, ObjectIdentifier)
    ) -> (QueueLink, QueueLink) {
        let passage = Passage()
        let first = QueueLink(one.0, origin: one.1, passage, side: 0)
        let second = QueueLink(other.0, origin: other.1, passage, side: 1)
        first.peer.withLock { $0.link = second }
        second.peer.withLock { $0.link = first }
        return (first, second)
    }

    private var other: QueueLink? { peer.withLock { $0.link } }

    override func startReading() {
        while let message = passage.take(for: side) {
            let readsOn = handle.deliver([message], from: self)
            if let other {
                other.handle.wrote(on: other)
                other.write()
            }
            if !readsOn { return }
        }
    }

    override func write() {
        while let message = handle.nextToWrite(on: self) {
            let received = MessageAssembler.Received(number: message.number, buffer: message.buffer)
            switch passage.put(received, for: 1 - side) {
            case .stored: return  // whoever takes it goes on
            case .closed:
                handle.ended(self)
                return
            case .wanted:
                if let other, other.handle.deliver([received], from: other) { other.startReading() }
                handle.wrote(on: self)
            }
        }
    }

    override func shut() {
        guard passage.close() else { return }
        if let other { other.handle.ended(other) }
    }
}
