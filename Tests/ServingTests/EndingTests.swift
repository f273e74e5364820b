import Coordinator
import HummingbirdTesting
import JSON
import NIOCore
import NIOPosix
import Sampling
import Synchronization
import Testing

@testable import Serving

@Suite(.timeLimit(.minutes(1))) struct EndingTests {
    @Test(arguments: ["/v1/chat/completions", "/api/chat"], [true, false])
    func aClientThatGoesAwayEndsItsRequest(path: String, streams: Bool) async throws {
        let fixture = try Fixture(.hang("hello"))
        try await fixture.test { client async throws in
            let body = OpenAIChatTests.ask([("stream", .bool(streams))])
            try await client.postAndLeave(path, body) { !fixture.generator.requests.isEmpty }
            let start = ContinuousClock.now
            while fixture.generator.cancelled == 0 { try await Task.sleep(for: .milliseconds(1)) }
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(try await client.metrics(with: "brigade_streams 0\n").contains("brigade_streams 0\n"))
        }
    }

    @Test func anAnswerThatTakesTooLongIsCut() async throws {
        let fixture = try Fixture(.hang("hello")) { $0.timeLimit = .milliseconds(50) }
        try await fixture.test { client async throws in
            let events = try await client.post("/v1/chat/completions", OpenAIChatTests.ask([("stream", true)])).events
            #expect(events.last?.at("error.code") == "timeout")
            let whole = try await client.post("/v1/chat/completions", OpenAIChatTests.ask)
            #expect(whole.status.code == 504 && fixture.generator.cancelled == 2)
        }
    }

    /// Runs a server, passes `body` a client and a function that stops the server, and waits until the server has
    /// ended.
    static func run(
        _ server: Server, _ body: @escaping @Sendable (Client, @escaping @Sendable () -> Void) async throws -> Void
    ) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self), (stops, stop) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.run {
                    for await _ in stops { return }
                } onRunning: {
                    port.yield($0 ?? 0)
                }
            }
            group.addTask {
                for await number in ports { return try await body(Client(port: number)) { stop.yield() } }
            }
            try await group.waitForAll()
        }
    }

    @Test(arguments: [true, false]) func aServerWhoseTaskIsCancelledEnds(isStarting: Bool) async throws {
        let supervisor = isStarting ? Supervisor(contextLength: 64, kvType: "f16", layers: 1) : nil
        let fixture = try Fixture(.say("hello"), behind: supervisor),
            (ports, port) = AsyncStream.makeStream(of: Int.self)
        let task = Task { try await fixture.server.run { port.yield($0 ?? 0) } }
        for await number in ports {
            #expect(try await Client(port: number).get("/health").status == .ok)
            break
        }
        task.cancel()
        _ = await task.result
    }

    private final class Connections: Sendable {
        let opened = Atomic(0), closed = Atomic(0)
    }

    /// A connection that is accepted just as the server stops is never handled; it must be closed, and the process must
    /// survive.
    @Test func connectionsThatComeWithTheStopAreClosed() async throws {
        let fixture = try Fixture(.say("hello")), counts = Connections()
        for _ in 0..<100 {
            let (ports, port) = AsyncStream.makeStream(of: Int.self), server = fixture.server
            let task = Task { try await server.run { port.yield($0 ?? 0) } }
            for await number in ports {
                await withDiscardingTaskGroup { group in
                    for index in 0..<40 {
                        group.addTask {
                            if index == 20 { task.cancel() }
                            let channel = try? await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                                .connect(host: "127.0.0.1", port: number).get()
                            guard let channel else { return }
                            counts.opened.add(1, ordering: .relaxed)
                            // A connection that never left the kernel's queue notices only by writing that the server
                            // is gone.
                            try? await channel.writeAndFlush(ByteBuffer(string: "GET /health HTTP/1.1\r\n\r\n"))
                            try? await channel.closeFuture.get()
                            if !channel.isActive { counts.closed.add(1, ordering: .relaxed) }
                        }
                    }
                }
                break
            }
            _ = await task.result
        }
        let opened = counts.opened.load(ordering: .relaxed)
        #expect(opened > 100 && counts.closed.load(ordering: .relaxed) == opened)
    }

    @Test func aStopCutsWhatDoesNotEndWithAnErrorAsLastEvent() async throws {
        let fixture = try Fixture(.hang("hello")) { $0.drainTime = .milliseconds(100) }
        try await Self.run(fixture.server) { client, stop in
            async let response = client.post("/v1/chat/completions", OpenAIChatTests.ask([("stream", true)]))
            while fixture.generator.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            stop()
            let events = try await response.events
            #expect(events.compactMap { $0.at("choices.0.delta.content")?.string }.joined() == "hello")
            #expect(events.last?.at("error.code") == "server_stopping")
        }
    }

    @Test(arguments: [true, false]) func aStopEndsPullsWithAnError(streams: Bool) async throws {
        let catalogue = SlowCatalogue(),
            fixture = try Fixture(.say("x"), catalogue: catalogue) { $0.drainTime = .seconds(30) }
        try await Self.run(fixture.server) { client, stop in
            async let response = client.post("/api/pull", ["model": "other", "stream": .bool(streams)])
            while catalogue.begun == 0 { try await Task.sleep(for: .milliseconds(1)) }
            stop()
            let answer = try await response
            #expect(answer.status.code == (streams ? 200 : 503))
            #expect(try answer.lines.last == ["error": "the server is stopping"])
            #expect(try streams ? answer.lines.first == ["status": "pulling manifest"] : true)
            #expect(catalogue.cancelled == 1)
        }
    }

    /// A client that sends half a request and keeps the connection open does not delay a stop.
    @Test func aStopDropsWhatDoesNotEnd() async throws {
        let fixture = try Fixture(.say("x")) { ($0.drainTime, $0.closingTime) = (.zero, .seconds(1)) }
        try await Self.run(fixture.server) { client, stop in
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup).connect(
                host: "127.0.0.1", port: client.port
            ).get()
            let half = "POST /api/show HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
            try await channel.writeAndFlush(ByteBuffer(string: half))
            // The server has certainly read it when a later request is answered.
            _ = try await client.get("/health")
            #expect(channel.isActive)
            stop()
            try await channel.closeFuture.get()
            #expect(!channel.isActive)
        }
    }

    @Test func whileStoppingRunningAnswersEndAndNewOnesAreRefused() async throws {
        let fixture = try Fixture(.hang("hello STOP")) { $0.drainTime = .seconds(30) }
        try await Self.run(fixture.server) { client, stop in
            async let first = client.post("/v1/chat/completions", OpenAIChatTests.ask([("stream", true)]))
            while fixture.generator.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            stop()
            while true {
                let response = try await client.get("/ready")
                if response.status.code == 503 { break }
            }
            let refused = try await client.post("/v1/chat/completions", OpenAIChatTests.ask)
            #expect(refused.status.code == 503 && fixture.generator.requests.count == 1)
            fixture.generator.release()
            let text = try await first.text
            #expect(text.hasSuffix("data: [DONE]\n\n"))
        }
    }

    /// Noticing that a client disconnects takes reading from its connection, which can then take no other request:
    /// clients that reuse connections must be told.
    @Test(
        arguments: [
            ("/v1/chat/completions", OpenAIChatTests.ask, 503),
            ("/api/chat", OllamaTests.ask([("stream", false)]), 503),
            ("/v1/completions", ["model": "tiny", "prompt": ["", "a"]], 400),
        ] as [(String, JSONValue, Int)])
    func aFailureInMidAnswerClosesTheConnection(path: String, body: JSONValue, status: Int) async throws {
        try await Fixture(.fail("x", CoordinatorError(.nodeLost, "gone"))).test { client async throws in
            let response = try await client.post(path, body)
            #expect(response.status.code == status && (response.headers[.connection] == "close") == (status == 503))
        }
        guard path == "/v1/completions" else { return }
        try await Fixture(.say("x")).test { client async throws in
            let response = try await client.post(path, ["model": "tiny", "prompt": ["a", ""]])
            #expect(response.status == .badRequest && response.headers[.connection] == "close")
        }
    }

    @Test func aFailedAnswerLeavesNothingBehind() async throws {
        try await Fixture(.fail("x", CoordinatorError(.nodeLost, "gone"))).test { client async throws in
            for _ in 0..<3 { _ = try await client.post("/api/chat", OllamaTests.ask()) }
            let text = try await client.metrics(with: "brigade_streams 0\n")
            #expect(
                text.contains("brigade_streams 0\n")
                    && text.contains("brigade_answers_failed_total{reason=\"nodeLost\"} 3\n"))
        }
    }
}
