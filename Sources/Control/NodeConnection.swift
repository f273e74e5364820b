import Messaging
import Synchronization
import Wire

/// The control connection to one worker.
public final class NodeConnection: Sendable {
    /// The worker's control address.
    public let url: NodeURL
    private let socket: SharedSocket<RequestSocket>
    private let link = Mutex(Link())

    private struct Link {
        var localAddress: String?
        var isEnding = false
        var onLoss: (@Sendable () -> Void)?
    }

    /// Opens a connection. It is established in the background, and calls wait for it until their deadline.
    public init(_ url: NodeURL) throws(MessagingError) {
        self.url = url
        let events = Relay()
        let socket = try RequestSocket(onPipeChange: { events.forward($0) })
        self.socket = SharedSocket(socket)
        events.set { [weak self] in self?.changed($0) }
        try self.socket.socket.dial(url, nonblocking: true)
    }

    /// This machine's address as the worker sees it, for TCP; nil before the connection is established.
    public var localAddress: String? { link.withLock { $0.localAddress } }

    /// Sets the action to run when the connection is lost; nil removes it.
    public func onLoss(_ action: (@Sendable () -> Void)?) { link.withLock { $0.onLoss = action } }

    private func changed(_ event: PipeEvent) {
        let action = link.withLock { link -> (@Sendable () -> Void)? in
            switch event.kind {
            case .added:
                link.localAddress = event.localAddress
                return nil
            case .removed: return link.onLoss
            }
        }
        action?()
    }

    /// Sends a request and waits for its reply.
    ///
    /// - Throws: ``ControlError``; a refusal carries the worker's own message.
    public func call(_ request: ControlRequest, deadline: Duration) async throws(ControlError) -> ControlReply {
        try await begin(request, deadline: deadline).reply()
    }

    /// Ends the plan at the worker, as the last request of this connection. Its reply comes after all others.
    public func release(epoch: UInt64, deadline: Duration) async {
        link.withLock { $0.isEnding = true }
        guard let call = try? await start(.release(epoch: epoch), deadline: deadline) else { return }
        _ = try? await call.reply()
    }

    /// Whether `release` has begun, after which no request may follow.
    var isEnding: Bool { link.withLock { $0.isEnding } }

    /// Sends an encoded request.
    func send(_ bytes: [UInt8], deadline: Duration) async throws(MessagingError) -> PendingReply {
        try await socket.socket.begin(bytes, deadline: deadline)
    }

    /// The error that tells people about a failure of the connection.
    func failure(_ error: MessagingError, deadline: Duration) -> ControlError {
        switch error.code {
        case .timedOut, .refused, .unreachable, .connectionReset:
            ControlError(
                .unreachable,
                """
                no worker answers at \(url) (waited \(deadline.seconds)). Start one there with: brigade worker \
                --listen \(url)
                """
            )
        default: ControlError(.unreachable, "worker \(url): \(error)")
        }
    }

    /// Decodes the reply that `receive` returns, and turns a worker's refusal into an error.
    func read(
        deadline: Duration, _ receive: () async throws(MessagingError) -> [UInt8]
    ) async throws(ControlError) -> ControlReply {
        let reply: ControlReply
        do {
            reply = try ControlReply(decoding: await receive())
        } catch let error as MessagingError {
            throw failure(error, deadline: deadline)
        } catch {
            throw ControlError(.refused, "what answers at \(url) is not a Brigade worker of this version: \(error)")
        }
        if case .failure(let code, let message) = reply {
            throw ControlError(code == "wrongModel" ? .wrongModel : .refused, "worker \(url) refuses: \(message)")
        }
        return reply
    }

    /// Exchanges greetings with the worker. Another version of the program is accepted if it has the same version of
    /// the protocol.
    ///
    /// - Throws: ``ControlError`` that names both versions of the protocol, when they differ.
    public func hello(
        _ greeting: Greeting = Greeting(), deadline: Duration
    ) async throws(ControlError) -> HelloReply {
        guard case .hello(let reply) = try await call(.hello(greeting), deadline: deadline) else { throw unexpected }
        guard reply.protocolVersion == Int(WireProtocol.version) else {
            throw ControlError(
                .refused,
                """
                worker \(url) is Brigade \(reply.version) with protocol \(reply.protocolVersion), expected protocol \
                \(WireProtocol.version). Install the same version on both machines
                """
            )
        }
        return reply
    }

    /// Asks for the worker's health.
    public func health(deadline: Duration) async throws(ControlError) -> HealthReport {
        guard case .health(let report) = try await call(.health, deadline: deadline) else { throw unexpected }
        return report
    }

    /// Asks for the worker's health, and tells it that the plan's coordinator is alive.
    public func heartbeat(epoch: UInt64, deadline: Duration) async throws(ControlError) -> HealthReport {
        guard case .health(let report) = try await call(.heartbeat(epoch: epoch), deadline: deadline) else {
            throw unexpected
        }
        return report
    }

    /// The error for a reply that does not match its request.
    public var unexpected: ControlError {
        ControlError(
            .refused,
            """
            worker \(url) gave an answer that does not belong to the question. Install the same version on both \
            machines
            """
        )
    }
}

/// Forwards pipe events to an object that is created after the socket.
private final class Relay: Sendable {
    private let target = Mutex<(@Sendable (PipeEvent) -> Void)?>(nil)
    func set(_ action: @escaping @Sendable (PipeEvent) -> Void) { target.withLock { $0 = action } }
    func forward(_ event: PipeEvent) { target.withLock { $0 }?(event) }
}

extension Duration {
    /// The duration as text, such as "4.0 s".
    package var seconds: String { "\(Double(components.seconds) + Double(components.attoseconds) / 1e18) s" }
}
