import CNNG
import Synchronization

/// Connects a socket to one address, and again whenever that connection is lost; a push socket has one connection in
/// its life. Attempts are repeated after a random time, which doubles from one to the next.
final class Dialing: Sendable {
    private struct State {
        var isStopped = false
        var delay: Duration
        var attempt: StreamDialer?
        /// Whoever waits for the first attempt.
        var first: Waiter<Void>?
    }

    private let url: NodeURL
    /// The socket, which lets go of this when it closes.
    private let handle: SocketHandle
    private let state: Mutex<State>

    init(_ handle: SocketHandle, _ url: NodeURL) {
        self.handle = handle
        self.url = url
        state = Mutex(State(delay: max(.milliseconds(1), handle.options.reconnectMinimum)))
    }

    /// Begins. With `first` there is one attempt, and no other when that fails.
    func start(_ first: Waiter<Void>?) {
        let isStopped = state.withLock { state in
            if !state.isStopped { state.first = first }
            return state.isStopped
        }
        if isStopped { first?.fail(.closed) } else { attempt() }
    }

    func stop() {
        let (attempt, first) = state.withLock { state in
            defer { (state.isStopped, state.attempt, state.first) = (true, nil, nil) }
            return (state.attempt, state.first)
        }
        attempt?.close()
        first?.fail(.closed)
    }

    /// Notes that a connection made here has ended.
    func lost(wasActive: Bool) {
        if !(wasActive && handle.kind == .push) { retry() }
    }

    private func attempt() {
        if state.withLock({ $0.isStopped }) { return }
        if case .inproc(let name) = url.transport { return connect(inside: name) }
        let dialer: StreamDialer
        do throws(MessagingError) { dialer = try StreamDialer(url, handle.options.tls) } catch { return failed(error) }
        state.withLock { $0.attempt = dialer }
        let end = ContinuousClock.now + handle.options.handshakeDeadline
        let limit = Deadlines.shared.schedule(at: end) { dialer.close() }
        dialer.start { [self] stream, result in
            Deadlines.shared.cancel(limit)
            if let stream { greet(stream) } else { failed(problem(result, end)) }
        }
    }

    private func greet(_ stream: ByteStream) {
        let link: StreamLink
        do throws(MessagingError) { link = try StreamLink(stream, handle, origin: ObjectIdentifier(self)) } catch {
            return failed(error)
        }
        let end = ContinuousClock.now + handle.options.handshakeDeadline
        let limit = Deadlines.shared.schedule(at: end) { link.shut() }
        link.greet(handle.kind) { [self] result, hello in
            Deadlines.shared.cancel(limit)
            if let problem = result == 0 ? refusal(hello) : problem(result, end) {
                link.shut()
                return failed(problem)
            }
            let answer = handle.admit(link, hello?.kind)
            guard answer == .welcome else {
                link.shut()
                return failed(error(.wrongState, answer.reason))
            }
            succeeded(link)
        }
    }

    /// What NNG's error means: "closed" is what it says of a connection that either end has closed.
    private func problem(_ result: Int32, _ end: ContinuousClock.Instant) -> MessagingError {
        if end <= .now { return error(.timedOut, "there was no answer within \(handle.options.handshakeDeadline)") }
        if UInt32(bitPattern: result) == NNG_ECLOSED.rawValue { return error(.connectionReset, "it hung up") }
        return MessagingError(nng: result, operation: "connect to", url: url.description)
    }

    /// Why the other end's answer is none to go on with; nil when it is.
    private func refusal(_ hello: Hello?) -> MessagingError? {
        guard let hello else { return error(.refused, "who listens there does not speak this protocol") }
        if hello.version != Hello.version { return error(.refused, Hello.Answer.wrongVersion.reason) }
        return hello.answer == .welcome ? nil : error(.refused, hello.answer.reason)
    }

    private func connect(inside name: String) {
        guard let listening = InprocNames.find(name) else {
            return failed(error(.refused, "nobody listens under that name in this process"))
        }
        let server = listening.handle
        let (there, here) = QueueLink.pair(
            (server, ObjectIdentifier(listening)), (handle, ObjectIdentifier(self)))
        let answer = server.admit(there, handle.kind)
        guard answer == .welcome else { return failed(error(.refused, answer.reason)) }
        let own = handle.admit(here, server.kind)
        guard own == .welcome else {
            server.ended(there)
            return failed(error(.wrongState, own.reason))
        }
        server.begin(there)
        succeeded(here)
    }

    private func succeeded(_ link: Link) {
        let first = state.withLock { state in
            defer { (state.attempt, state.first) = (nil, nil) }
            state.delay = max(.milliseconds(1), handle.options.reconnectMinimum)
            return state.first
        }
        handle.begin(link)
        first?.settle(.success(()))
    }

    private func failed(_ error: MessagingError) {
        let first = state.withLock { state in
            defer { (state.attempt, state.first) = (nil, nil) }
            return state.first
        }
        if let first { return _ = first.settle(.failure(error)) }
        handle.state.withLock { if $0.links.isEmpty { $0.lastFailure = error } }
        retry()
    }

    private func retry() {
        let pause = state.withLock { state in
            let delay = state.delay
            state.delay = min(delay * 2, max(delay, handle.options.reconnectMaximum))
            return delay * Double.random(in: 0...1)
        }
        Deadlines.shared.schedule(at: .now + pause) { [weak self] in self?.attempt() }
    }

    private func error(_ code: MessagingError.Code, _ detail: String) -> MessagingError {
        MessagingError(code: code, operation: "connect to", url: url.description, detail: detail)
    }
}
