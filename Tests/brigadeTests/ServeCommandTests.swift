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

    private func get(_ url: String) async throws -> (status: Int, text: String) {
        let (data, response) = try await URLSession.shared.data(from: #require(URL(string: url)))
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
}
