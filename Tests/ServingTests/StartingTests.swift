import JSON
@testable import Coordinator
import HTTPTypes
import HummingbirdTesting
import Sampling
import Testing

@testable import Serving

/// A server whose cluster is still starting.
@Suite(.timeLimit(.minutes(1))) struct StartingTests {
    private func fixture(_ start: ClusterStatus.Start? = .init(.loading(0.402))) throws -> (Fixture, Supervisor) {
        let supervisor = Supervisor(contextLength: 1024, kvType: "f16", layers: 6)
        if let start { supervisor.show(start) }
        return (try Fixture(.say("hello"), behind: supervisor), supervisor)
    }

    @Test(
        arguments: [
            ("/v1/chat/completions", OpenAIChatTests.ask),
            ("/v1/chat/completions", OpenAIChatTests.ask([("stream", true)])),
            ("/v1/completions", ["model": "tiny", "prompt": "a"]), ("/api/chat", OllamaTests.ask()),
            ("/api/generate", ["model": "tiny", "prompt": "a"]),
            ("/api/generate", ["model": "tiny"]),
        ] as [(String, JSONValue)])
    func whoAsksIsToldToComeBack(path: String, body: JSONValue) async throws {
        let (fixture, _) = try fixture()
        try await fixture.test { client async throws in
            let response = try await client.post(path, body)
            #expect(response.status == .serviceUnavailable && response.headers[.retryAfter] == "2")
            let words =
                path.hasPrefix("/api/")
                ? try response.json["error"]?.string : try response.json.at("error.message")?.string
            #expect(words?.contains("loading the weights, 40 %") == true)
            if path.hasPrefix("/v1/") { #expect(try response.json.at("error.code") == "cluster_starting") }
        }
        #expect(fixture.generator.requests.isEmpty)
    }

    @Test func whatNeedsNoClusterAnswers() async throws {
        let (fixture, _) = try fixture()
        try await fixture.test { client async throws in
            let ready = try await client.get("/ready")
            #expect(
                ready.status == .serviceUnavailable && ready.text.contains("40 %") && ready.headers[.retryAfter] != nil)
            #expect(try await client.get("/health").status == .ok)
            #expect(try await client.get("/metrics").text.contains("brigade_ready 0\n"))
            #expect(try await client.get("/v1/models").json.at("data.0.id") == "tiny:latest")
            #expect(try await client.get("/api/ps").json["models"] == [])
            let cluster = try await client.get("/api/cluster").json
            #expect(cluster["ready"] == false && cluster["context"] == 1024 && cluster["stages"] == [])
            #expect(
                cluster.at("starting.share") == 0.402 && cluster.at("starting.words") == "loading the weights, 40 %")
        }
    }

    @Test func onceItHasStartedItAnswers() async throws {
        let (fixture, supervisor) = try fixture()
        try await fixture.test { client async throws in
            #expect(try await client.post("/v1/chat/completions", OpenAIChatTests.ask).status == .serviceUnavailable)
            supervisor.show(fixture.generator, monitor: FakeCluster())
            // Late reports about the start change nothing.
            supervisor.show(.init(.loading(1)))
            #expect(try await client.get("/ready").status == .ok)
            #expect(
                try await client.post("/v1/chat/completions", OpenAIChatTests.ask).json.at("choices.0.message.content")
                    == "hello")
            let cluster = try await client.get("/api/cluster").json
            #expect(cluster["starting"] == .null && cluster["context"] == 2048 && cluster["stages"]?.array?.count == 3)
        }
    }

    @Test func aServerStopsAlsoWhileItsClusterStarts() async throws {
        let (fixture, _) = try fixture(nil)
        try await EndingTests.run(fixture.server) { client, stop async throws in
            #expect(try await client.get("/ready").text.contains("looking for the workers"))
            stop()
        }
    }

    @Test(
        arguments: [
            (.connecting(answered: 1, of: 3), "connecting, 1 of 3 workers answer"),
            (.measuring(done: 2, of: 4), "measuring the workers, 2 of 4 done"),
            (.sending(worker: "tcp://a", sent: 1, of: 4), "sending weights to tcp://a, 25 %"),
            (.loading(0.999), "loading the weights, 99 %"),
        ] as [(Cluster.Progress, String)])
    func progressIsToldInWords(progress: Cluster.Progress, words: String) {
        #expect(ClusterStatus.Start(progress).words == words)
    }
}
