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

    /// Opens a connection; it is made in the background, and calls wait for it until their deadline.
    public init(_ url: NodeURL) throws(MessagingError) {
        self.url = url
        let events = Relay()
        let socket = try RequestSocket(onPipeChange: { events.forward($0) })
        self.socket = SharedSocket(socket)
        events.set { [weak self] in self?.changed($0) }
        try self.socket.socket.dial(url, nonblocking: true)
    }

    /// The address of this machine as the worker sees it, for TCP.
    public var localAddress: String? { link.withLock { $0.localAddress } }

    /// Calls `action` when the connection is lost from now on.
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

    /// One request and its reply. A refusal by the worker is an error with its words.
    public func call(_ request: ControlRequest, deadline: Duration) async throws(ControlError) -> ControlReply {
        try await begin(request, deadline: deadline).reply()
    }

    /// Ends the plan at the worker; the last request of this connection. A connection must not be closed while a reply
    /// is on its way: NNG may lose the reply's end and never finish closing, in the worker. This reply comes after all
    /// others.
    public func release(epoch: UInt64, deadline: Duration) async {
        link.withLock { $0.isEnding = true }
        guard let call = try? await start(.release(epoch: epoch), deadline: deadline) else { return }
        _ = try? await call.reply()
    }

    /// Whether `release` was begun: nothing may follow it.
    var isEnding: Bool { link.withLock { $0.isEnding } }

    /// Hands bytes to the connection.
    func send(_ bytes: [UInt8], deadline: Duration) async throws(MessagingError) -> PendingReply {
        try await socket.socket.begin(bytes, deadline: deadline)
    }

    /// What a failure of the connection means to people.
    func failure(_ error: MessagingError, deadline: Duration) -> ControlError {
        switch error.code {
        case .timedOut, .refused, .unreachable, .connectionReset:
            ControlError(
                .unreachable,
                """
                no worker answers at \(url) (waited \(deadline.seconds)). Start one there with: brigade worker \
                --listen \
                \(url)
                """
            )
        default: ControlError(.unreachable, "worker \(url): \(error)")
        }
    }

    /// The reply that `receive` brings.
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

    /// The worker's greeting. One that speaks another version of the protocol is an error that names both; another
    /// version of the program with the same protocol will do.
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

    /// The worker's health.
    public func health(deadline: Duration) async throws(ControlError) -> HealthReport {
        guard case .health(let report) = try await call(.health, deadline: deadline) else { throw unexpected }
        return report
    }

    /// The worker's health, and a sign that the plan's coordinator lives.
    public func heartbeat(epoch: UInt64, deadline: Duration) async throws(ControlError) -> HealthReport {
        guard case .health(let report) = try await call(.heartbeat(epoch: epoch), deadline: deadline) else {
            throw unexpected
        }
        return report
    }

    /// The error for an answer of another kind than the question asks for.
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

/// Passes pipe events on to an object that does not exist yet when the socket is made.
private final class Relay: Sendable {
    private let target = Mutex<(@Sendable (PipeEvent) -> Void)?>(nil)
    func set(_ action: @escaping @Sendable (PipeEvent) -> Void) { target.withLock { $0 = action } }
    func forward(_ event: PipeEvent) { target.withLock { $0 }?(event) }
}

extension Duration {
    /// For people: "4 s".
    package var seconds: String { "\(Double(components.seconds) + Double(components.attoseconds) / 1e18) s" }
}
