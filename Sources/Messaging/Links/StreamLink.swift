import CNNG
import Synchronization

/// A connection over a byte stream.
final class StreamLink: Link, @unchecked Sendable {
    let stream: ByteStream
    private let receiving: CallbackOperation
    private let sending: CallbackOperation
    /// For threads, where there is no TLS.
    private let threadReceiving: ThreadOperation
    private let threadSending: ThreadOperation
    private var assembler: MessageAssembler
    /// How long the end of a connection with TLS may go unnoticed.
    private static let watchInterval = Duration.milliseconds(250)
    /// Hello and answer.
    private let greeting = UnsafeMutableRawBufferPointer.allocate(byteCount: Hello.byteCount, alignment: 8)

    init(
        _ stream: ByteStream, _ handle: SocketHandle, origin: ObjectIdentifier
    ) throws(MessagingError) {
        self.stream = stream
        receiving = try CallbackOperation()
        sending = try CallbackOperation()
        threadReceiving = try ThreadOperation()
        threadSending = try ThreadOperation()
        assembler = MessageAssembler(limit: max(1, handle.options.maxMessageBytes))
        super.init(handle, origin: origin)
    }

    deinit {
        threadReceiving.free()
        threadSending.free()
        greeting.deallocate()
    }

    override var canBeReadByThreads: Bool { !stream.isEncrypted }

    override func describe() -> PipeEvent {
        PipeEvent(
            kind: .added, pipe: number, localAddress: stream.localAddress, remoteAddress: stream.remoteAddress,
            peerUser: stream.peerUser, peerProcess: stream.peerProcess, isVerified: stream.isVerified)
    }

    override func shut() { stream.close() }

    /// With TLS, NNG 1.5.2 tells of the connection's end only who has a read posted in that moment, and whoever posts
    /// one later waits for ever: so it is looked after from time to time.
    override func begun() {
        guard stream.isEncrypted else { return }
        Deadlines.shared.schedule(at: .now + Self.watchInterval) { [weak self] in
            guard let self, !hasEnded else { return }
            stream.isBroken ? end() : begun()
        }
    }

    /// Ends the connection and tells the socket.
    private func end() {
        stream.close()
        handle.ended(self)
    }

    // MARK: Reading

    override func startReading() {
        let (first, second) = assembler.targets()
        let started = receiving.start {
            stream.receive($0, into: first, second)
        } then: { [self] result, count in
            var messages: [MessageAssembler.Received] = []
            // No bytes without an error are an end as well: TLS says so.
            guard result == 0, count > 0, take(count, &messages) else { return end() }
            if handle.deliver(messages, from: self) { startReading() }
        }
        if !started { end() }
    }

    override func read(until end: ContinuousClock.Instant) -> ReadOutcome {
        var messages: [MessageAssembler.Received] = []
        while true {
            let (first, second) = assembler.targets()
            let (result, count) = threadReceiving.wait((end - .now).nngMilliseconds) {
                stream.receive($0, into: first, second)
            }
            if result == 0 && count > 0 {
                guard take(count, &messages) else { break }
                if !messages.isEmpty { return .messages(messages) }
            } else if !ThreadOperation.takenBack.contains(result) {
                break
            } else if end <= .now {
                return .timedOut
            }
        }
        self.end()
        return .ended
    }

    private func take(_ count: Int, _ messages: inout [MessageAssembler.Received]) -> Bool {
        do throws(FramingError) { try assembler.took(count, into: &messages) } catch { return false }
        return true
    }

    // MARK: Writing

    override func write() {
        while let message = handle.nextToWrite(on: self) {
            let whole = message.buffer.whole
            MessageHeader(number: message.number, length: UInt64(message.buffer.count)).write(to: whole)
            var sent = 0
            // Most messages fit into the system's buffer, and are gone without another thread having been woken.
            while !stream.isEncrypted && sent < whole.count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: whole[sent...])
                let (result, count) = threadSending.attempt { stream.send($0, rest) }
                if ThreadOperation.takenBack.contains(result) { break }
                guard result == 0 else { return end() }
                sent += count
            }
            guard sent == whole.count else { return write(message, from: sent) }
            handle.wrote(on: self)
        }
    }

    private func write(_ message: Outgoing, from sent: Int) {
        let rest = UnsafeMutableRawBufferPointer(rebasing: message.buffer.whole[sent...])
        let started = sending.start {
            stream.send($0, rest)
        } then: { [self] result, count in
            guard result == 0 else { return end() }
            if sent + count < message.buffer.whole.count { return write(message, from: sent + count) }
            handle.wrote(on: self)
            write()
        }
        if !started { end() }
    }
}

// MARK: Greeting

extension StreamLink {
    /// Says hello and waits for the answer; calls `then` with NNG's result and what came, nil when it was no hello.
    func greet(_ kind: SocketKind, _ then: @escaping @Sendable (Int32, Hello?) -> Void) {
        Hello(kind: kind).write(to: greeting)
        transfer(sends: true, 0) { [self] result in
            if result != 0 { return then(result, nil) }
            awaitGreeting(then)
        }
    }

    /// Waits for the other end's hello; calls `then` with NNG's result and what came, nil when it was no hello.
    func awaitGreeting(_ then: @escaping @Sendable (Int32, Hello?) -> Void) {
        transfer(sends: false, 0) { [self] result in
            then(result, result == 0 ? Hello(UnsafeRawBufferPointer(greeting)) : nil)
        }
    }

    /// Answers a hello; calls `then` with NNG's result.
    func answer(_ hello: Hello, _ then: @escaping @Sendable (Int32) -> Void) {
        hello.write(to: greeting)
        transfer(sends: true, 0, then)
    }

    private func transfer(sends: Bool, _ done: Int, _ then: @escaping @Sendable (Int32) -> Void) {
        let rest = UnsafeMutableRawBufferPointer(rebasing: greeting[done...])
        let operation = sends ? sending : receiving
        let started = operation.start {
            sends ? stream.send($0, rest) : stream.receive($0, into: rest)
        } then: { [self] result, count in
            guard result == 0, count > 0 else { return then(result == 0 ? Int32(NNG_ECONNSHUT.rawValue) : result) }
            done + count == Hello.byteCount ? then(0) : transfer(sends: sends, done + count, then)
        }
        if !started { then(Int32(NNG_ECLOSED.rawValue)) }
    }
}
