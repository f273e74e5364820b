import Foundation
import FoundationNetworking
import Testing
import TinyModel

/// The server as a program: when it listens, what it says, how it ends.
@Suite(.serialized, .enabled(if: CommandLineTests.isPossible), .timeLimit(.minutes(5)))
struct ServeCommandTests {
    typealias Running = CommandLineTests.Running

    /// The address behind `words` in what the program has said, once it has.
    private func address(_ words: String, _ server: Running) async throws -> String {
        while true {
            let isRunning = server.process.isRunning
            if let range = server.errors.firstRange(of: words + " http://") {
                let rest = server.errors[range.upperBound...]
                if let end = rest.firstIndex(where: \.isWhitespace) { return "http://" + rest[..<end] }
            }
            try #require(isRunning, "\(server.errors)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func get(_ url: String, posting body: String? = nil) async throws -> (status: Int, text: String) {
        var request = URLRequest(url: try #require(URL(string: url)))
        if let body {
            request.httpMethod = "POST"
            request.httpBody = Data(body.utf8)
        }
        let (data, response) = try await URLSession.shared.data(for: request)
        return (try #require(response as? HTTPURLResponse).statusCode, String(decoding: data, as: UTF8.self))
    }

    @Test func itListensWhileTheClusterStartsAndEndsWhenThatCannotBe() async throws {
        let server = try Running(["serve", TinyModel.path(), "--workers", "tcp://127.0.0.1:9", "--port", "0"])
        let url = try await address("listening at", server)
        // It lives only while it waits for its worker: a slow machine may find it busy with something else, or gone.
        while let ready = try? await get(url + "/ready") {
            #expect(ready.status == 503, "\(ready)")
            if ready.text.contains("0 of 1 workers answer") {
                if let health = try? await get(url + "/health") { #expect(health.status == 200) }
                break
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        let outcome = server.end()
        #expect(outcome.status == 1 && outcome.errors.contains("no worker answers at tcp://127.0.0.1:9"), "\(outcome)")
    }

    @Test func itAnswersOnceItSaysSoAndEndsAtASignal() async throws {
        let server = try Running([
            "serve", TinyModel.path(), "--nodes", "2", "--threads", "1", "--port", "0", "--name", "tiny",
        ])
        let url = try await address("tiny:latest is served at", server)
        #expect(try await get(url + "/ready").status == 200)
        #expect(server.errors.contains("tokens, all that the model was made for"), "\(server.errors)")
        #expect(try await get(url + "/api/cluster").text.contains("\"name\":\"worker 2\""))
        // A second one on the same port says what is wrong, and starts nothing.
        let port = try #require(url.split(separator: ":").last)
        let second = try CommandLineTests.run(["serve", TinyModel.path(), "--nodes", "2", "--port", String(port)])
        #expect(
            second.status == 1 && second.errors.contains("cannot be listened on")
                && !second.errors.contains("listening at"), "\(second)")
        server.process.terminate()
        let outcome = server.end()
        #expect(
            outcome.status == 0 && CommandLineTests.leftovers(of: server.process.processIdentifier).isEmpty,
            "\(outcome)")
    }

    private struct Position: Decodable { var token: Int32, follow: Float? }
    private struct Answer: Decodable {
        struct Choice: Decodable {
            struct Logprobs: Decodable { var token_logprobs: [Float?] }
            var logprobs: Logprobs
        }
        var choices: [Choice]
    }

    /// What evaluation harnesses read with `echo` are the figures of `brigade perplexity`, also when it is asked again.
    @Test func scoresOfATextAreThoseOfPerplexity() async throws {
        let file = CommandLineTests.folder + "/scores.jsonl"
        let outcome = try CommandLineTests.run([
            "perplexity", TinyModel.path(), "--file", CommandLineTests.text(), "--logprobs", file, "--threads", "1",
        ])
        try #require(outcome.status == 0, "\(outcome.errors)")
        let positions = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").prefix(300).map {
            try JSONDecoder().decode(Position.self, from: Data($0.utf8))
        }
        let server = try Running([
            "serve", TinyModel.path(), "--nodes", "2", "--threads", "1", "--port", "0", "--name", "tiny",
        ])
        let url = try await address("tiny:latest is served at", server)
        let ids = positions.map { "\($0.token)" }.joined(separator: ",")
        let body = "{\"model\":\"tiny\",\"prompt\":[[\(ids)]],\"echo\":true,\"logprobs\":1,\"max_tokens\":0}"
        for _ in 0..<2 {
            let reply = try await get(url + "/v1/completions", posting: body)
            try #require(reply.status == 200, "\(reply.text)")
            let answer = try JSONDecoder().decode(Answer.self, from: Data(reply.text.utf8))
            #expect(answer.choices.count == 1)
            #expect(answer.choices[0].logprobs.token_logprobs == [nil] + positions.dropLast().map(\.follow))
        }
        server.process.terminate()
        #expect(server.end().status == 0)
    }

    /// Sockets cannot have paths as long as folders can.
    @Test func aFolderForTemporaryFilesMayHaveALongName() throws {
        let folder = CommandLineTests.folder + "/" + String(repeating: "long", count: 30)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let outcome = try CommandLineTests.run(
            ["run", TinyModel.path(), "hello", "--nodes", "2", "--threads", "1", "--num-predict", "3"],
            environment: ["TMPDIR": folder])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }
}
