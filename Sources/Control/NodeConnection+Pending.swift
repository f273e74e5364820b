import Messaging
import Wire

/// A request to a worker that is on its way.
public struct PendingCall: Sendable {
    fileprivate let node: NodeConnection
    fileprivate let pending: PendingReply
    fileprivate let deadline: Duration

    /// The answer. A refusal by the worker is an error with its words.
    public func reply() async throws(ControlError) -> ControlReply {
        try await node.read(deadline: deadline) { () throws(MessagingError) in try await pending.reply() }
    }
}

extension NodeConnection {
    /// Sends a request and returns once it is on its way; requests begun one after the other arrive in that order.
    public func begin(_ request: ControlRequest, deadline: Duration) async throws(ControlError) -> PendingCall {
        guard !isEnding else { throw ControlError(.unreachable, "the connection to worker \(url) is being closed") }
        return try await start(request, deadline: deadline)
    }

    /// As `begin`, for the connection's last request as well.
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
