import Messaging
import Testing

/// Push and pull over every transport.
@Suite(.timeLimit(.minutes(1)))
struct PipelineTests {
    @Test(arguments: TransportCase.allCases)
    func manySmallMessagesArriveInOrder(_ transport: TransportCase) async throws {
        let pull = SharedSocket(try PullSocket(options: transport.options))
        let url = try pull.socket.listen(transport.freshURL())
        let push = SharedSocket(try PushSocket(options: transport.options))
        try push.socket.dial(url)
        let count = 20_000
        async let sent: Void = onThread {
            for index in 0..<count {
                let bytes = (0..<4).map { UInt8(truncatingIfNeeded: index >> (8 * $0)) }
                try push.socket.send(bytes, deadline: patience)
            }
        }
        let received = try await onThread {
            var numbers = [Int]()
            var buffer = [UInt8]()
            while numbers.count < count, try pull.socket.receive(into: &buffer, deadline: patience) {
                numbers.append(buffer.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) })
            }
            return numbers
        }
        try await sent
        #expect(received == Array(0..<count))
    }

    @Test(arguments: TransportCase.allCases)
    func aLargeMessageArrivesWholeInAReusedBuffer(_ transport: TransportCase) async throws {
        let pull = SharedSocket(try PullSocket(options: transport.options))
        let url = try pull.socket.listen(transport.freshURL())
        let push = SharedSocket(try PushSocket(options: transport.options))
        try push.socket.dial(url)
        let large = (0..<10 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 12) }
        let messages = [large, [], [1], large]
        async let sent: Void = onThread {
            for message in messages { try push.socket.send(message, deadline: patience) }
        }
        try await onThread {
            var buffer = [UInt8]()
            for message in messages {
                let came = try pull.socket.receive(into: &buffer, deadline: patience)
                #expect(came && buffer == message)
                #expect(buffer.capacity >= large.count)
            }
        }
        try await sent
    }

    @Test(arguments: TransportCase.allCases)
    func messagesAreReadWhereTheyLie(_ transport: TransportCase) async throws {
        let pull = SharedSocket(try PullSocket(options: transport.options))
        let url = try pull.socket.listen(transport.freshURL())
        let push = try PushSocket(options: transport.options)
        try push.dial(url)
        try await push.send([3, 4, 5], deadline: patience)
        let seen = try await onThread {
            guard let message = try pull.socket.receiveMessage(deadline: patience) else { return [UInt8]() }
            return message.withBytes { bytes in
                (0..<message.byteCount).map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
            }
        }
        #expect(seen == [3, 4, 5])
    }

    @Test(arguments: TransportCase.allCases)
    func asynchronousCallsCarryMessages(_ transport: TransportCase) async throws {
        let pull = try PullSocket(options: transport.options)
        let url = try pull.listen(transport.freshURL())
        let push = SharedSocket(try PushSocket(options: transport.options))
        try push.socket.dial(url)
        async let sent: Void = {
            for index in 0..<500 { try await push.socket.send([UInt8(index % 251)], deadline: patience) }
        }()
        for index in 0..<500 {
            #expect(try await pull.receive(deadline: patience) == [UInt8(index % 251)])
        }
        try await sent
    }

    @Test(arguments: TransportCase.allCases)
    func aReceiveNobodyAnswersReturns(_ transport: TransportCase) async throws {
        let pull = SharedSocket(try PullSocket(options: transport.options))
        try pull.socket.listen(transport.freshURL())
        for deadline in [Duration.zero, .milliseconds(20)] {
            #expect(try await pull.socket.receive(deadline: deadline) == nil)
            let outcome = try await onThread {
                var buffer: [UInt8] = [1, 2]
                let came = try pull.socket.receive(into: &buffer, deadline: deadline)
                return (came, buffer)
            }
            #expect(outcome == (false, [1, 2]))
        }
    }

    @Test func aSendWithoutAPeerTimesOut() async throws {
        let push = SharedSocket(try PushSocket())
        let asynchronous = await #expect(throws: MessagingError.self) {
            try await push.socket.send([1], deadline: .milliseconds(20))
        }
        #expect(asynchronous?.code == .timedOut)
        let blocking = await #expect(throws: MessagingError.self) {
            try await onThread { try push.socket.send([1], deadline: .zero) }
        }
        #expect(blocking?.code == .timedOut)
    }

    @Test func messagesBeyondTheLimitAreNotTaken() async throws {
        let pull = try PullSocket(options: SocketOptions(maxMessageBytes: 1000))
        let url = try pull.listen(TransportCase.tcp.freshURL())
        let push = try PushSocket()
        try push.dial(url)
        try await push.send([UInt8](repeating: 1, count: 1000), deadline: patience)
        #expect(try await pull.receive(deadline: patience)?.count == 1000)
        try await push.send([UInt8](repeating: 1, count: 1001), deadline: patience)
        // The receiver hangs up on such a peer; the next one is welcome.
        let next = try PushSocket()
        try next.dial(url)
        try await next.send([7], deadline: patience)
        #expect(try await pull.receive(deadline: patience) == [7])
    }

    @Test(arguments: TransportCase.allCases)
    func cancellingATaskEndsItsReceive(_ transport: TransportCase) async throws {
        let pull = SharedSocket(try PullSocket(options: transport.options))
        try pull.socket.listen(transport.freshURL())
        for _ in 0..<50 {
            let task = Task { () -> MessagingError.Code? in
                do throws(MessagingError) {
                    _ = try await pull.socket.receive(deadline: .seconds(3600))
                    return nil
                } catch { return error.code }
            }
            await Task.yield()
            task.cancel()
            #expect(await task.value == .cancelled)
        }
    }

    @Test func closingASocketEndsTheCallsThatWait() async throws {
        let pull = SharedSocket(try PullSocket())
        try pull.socket.listen(TransportCase.inproc.freshURL())
        let (started, signal) = AsyncStream<Void>.makeStream()
        async let blocked = onThread { () -> MessagingError.Code? in
            signal.yield()
            do throws(MessagingError) {
                var buffer = [UInt8]()
                _ = try pull.socket.receive(into: &buffer, deadline: .seconds(3600))
                return nil
            } catch { return error.code }
        }
        for await _ in started { break }
        pull.socket.close()
        #expect(try await blocked == .closed)
        let error = await #expect(throws: MessagingError.self) { try await pull.socket.receive(deadline: .zero) }
        #expect(error?.code == .closed)
    }
}
