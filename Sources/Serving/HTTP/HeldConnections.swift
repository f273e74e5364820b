import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypesHTTP1
import Synchronization

/// Holds HTTP/1 connections that are set up and not yet served.
///
/// SwiftNIO traps when both ends of an open connection are dropped unused. That happens to a connection that is
/// accepted just as its server stops: it is set up but never handled. Such connections are held here, and closed in the
/// end.
final class HeldConnections: Sendable {
    typealias Ends = HTTP1Channel.Value

    private struct State {
        var held: [ObjectIdentifier: Ends] = [:], hasEnded = false
    }

    private let state = Mutex(State())

    fileprivate func hold(_ ends: Ends) {
        let isLate = state.withLock { state in
            if !state.hasEnded { state.held[ObjectIdentifier(ends.channel)] = ends }
            return state.hasEnded
        }
        if isLate { Self.close(ends) }
    }

    fileprivate func release(_ ends: Ends) {
        state.withLock { _ = $0.held.removeValue(forKey: ObjectIdentifier(ends.channel)) }
    }

    /// A server that is run directly, as in tests, never calls `end`; its connections must not be dropped open either.
    deinit { end() }

    /// Closes the unserved connections, and all later ones; to be called when the server has ended.
    func end() {
        let left = state.withLock { state in
            state.hasEnded = true
            defer { state.held = [:] }
            return state.held
        }
        left.values.forEach(Self.close)
    }

    private static func close(_ ends: Ends) {
        ends.channel.closeFuture.whenComplete { _ in withExtendedLifetime(ends) {} }
        ends.channel.close(promise: nil)
    }

    /// The builder of a server that uses this. `bodyLimit`: bytes of a request's body.
    func server(configuration: HTTP1Channel.Configuration, bodyLimit: Int) -> HTTPServerBuilder {
        HTTPServerBuilder {
            HeldConnection(
                connection: HTTP1Channel(responder: $0, configuration: configuration), connections: self,
                bodyLimit: bodyLimit)
        }
    }
}

private struct HeldConnection: HTTPChannelHandler {
    let connection: HTTP1Channel, connections: HeldConnections, bodyLimit: Int

    var responder: Responder { connection.responder }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HeldConnections.Ends> {
        connection.setup(channel: channel, logger: logger).flatMapThrowing { ends in
            connections.hold(ends)
            // Behind this codec nothing knows the version of HTTP any more.
            let pipeline = ends.channel.pipeline.syncOperations
            let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            try pipeline.addHandler(ExchangeHandler(bodyLimit: bodyLimit), position: .before(codec))
            return ends
        }
    }

    func handle(value ends: HeldConnections.Ends, logger: Logger) async {
        connections.release(ends)
        await connection.handle(value: ends, logger: logger)
    }
}
