import Messaging
import Testing

/// Sockets that are closed while everything is under way.
@Suite(.timeLimit(.minutes(2)))
struct ClosingTests {
    /// With NNG's own sockets a close between two parts of a message was the last one of the process.
    @Test(arguments: TransportCase.allCases)
    func closingUnderLoadLeavesNothingBehind(_ transport: TransportCase) async throws {
        let before = openSockets()
        for round in 0..<60 {
            let pull = SharedSocket(try PullSocket(options: transport.options))
            let push = SharedSocket(try PushSocket(options: transport.options))
            try push.socket.dial(pull.socket.listen(transport.freshURL()))
            let sending = Task {
                let message = [UInt8](repeating: 7, count: 300_000)
                while (try? await push.socket.send(message, deadline: patience)) != nil {}
            }
            for _ in 0...round % 7 { _ = try await pull.socket.receive(deadline: patience) }
            round % 2 == 0 ? pull.socket.close() : push.socket.close()
            await sending.value
        }
        while openSockets() > before { try await Task.sleep(for: .milliseconds(5)) }
        #expect(openSockets() <= before)
    }

    @Test(arguments: TransportCase.allCases)
    func requestsEndWhenTheirSocketCloses(_ transport: TransportCase) async throws {
        for round in 0..<20 {
            let reply = SharedSocket(try ReplySocket(options: transport.options))
            let request = SharedSocket(try RequestSocket(options: transport.options))
            try request.socket.dial(reply.socket.listen(transport.freshURL()))
            let waiting = (0..<5).map { _ in
                Task { () -> MessagingError.Code? in
                    do throws(MessagingError) {
                        _ = try await request.socket.request([UInt8](repeating: 1, count: 200_000), deadline: patience)
                        return nil
                    } catch { return error.code }
                }
            }
            if round % 2 == 0 { _ = try await reply.socket.receive(deadline: patience) }
            request.socket.close()
            for task in waiting { #expect(await task.value == .closed) }
        }
    }

    /// A thread that reads from the connection itself sees its end, and the next connection.
    @Test(arguments: TransportCase.allCases)
    func aThreadThatWaitsServesOnePusherAfterTheOther(_ transport: TransportCase) async throws {
        let pull = SharedSocket(try PullSocket(options: transport.options))
        let url = try pull.socket.listen(transport.freshURL())
        let (messages, continuation) = AsyncStream<[UInt8]>.makeStream()
        async let reading: Void = onThread {
            var buffer: [UInt8] = []
            for _ in 0..<40 where try pull.socket.receive(into: &buffer, deadline: patience) {
                continuation.yield(buffer)
            }
            continuation.finish()
        }
        var iterator = messages.makeAsyncIterator()
        for index in 0..<20 as Range<UInt8> {
            let push = SharedSocket(try PushSocket(options: transport.options))
            try push.socket.dial(url)
            for part in [2 * index, 2 * index + 1] {
                try await push.socket.send([part], deadline: patience)
                #expect(await iterator.next() == [part])
            }
            push.socket.close()
        }
        try await reading
    }
}
