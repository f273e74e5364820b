import Messaging
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RequestReplyTests {
    /// Answers `count` requests with their own bytes and one more.
    private func serve(_ reply: SharedSocket<ReplySocket>, _ count: Int) async throws {
        for _ in 0..<count {
            guard let request = try await reply.socket.receive(deadline: patience) else { return }
            try await reply.socket.send(request + [0xff], deadline: patience)
        }
    }

    @Test(arguments: TransportCase.allCases)
    func everyRequestGetsItsOwnReply(_ transport: TransportCase) async throws {
        let reply = SharedSocket(try ReplySocket(options: transport.options))
        let url = try reply.socket.listen(transport.freshURL())
        let request = SharedSocket(try RequestSocket(options: transport.options))
        try request.socket.dial(url)
        async let served: Void = serve(reply, 60)
        for index in 0..<20 as Range<UInt8> {
            #expect(try await request.socket.request([index], deadline: patience) == [index, 0xff])
        }
        try await withThrowingTaskGroup { group in
            for index in 20..<60 as Range<UInt8> {
                group.addTask {
                    let answer = try await request.socket.request([index], deadline: patience)
                    #expect(answer == [index, 0xff])
                }
            }
            try await group.waitForAll()
        }
        try await served
    }

    @Test(arguments: TransportCase.allCases)
    func requestsBegunOneAfterTheOtherArriveInThatOrder(_ transport: TransportCase) async throws {
        let reply = SharedSocket(try ReplySocket(options: transport.options))
        let url = try reply.socket.listen(transport.freshURL())
        let request = SharedSocket(try RequestSocket(options: transport.options))
        try request.socket.dial(url)
        async let arrived = Task {
            var order: [UInt8] = []
            while order.count < 40, let bytes = try await reply.socket.receive(deadline: patience) {
                order.append(bytes[0])
                try await reply.socket.send([bytes[0]], deadline: patience)
            }
            return order
        }.value
        var pending: [PendingReply] = []
        for index in 0..<40 as Range<UInt8> {
            // Large enough to fill a connection: four are on their way at any time.
            pending.append(
                try await request.socket.begin([index] + [UInt8](repeating: 0, count: 300_000), deadline: patience))
            if pending.count > 3 { #expect(try await pending.removeFirst().reply() == [index - 3]) }
        }
        for (index, last) in pending.enumerated() { #expect(try await last.reply() == [UInt8(37 + index)]) }
        #expect(try await arrived == Array(0..<40))
    }

    @Test(arguments: TransportCase.allCases)
    func aThreadCanServeToo(_ transport: TransportCase) async throws {
        let reply = SharedSocket(try ReplySocket(options: transport.options))
        let url = try reply.socket.listen(transport.freshURL())
        let request = try RequestSocket(options: transport.options)
        try request.dial(url)
        async let served: Void = onThread {
            var buffer = [UInt8]()
            let came = try reply.socket.receive(into: &buffer, deadline: patience)
            #expect(came)
            try reply.socket.send(buffer + buffer, deadline: patience)
        }
        #expect(try await request.request([1, 2], deadline: patience) == [1, 2, 1, 2])
        try await served
    }

    @Test(arguments: TransportCase.allCases)
    func aRequestNobodyAnswersTimesOut(_ transport: TransportCase) async throws {
        let reply = try ReplySocket(options: transport.options)
        let url = try reply.listen(transport.freshURL())
        let (events, handler) = pipeEvents()
        let request = try RequestSocket(options: transport.options, onPipeChange: handler)
        try request.dial(url)
        for await event in events where event.kind == .added { break }
        let error = await #expect(throws: MessagingError.self) {
            try await request.request([1], deadline: .milliseconds(50))
        }
        #expect(error?.code == .timedOut)
        // The late reply goes nowhere; the next request gets its own.
        let first = try await reply.receive(deadline: patience)
        #expect(first == [1])
        async let second = request.request([2], deadline: patience)
        try await reply.send([1, 1], deadline: patience)
        #expect(try await reply.receive(deadline: patience) == [2])
        try await reply.send([2, 2], deadline: patience)
        #expect(try await second == [2, 2])
    }

    @Test func aRequestWithoutAPeerTimesOut() async throws {
        let request = try RequestSocket()
        let error = await #expect(throws: MessagingError.self) { try await request.request([1], deadline: .zero) }
        #expect(error?.code == .timedOut)
    }

    @Test(arguments: TransportCase.allCases)
    func aRequestIsNeverCarriedOutTwice(_ transport: TransportCase) async throws {
        let request = SharedSocket(try RequestSocket(options: transport.options))
        let first = SharedSocket(try ReplySocket(options: transport.options))
        let url = try first.socket.listen(transport.freshURL())
        try request.socket.dial(url)
        let answer = Task { () -> MessagingError.Code? in
            do throws(MessagingError) {
                _ = try await request.socket.request([1], deadline: patience)
                return nil
            } catch { return error.code }
        }
        #expect(try await first.socket.receive(deadline: patience) == [1])
        first.socket.close()
        #expect(await answer.value == .connectionReset)
        // Its successor at the same address sees the next request only.
        let second = SharedSocket(try ReplySocket(options: transport.options))
        try second.socket.listen(url)
        async let served: Void = serve(second, 1)
        #expect(try await request.socket.request([2], deadline: patience) == [2, 0xff])
        try await served
        #expect(try await second.socket.receive(deadline: .milliseconds(20)) == nil)
    }

    @Test func cancellingATaskEndsItsRequest() async throws {
        let reply = try ReplySocket()
        let url = try reply.listen(TransportCase.inproc.freshURL())
        let request = SharedSocket(try RequestSocket())
        try request.socket.dial(url)
        let task = Task { () -> MessagingError.Code? in
            do throws(MessagingError) {
                _ = try await request.socket.request([1], deadline: .seconds(3600))
                return nil
            } catch { return error.code }
        }
        #expect(try await reply.receive(deadline: patience) == [1])
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    @Test func aReplyWithoutARequestIsRefused() async throws {
        let reply = try ReplySocket()
        let error = await #expect(throws: MessagingError.self) { try await reply.send([1], deadline: .zero) }
        #expect(error?.code == .wrongState)
    }
}
