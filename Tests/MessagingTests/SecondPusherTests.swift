import Messaging
import Testing

/// A pull socket has one live pusher.
@Suite(.timeLimit(.minutes(1)))
struct SecondPusherTests {
    @Test(arguments: TransportCase.allCases)
    func aSecondPusherIsTurnedAwayAndComesInWhenTheFirstHasGone(_ transport: TransportCase) async throws {
        let pull = SharedSocket(try PullSocket(options: transport.options))
        let url = try pull.socket.listen(transport.freshURL())
        let first = SharedSocket(try PushSocket(options: transport.options))
        try first.socket.dial(url)
        try await first.socket.send([1], deadline: patience)
        #expect(try await pull.socket.receive(deadline: patience) == [1])
        let refusal = await #expect(throws: MessagingError.self) {
            try await onThread {
                let second = try PushSocket(options: transport.options)
                try second.dial(url, nonblocking: false)
            }
        }
        #expect(refusal?.code == .refused)
        #expect(refusal?.description.contains("another socket sends there") == true)

        let patient = SharedSocket(try PushSocket(options: transport.options))
        try patient.socket.dial(url)
        // The first attempt may not have been made yet when the first deadline passes.
        var detail = ""
        while !detail.contains("there is no connection: another socket sends there") {
            let early = await #expect(throws: MessagingError.self) {
                try await patient.socket.send([2], deadline: .milliseconds(30))
            }
            #expect(early?.code == .timedOut)
            detail = early?.detail ?? ""
        }
        try await first.socket.send([3], deadline: patience)
        #expect(try await pull.socket.receive(deadline: patience) == [3])
        first.socket.close()
        try await patient.socket.send([4], deadline: patience)
        #expect(try await pull.socket.receive(deadline: patience) == [4])
    }

    @Test(arguments: TransportCase.allCases)
    func aSecondPusherTakesThePlaceOfTheFirstWhereThatIsWanted(_ transport: TransportCase) async throws {
        let pull = SharedSocket(
            try PullSocket(options: transport.options(SocketOptions(secondPusher: .supersedes))))
        let url = try pull.socket.listen(transport.freshURL())
        let (events, handler) = pipeEvents()
        let first = SharedSocket(try PushSocket(options: transport.options, onPipeChange: handler))
        try first.socket.dial(url)
        try await first.socket.send([1], deadline: patience)
        #expect(try await pull.socket.receive(deadline: patience) == [1])
        let second = SharedSocket(try PushSocket(options: transport.options))
        try second.socket.dial(url)
        try await second.socket.send([2], deadline: patience)
        #expect(try await pull.socket.receive(deadline: patience) == [2])
        for await event in events where event.kind == .removed { break }
        let error = await #expect(throws: MessagingError.self) { try await first.socket.send([3], deadline: patience) }
        #expect(error?.code == .connectionReset)
    }
}
