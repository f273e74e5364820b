import Messaging
import Testing

/// Peers that die under load.
@Suite(.timeLimit(.minutes(1)))
struct LostPeerTests {
    private static let eager = SocketOptions(reconnectMinimum: .milliseconds(1), reconnectMaximum: .milliseconds(10))

    /// The peer hangs up in the moment a send to it succeeds: a push socket of NNG 1.5 crashes when it is then used
    /// again.
    ///
    /// What is not tried here is to go on sending while the peer goes: NNG 1.5 can lose such a send and then closes
    /// nothing more in the process, which is why `SocketHandle.close` waits for it no longer than a second.
    @Test(arguments: TransportCase.allCases)
    func aLostPeerEndsTheSocket(_ transport: TransportCase) async throws {
        for round in 0..<30 {
            let (events, handler) = pipeEvents()
            let push = try PushSocket(options: transport.options(Self.eager), onPipeChange: handler)
            do {
                let pull = try PullSocket(options: transport.options(SocketOptions(maxMessageBytes: 1000)))
                try push.dial(pull.listen(transport.freshURL()))
                // Either the peer hangs up on a message beyond its limit, or it is closed behind a message it took.
                let isTooLong = transport != .inproc && round % 2 == 0
                try await push.send([UInt8](repeating: 1, count: isTooLong ? 1001 : 1), deadline: patience)
                if isTooLong {
                    for await event in events where event.kind == .removed { break }
                } else {
                    #expect(try await pull.receive(deadline: patience) == [1])
                }
            }
            if round % 2 == 1 || transport == .inproc {
                for await event in events where event.kind == .removed { break }
            }
            // From then on there is no waiting.
            let error = await #expect(throws: MessagingError.self) {
                try await push.send([1], deadline: .seconds(3600))
            }
            #expect(error?.code == .connectionReset)
        }
    }

    /// A listener that stands still after a peer left it in the middle of a handshake is helped by listening anew.
    @Test(arguments: TransportCase.allCases)
    func aSocketThatListensAnewIsFoundAtTheSameAddress(_ transport: TransportCase) async throws {
        let pull = try PullSocket(options: transport.options), url = try pull.listen(transport.freshURL())
        for round: UInt8 in 0..<5 {
            let push = try PushSocket(options: transport.options)
            try push.dial(url)
            try await push.send([round], deadline: patience)
            #expect(try await pull.receive(deadline: patience) == [round])
            try pull.listenAgain()
        }
    }

    @Test(arguments: TransportCase.allCases)
    func aServerThatDiesUnderRequestsDoesNoHarm(_ transport: TransportCase) async throws {
        let request = SharedSocket(try RequestSocket(options: transport.options(Self.eager)))
        var url = try transport.freshURL()
        for round in 0..<40 as Range<UInt8> {
            let reply = SharedSocket(try ReplySocket(options: transport.options))
            url = try reply.socket.listen(url)
            if round == 0 { try request.socket.dial(url) }
            async let answered = request.socket.request([round], deadline: patience)
            #expect(try await reply.socket.receive(deadline: patience) == [round])
            try await reply.socket.send([round, round], deadline: patience)
            #expect(try await answered == [round, round])
            let abandoned = Task { () -> MessagingError.Code? in
                do throws(MessagingError) {
                    _ = try await request.socket.request([0xff], deadline: patience)
                    return nil
                } catch { return error.code }
            }
            #expect(try await reply.socket.receive(deadline: patience) == [0xff])
            reply.socket.close()
            #expect(await abandoned.value == .connectionReset)
        }
    }

    @Test func aPushSocketHasOnePeer() throws {
        let push = try PushSocket()
        try push.dial(TransportCase.inproc.freshURL())
        let error = #expect(throws: MessagingError.self) { try push.dial(TransportCase.inproc.freshURL()) }
        #expect(error?.code == .wrongState)
        #expect(error?.description.contains("connected already") == true)
    }

    @Test func sendsThatWaitEndWhenThePusherCloses() async throws {
        let push = SharedSocket(try PushSocket(options: Self.eager))
        let pull = try PullSocket()  // takes some and then no more
        try push.socket.dial(pull.listen(TransportCase.ipc.freshURL()))
        try await push.socket.send([1], deadline: patience)
        let waiting = Task { () -> MessagingError.Code? in
            do throws(MessagingError) {
                while true { try await push.socket.send([1], deadline: .seconds(3600)) }
            } catch { return error.code }
        }
        await Task.yield()
        push.socket.close()
        #expect(await waiting.value == .closed)
        pull.close()
    }
}
