import Messaging
import Wire

/// A request to a worker that was sent and awaits its reply.
public struct PendingCall: Sendable {
    fileprivate let node: NodeConnection
    fileprivate let pending: PendingReply
    fileprivate let deadline: Duration

    /// Waits for the reply.
    ///
    /// - Throws: ``ControlError``; a refusal carries the worker's own message.
    public func reply() async throws(ControlError) -> ControlReply {
        try await node.read(deadline: deadline) { () throws(MessagingError) in try await pending.reply() }
    }
}

extension NodeConnection {
    /// Sends a request and returns before its reply. Requests begun one after the other arrive in that order.
    public func begin(_ request: ControlRequest, deadline: Duration) async throws(ControlError) -> PendingCall {
        guard !isEnding else { throw ControlError(.unreachable, "the connection to worker \(url) is being closed") }
        return try await start(request, deadline: deadline)
    }

    /// Like `begin`, but also allowed for the connection's last request.
    func start(_ request: ControlRequest, deadline: Duration) async throws(ControlError) -> PendingCall {
        do {
            return PendingCall(
                node: self, pending: try await send(request.encode(), deadline: deadline), deadline: deadline)
        } catch let error as MessagingError {
            throw failure(error, deadline: deadline)
        } catch {
            throw ControlError(.refused, "a request to worker \(url) could not be written: \(error)")
        }
    }
}
