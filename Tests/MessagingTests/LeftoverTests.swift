import Testing

@testable import Messaging

/// What becomes of messages whose connection has ended before anybody received them.
@Suite(.timeLimit(.minutes(1)))
struct LeftoverTests {
    private func wait(_ handle: SocketHandle, until isSo: (Int) -> Bool) async {
        while !isSo(handle.state.withLock { $0.incoming.count }) { await Task.yield() }
    }

    private func push(_ message: [UInt8], to url: NodeURL, _ transport: TransportCase) async throws
        -> SharedSocket<PushSocket>
    {
        let push = SharedSocket(try PushSocket(options: transport.options))
        try push.socket.dial(url)
        try await push.socket.send(message, deadline: patience)
        return push
    }

    @Test(arguments: TransportCase.allCases)
    func whatALostPusherSentIsReceived(_ transport: TransportCase) async throws {
        let (events, handler) = pipeEvents()
        let pull = try PullSocket(options: transport.options, onPipeChange: handler)
        let url = try pull.listen(transport.freshURL())
        let first = try await push([1], to: url, transport)
        await wait(pull.handle) { $0 == 1 }
        first.socket.close()
        for await event in events where event.kind == .removed { break }
        #expect(try await pull.receive(deadline: patience) == [1])
    }

    @Test(arguments: TransportCase.allCases)
    func whatAPusherSentBeforeItWasShutOutIsDropped(_ transport: TransportCase) async throws {
        let pull = try PullSocket(options: transport.options), url = try pull.listen(transport.freshURL())
        let first = try await push([1], to: url, transport)
        await wait(pull.handle) { $0 == 1 }
        try pull.listenAgain()
        first.socket.close()
        let second = try await push([2], to: url, transport)
        #expect(try await pull.receive(deadline: patience) == [2])
        second.socket.close()
    }

    /// The caller was told that its request is lost: it must not be carried out later.
    @Test(arguments: TransportCase.allCases)
    func aRequestWhoseCallerIsGoneIsDropped(_ transport: TransportCase) async throws {
        let reply = try ReplySocket(options: transport.options), url = try reply.listen(transport.freshURL())
        let gone = SharedSocket(try RequestSocket(options: transport.options))
        try gone.socket.dial(url)
        let first = Task { _ = try? await gone.socket.request([1], deadline: patience) }
        await wait(reply.handle) { $0 == 1 }
        gone.socket.close()
        await first.value
        await wait(reply.handle) { $0 == 0 }
        let request = SharedSocket(try RequestSocket(options: transport.options))
        try request.socket.dial(url)
        async let answer = request.socket.request([2], deadline: patience)
        #expect(try await reply.receive(deadline: patience) == [2])
        try await reply.send([3], deadline: patience)
        #expect(try await answer == [3])
    }
}
