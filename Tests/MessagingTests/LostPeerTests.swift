import Messaging
import Testing

/// Peers that die under load: the reason why push sockets replace NNG's.
@Suite(.timeLimit(.minutes(1)))
struct LostPeerTests {
    private static let eager = SocketOptions(reconnectMinimum: .milliseconds(1), reconnectMaximum: .milliseconds(10))

    /// The peer hangs up in the moment a send to it succeeds: NNG 1.5 alone crashes here within some dozen rounds.
    @Test(arguments: [TransportCase.ipc, .tcp])
    func aPeerThatHangsUpOnEveryMessageDoesNoHarm(_ transport: TransportCase) async throws {
        for _ in 0..<100 {
            let (events, handler) = pipeEvents()
            var limited = Self.eager
            limited.maxMessageBytes = 1000
            let pull = try PullSocket(options: limited, onPipeChange: handler)
            let push = try PushSocket(options: Self.eager)
            try push.dial(pull.listen(transport.freshURL()))
            try await push.send([UInt8](repeating: 1, count: 1001), deadline: patience)
            var seen = [PipeEvent.Kind]()
            for await event in events {
                seen.append(event.kind)
                if seen.count == 3 { break }
            }
            #expect(seen == [.added, .removed, .added])
            try await push.send([7], deadline: patience)
            #expect(try await pull.receive(deadline: patience) == [7])
        }
    }

    @Test(arguments: TransportCase.allCases)
    func aPeerThatComesBackGetsWhatIsSentAfterwards(_ transport: TransportCase) async throws {
        let (events, handler) = pipeEvents()
        let push = SharedSocket(try PushSocket(options: Self.eager, onPipeChange: handler))
        var pull = SharedSocket(try PullSocket())
        let url = try pull.socket.listen(transport.freshURL())
        try push.socket.dial(url)
        let rounds = 30
        // Somebody always waits to send, whatever happens to the connection.
        let sender = Task { () -> MessagingError.Code in
            var sent: UInt32 = 0
            while !Task.isCancelled {
                let bytes = (0..<4).map { UInt8(truncatingIfNeeded: sent >> (8 * UInt32($0))) }
                do throws(MessagingError) {
                    try await push.socket.send(bytes, deadline: patience)
                } catch { return error.code }
                sent += 1
            }
            return MessagingError.Code.cancelled
        }
        var last = -1
        for _ in 0..<rounds {
            for _ in 0..<20 {
                let bytes = try #require(try await pull.socket.receive(deadline: patience))
                let number = bytes.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
                // Some may be lost with the connection, none comes twice or in the wrong order.
                #expect(number > last)
                last = number
            }
            pull.socket.close()
            pull = SharedSocket(try PullSocket())
            try pull.socket.listen(url)
        }
        _ = try #require(try await pull.socket.receive(deadline: patience))
        sender.cancel()
        while try await pull.socket.receive(deadline: .milliseconds(50)) != nil {}
        #expect(await sender.value == .cancelled)
        push.socket.close()
        var kinds = [PipeEvent.Kind]()
        for await event in events {
            kinds.append(event.kind)
            if kinds.count == 2 * rounds { break }
        }
        #expect(kinds.enumerated().allSatisfy { $0.element == ($0.offset % 2 == 0 ? .added : .removed) })
    }

    @Test(arguments: TransportCase.allCases)
    func aServerThatDiesUnderRequestsDoesNoHarm(_ transport: TransportCase) async throws {
        let request = SharedSocket(try RequestSocket(options: Self.eager))
        var url = try transport.freshURL()
        for round in 0..<40 as Range<UInt8> {
            let reply = SharedSocket(try ReplySocket())
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
        do {
            let pull = try PullSocket()
            try push.socket.dial(pull.listen(TransportCase.ipc.freshURL()))
            try await push.socket.send([1], deadline: patience)
            _ = try await pull.receive(deadline: patience)
        }
        let waiting = Task { () -> MessagingError.Code? in
            do throws(MessagingError) {
                for _ in 0..<1000 { try await push.socket.send([1], deadline: .seconds(3600)) }
                return nil
            } catch { return error.code }
        }
        await Task.yield()
        push.socket.close()
        #expect(await waiting.value == .closed)
    }
}
