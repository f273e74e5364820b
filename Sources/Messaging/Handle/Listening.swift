import CNNG
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// Listens at one address for a socket. Whoever connects has to say what it is within a time, only so many may be about
/// to at once, and a listener that ends without having been told to is replaced.
final class Listening: Sendable {
    private struct State {
        var isStopped = false
        var listener: StreamListener?
        /// Connections that have not said what they are, oldest first.
        var strangers: [StreamLink] = []
        /// Where it listens, with the port that the system chose.
        var url: NodeURL
    }

    /// The socket, which lets go of this when it closes.
    let handle: SocketHandle
    private let state: Mutex<State>
    /// How many connections may be about to say what they are. One more, and the oldest has had its time.
    private static let strangerLimit = 64
    /// The pause after the system has refused something.
    private static let pause = Duration.milliseconds(100)

    init(_ handle: SocketHandle, _ url: NodeURL) {
        self.handle = handle
        state = Mutex(State(url: url))
    }

    /// Listens; returns the address bound.
    func start() throws(MessagingError) -> NodeURL {
        let url = state.withLock { $0.url }
        if case .inproc(let name) = url.transport {
            try InprocNames.add(self, name, url)
            return url
        }
        let listener = try StreamListener(url, handle.options.tls)
        let isStopped = state.withLock { state in
            if !state.isStopped { (state.listener, state.url) = (listener, listener.url) }
            return state.isStopped
        }
        isStopped ? listener.close() : accept(from: listener)
        return listener.url
    }

    /// Stops listening; connections that are active stay.
    func stop() { pause(forGood: true) }

    /// Ends its connections and listens anew at the same address.
    func again() throws(MessagingError) {
        pause(forGood: false)
        let links = handle.state.withLock { state in
            state.links.values.filter { $0.origin == ObjectIdentifier(self) }
        }
        for link in links {
            link.shut()
            handle.ended(link, isFenced: true)
        }
        // A system may take a moment to give a port back.
        for _ in 0..<50 {
            do { return _ = try start() } catch { guard error.code == .addressInUse else { throw error } }
            usleep(20_000)
        }
        _ = try start()
    }

    private func pause(forGood: Bool) {
        let (listener, strangers, url) = state.withLock { state in
            defer {
                if forGood { state.isStopped = true }
                (state.listener, state.strangers) = (nil, [])
            }
            return (state.listener, state.strangers, state.url)
        }
        if case .inproc(let name) = url.transport { InprocNames.remove(self, name) }
        listener?.close()
        for stranger in strangers { stranger.shut() }
    }

    private func accept(from listener: StreamListener) {
        listener.accept { [self] stream, result in
            guard state.withLock({ $0.listener === listener }) else { return }
            if let stream {
                welcome(stream)
                return accept(from: listener)
            }
            let isPassing = [NNG_ENOFILES.rawValue, NNG_ENOMEM.rawValue].contains(UInt32(bitPattern: result))
            Deadlines.shared.schedule(at: .now + Self.pause) { [weak self] in
                isPassing ? self?.accept(from: listener) : self?.rebuild(listener)
            }
        }
    }

    /// Replaces a listener that has ended.
    private func rebuild(_ listener: StreamListener) {
        let isCurrent = state.withLock { state in
            guard state.listener === listener else { return false }
            state.listener = nil
            return true
        }
        guard isCurrent else { return }
        listener.close()
        // Looking up the host may take its time.
        _ = onDetachedThread { [weak self] in self?.tryAgain() }
    }

    private func tryAgain() {
        guard state.withLock({ !$0.isStopped && $0.listener == nil }) else { return }
        do { _ = try start() } catch {
            Deadlines.shared.schedule(at: .now + Self.pause * 10) { [weak self] in
                guard let self else { return }
                _ = onDetachedThread { self.tryAgain() }
            }
        }
    }

    private func welcome(_ stream: ByteStream) {
        guard let link = try? StreamLink(stream, handle, origin: ObjectIdentifier(self)) else {
            return stream.close()
        }
        let oldest = state.withLock { state -> StreamLink? in
            state.strangers.append(link)
            return state.strangers.count > Self.strangerLimit ? state.strangers.removeFirst() : nil
        }
        oldest?.shut()
        let limit = Deadlines.shared.schedule(at: .now + handle.options.handshakeDeadline) { link.shut() }
        link.awaitGreeting { [self] _, hello in
            guard let hello else {
                forget(link, limit)
                return
            }
            let answer = judge(link, hello)
            link.answer(Hello(kind: handle.kind, answer: answer)) { [self] result in
                let isStranger = forget(link, limit, shuts: result != 0 || answer != .welcome)
                guard answer == .welcome else { return }
                // Between a decision and its being told the listener may have been closed.
                result == 0 && isStranger ? handle.begin(link) : handle.ended(link)
            }
        }
    }

    private func judge(_ link: StreamLink, _ hello: Hello) -> Hello.Answer {
        if hello.version != Hello.version { return .wrongVersion }
        // Root may do anything anyway.
        if let user = link.stream.peerUser, user != UInt64(geteuid()), user != 0 { return .wrongUser }
        if link.stream.isEncrypted && !link.stream.isVerified { return .notVerified }
        return handle.admit(link, hello.kind)
    }

    /// Ends the waiting for a connection's hello. False: it had been given up.
    @discardableResult
    private func forget(_ link: StreamLink, _ limit: UInt64, shuts: Bool = true) -> Bool {
        Deadlines.shared.cancel(limit)
        let wasThere = state.withLock { state in
            let index = state.strangers.firstIndex { $0 === link }
            if let index { state.strangers.remove(at: index) }
            return index != nil
        }
        if shuts || !wasThere { link.shut() }
        return wasThere
    }
}
