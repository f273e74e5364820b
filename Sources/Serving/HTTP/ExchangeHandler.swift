import NIOCore
import NIOHTTP1

/// What an HTTP/1 connection owes its clients besides answers: they are told at once to send a body that they hold back
/// (`Expect: 100-continue`), and those of HTTP/1.0 get answers without chunks, which end with the connection.
final class ExchangeHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request that has not been answered completely.
    private struct Exchange {
        /// Whether it came in HTTP/1.0.
        var isOld = false
        /// Whether its body is held back, and whether the connection closes after the answer.
        var expects = false, closes = false
    }

    private let bodyLimit: Int
    /// Oldest first. Clients may send a request before they have the answer to the one before.
    private var exchanges: [Exchange] = []

    /// - Parameter bodyLimit: bytes of a body; the client is not told to send one that is known to be larger.
    init(bodyLimit: Int) { self.bodyLimit = bodyLimit }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = Self.unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        var exchange = Exchange(isOld: (head.version.major, head.version.minor) < (1, 1))
        let isExpected = head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
        let isTooLarge = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0 > bodyLimit
        exchange.expects = isExpected && !exchange.isOld && !isTooLarge
        exchange.closes = exchange.isOld || isExpected && isTooLarge
        if exchange.closes { head.headers.replaceOrAdd(name: "connection", value: "close") }
        exchanges.append(exchange)
        context.fireChannelRead(Self.wrapInboundOut(.head(head)))
        if exchanges.count == 1 { encourage(context) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let exchange = exchanges.first else { return context.write(data, promise: promise) }
        switch Self.unwrapOutboundIn(data) {
        case .head(var head) where exchange.closes:
            if exchange.isOld {
                head.version = .http1_0
                head.headers.remove(name: "transfer-encoding")
            }
            head.headers.replaceOrAdd(name: "connection", value: "close")
            context.write(Self.wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            exchanges.removeFirst()
            context.write(data, promise: promise)
            encourage(context)
        default: context.write(data, promise: promise)
        }
    }

    /// Tells the client of the oldest request to send its body, if it waits for that.
    private func encourage(_ context: ChannelHandlerContext) {
        guard exchanges.first?.expects == true else { return }
        exchanges[0].expects = false
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(Self.wrapOutboundOut(.head(head)), promise: nil)
    }
}
