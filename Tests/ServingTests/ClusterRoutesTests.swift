@testable import Coordinator
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Sampling
import Testing

@testable import Serving

@Suite(.timeLimit(.minutes(1))) struct ClusterRoutesTests {
    @Test func readinessFollowsTheNodes() async throws {
        try await Fixture(.say("x")).test { client async throws in #expect(try await client.get("/ready").status == .ok)
        }
        try await Fixture(.say("x"), cluster: FakeCluster(state: "unreachable")).test { client async throws in
            let response = try await client.get("/ready")
            #expect(response.status == .serviceUnavailable && response.text.contains("unreachable"))
            #expect(try await client.get("/health").status == .ok)
        }
    }

    @Test func theClusterIsDescribed() async throws {
        try await Fixture(.say("x")).test { client async throws in
            let cluster = try await client.get("/api/cluster").json
            #expect(cluster["model"] == "tiny:latest" && cluster["context"] == 2048 && cluster["kv_type"] == "f16")
            #expect(
                cluster["stages"]?.array?.count == 3 && cluster.at("stages.2.head") == true
                    && cluster.at("stages.1.first_layer") == 2)
            #expect(cluster.at("totals.answer_tokens") == 7 && cluster.at("load.blocks_total") == 100)
        }
    }

    @Test func metricsAddUp() async throws {
        try await Fixture(.say("hello")).test { client async throws in
            for _ in 0..<3 { _ = try await client.post("/v1/chat/completions", OpenAIChatTests.ask) }
            _ = try await client.post("/v1/chat/completions", [:])
            let text = try await client.metrics(with: "brigade_streams 0\n")
            #expect(text.contains("brigade_http_requests_total{path=\"/v1/chat/completions\",status=\"200\"} 3\n"))
            #expect(text.contains("brigade_http_requests_total{path=\"/v1/chat/completions\",status=\"400\"} 1\n"))
            #expect(
                text.contains("brigade_time_to_first_token_seconds_count 3\n")
                    && text.contains("brigade_time_to_first_token_seconds_bucket{le=\"+Inf\"} 3\n"))
            #expect(text.contains("brigade_answers_total{ending=\"stop\"} 3\n") && text.contains("brigade_streams 0\n"))
            #expect(text.contains("brigade_stage_healthy{stage=\"2\",url=\"ipc:///tmp/1\"} 1\n"))
        }
    }

    /// An unread body would keep the stream from ending. An overlong body is refused.
    @Test func eventsComeAndEndWhateverTheRequestsBody() async throws {
        let fixture = try Fixture(.say("x"))
        try await EndingTests.run(fixture.server) { client, stop in
            @Sendable func ask(bodyOf count: Int) async throws -> Client.Answer {
                try await client.execute(
                    uri: "/api/cluster/events", method: .get, body: ByteBuffer(repeating: 32, count: count))
            }
            let refused = try await ask(bodyOf: 1 << 20)
            #expect(refused.status.code == 413 && refused.text.contains("larger than 65536 bytes"))
            async let answer = ask(bodyOf: 60_000)
            let begun = "brigade_http_requests_total{path=\"/api/cluster/events\",status=\"200\"} 1\n"
            #expect(try await client.metrics(with: begun).contains(begun))
            stop()
            let events = try await answer.events
            #expect(events.first?.at("model") == "tiny:latest")
        }
    }

    @Test func theDescriptionNamesEveryPath() async throws {
        try await Fixture(.say("x")).test { client async throws in
            let paths = try await client.get("/openapi.json").json["paths"]?.members?.map(\.name) ?? []
            #expect(paths.contains("/v1/chat/completions") && paths.contains("/api/chat") && paths.count >= 18)
        }
    }
}
