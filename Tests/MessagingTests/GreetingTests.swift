import Messaging
import Testing

/// What becomes of those who connect and do not say, or cannot say, what they should.
@Suite(.timeLimit(.minutes(1)))
struct GreetingTests {
    private static let streams = [TransportCase.ipc, .tcp]

    private func hello(version: UInt8 = 1, kind: UInt8) -> [UInt8] {
        Array("BRGD".utf8) + [version, kind] + [UInt8](repeating: 0, count: 10)
    }

    /// Whether a pusher finds the socket and is heard.
    private func isServed(_ pull: SharedSocket<PullSocket>, _ url: NodeURL) async throws -> Bool {
        let push = try PushSocket()
        try push.dial(url)
        try await push.send([1, 2], deadline: patience)
        return try await pull.socket.receive(deadline: patience) == [1, 2]
    }

    /// With NNG's own sockets, one peer that went before it was greeted was the end of an `ipc` listener.
    @Test(arguments: streams)
    func peersThatGoBeforeTheyAreGreetedDoNoHarm(_ transport: TransportCase) async throws {
        let pull = SharedSocket(try PullSocket()), url = try pull.socket.listen(transport.freshURL())
        for round in 0..<300 {
            let peer = try RawPeer(url)
            if round % 3 == 1 { peer.send(Array(hello(kind: 1)[..<7])) }
            if round % 3 == 2 { peer.send(hello(kind: 1)) }
        }
        #expect(try await isServed(pull, url))
    }

    @Test(arguments: streams)
    func whoSaysNothingIsHungUpOn(_ transport: TransportCase) async throws {
        let pull = SharedSocket(try PullSocket(options: SocketOptions(handshakeDeadline: .milliseconds(50))))
        let url = try pull.socket.listen(transport.freshURL())
        let silent = try RawPeer(url)
        #expect(try await onThread { silent.receive(1) } == [])
        #expect(try await isServed(pull, url))
    }

    @Test(arguments: streams)
    func manyWhoSayNothingKeepNobodyOut(_ transport: TransportCase) async throws {
        let pull = SharedSocket(try PullSocket(options: SocketOptions(handshakeDeadline: .seconds(3600))))
        let url = try pull.socket.listen(transport.freshURL())
        let silent = try (0..<100).map { _ in try RawPeer(url) }
        #expect(try await isServed(pull, url))
        // The first of them has had its time when the last came.
        #expect(try await onThread { silent[0].receive(1) } == [])
    }

    @Test(arguments: streams)
    func strangersAreHungUpOn(_ transport: TransportCase) async throws {
        let pull = SharedSocket(try PullSocket()), url = try pull.socket.listen(transport.freshURL())
        let stranger = try RawPeer(url)
        stranger.send(Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        #expect(try await onThread { stranger.receive(1) } == [])
        // Another version is told which one this is.
        let later = try RawPeer(url)
        later.send(hello(version: 2, kind: 1))
        let answer = try await onThread { later.receive(17) }
        #expect(answer == Array("BRGD".utf8) + [1, 2, 3] + [UInt8](repeating: 0, count: 9))
        #expect(try await isServed(pull, url))
    }

    /// A peer that is welcome and then sends what is no message.
    @Test(
        arguments: streams, [[UInt8](repeating: 0, count: 16), Array("BM".utf8) + [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]])
    func aPeerThatSendsNoMessagesIsHungUpOn(_ transport: TransportCase, bytes: [UInt8]) async throws {
        let (events, handler) = pipeEvents()
        let pull = SharedSocket(try PullSocket(onPipeChange: handler))
        let url = try pull.socket.listen(transport.freshURL())
        let peer = try RawPeer(url)
        peer.send(hello(kind: 1))
        #expect(try await onThread { peer.receive(16) }.count == 16)
        peer.send(bytes + [UInt8](repeating: 0, count: 16 - bytes.count))
        #expect(try await onThread { peer.receive(1) } == [])
        var kinds: [PipeEvent.Kind] = []
        for await event in events {
            kinds.append(event.kind)
            if kinds.count == 2 { break }
        }
        #expect(kinds == [.added, .removed])
        #expect(try await isServed(pull, url))
    }

    @Test(arguments: TransportCase.allCases)
    func socketsThatDoNotFitSaySo(_ transport: TransportCase) async throws {
        let reply = try ReplySocket(options: transport.options)
        let url = try reply.listen(transport.freshURL())
        let error = await #expect(throws: MessagingError.self) {
            try await onThread {
                let push = try PushSocket(options: transport.options)
                try push.dial(url, nonblocking: false)
            }
        }
        #expect(error?.code == .refused)
        #expect(error?.detail.contains("of a kind that does not fit") == true)
    }

    @Test(arguments: ["tcp", "tls+tcp"])
    func aListenerThatSaysNothingIsNotWaitedForWithoutEnd(scheme: String) async throws {
        let listener = try RawListener(), port = try #require(listener.url.port)
        let url = try NodeURL("\(scheme)://127.0.0.1:\(port)")
        let error = await #expect(throws: MessagingError.self) {
            try await onThread {
                let push = try PushSocket(
                    options: SocketOptions(handshakeDeadline: .milliseconds(50), tls: TestCertificates.node))
                try push.dial(url, nonblocking: false)
            }
        }
        #expect(error?.code == .timedOut)
        #expect(error?.url == url.description)
    }

    @Test func whatANodeKnowsOfItsPeer() async throws {
        let (events, handler) = pipeEvents()
        let pull = try PullSocket(onPipeChange: handler)
        let push = try PushSocket()
        try push.dial(pull.listen(TransportCase.ipc.freshURL()))
        for await event in events {
            #expect(event.peerProcess == UInt64(processNumber()))
            #expect(event.peerUser == UInt64(userNumber()))
            #expect(!event.isVerified)
            break
        }
    }
}
