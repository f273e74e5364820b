import Foundation
import FoundationNetworking
import Testing
import TinyModel

/// A server that loses its cluster: it says so, and answers again once all workers are there.
@Suite(.serialized, .enabled(if: CommandLineTests.isPossible), .timeLimit(.minutes(3)))
struct ServeRecoveryTests {
    typealias Running = CommandLineTests.Running

    /// What a short completion brings; status 0 when nobody can be reached.
    private func ask(_ port: Int) async -> (status: Int, text: String) {
        var request = URLRequest(url: URL(string: "http://127.0.0.1:\(port)/v1/completions")!)
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(#"{"model": "tiny", "prompt": "hello", "max_tokens": 4, "temperature": 0}"#.utf8)
        guard let (data, response) = try? await URLSession.shared.data(for: request) else { return (0, "") }
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
    }

    /// Waits for `holds`, as long as the server lives.
    private func wait(_ server: Running, _ holds: () async -> Bool) async throws {
        while await !holds() {
            try #require(server.process.isRunning, "\(server.errors)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func port(_ server: Running) async throws -> Int {
        var port: Int?
        try await wait(server) {
            port = server.errors.split(separator: "\n").first { $0.hasPrefix("tiny:latest is served at ") }?
                .split(separator: ":").last.flatMap { Int($0) }
            return port != nil
        }
        return try #require(port)
    }

    @Test func localWorkersAreStartedAgain() async throws {
        let server = try Running([
            "serve", TinyModel.path(), "--nodes", "2", "--threads", "1", "--port", "0", "--name", "tiny",
        ])
        let port = try await port(server), id = server.process.processIdentifier
        let first = await ask(port)
        #expect(first.status == 200)
        let victim = try #require(CommandLineTests.workers(of: id).first)
        kill(victim, SIGKILL)
        try await wait(server) { server.errors.contains("is started again") }
        try await wait(server) { await ask(port).status == 200 }
        #expect(CommandLineTests.workers(of: id).count == 2)
        server.process.terminate()
        let outcome = server.end()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(CommandLineTests.workers(of: id).isEmpty && CommandLineTests.leftovers(of: id).isEmpty)
    }

    @Test func aWorkerOfItsOwnIsWaitedFor() async throws {
        let urls = (1...2).map { "ipc://\(CommandLineTests.folder)/recovery-\($0)" }
        func worker(_ url: String) throws -> Running {
            try Running(["worker", "--listen", url, "--threads", "1", "--model", TinyModel.path()])
        }
        var workers = try urls.map(worker)
        defer { for worker in workers { worker.process.terminate() } }
        let server = try Running([
            "serve", TinyModel.path(), "--workers", urls.joined(separator: ","), "--port", "0", "--name", "tiny",
        ])
        let port = try await port(server)
        #expect(await ask(port).status == 200)
        kill(workers[1].process.processIdentifier, SIGKILL)
        try await wait(server) { await ask(port).status == 503 }
        try await wait(server) { server.errors.contains("is started again") }
        #expect(server.errors.contains(urls[1]), "\(server.errors)")
        // The other one has to be free for the next plan.
        try await wait(server) { server.errors.contains("no worker answers at \(urls[1])") }
        workers[1] = try worker(urls[1])
        try await wait(server) { await ask(port).status == 200 }
        server.process.terminate()
        #expect(server.end().status == 0)
    }

    @Test func aSignalEndsAServerThatWaitsForItsWorkers() async throws {
        let url = "ipc://\(CommandLineTests.folder)/recovery-3"
        let worker = try Running(["worker", "--listen", url, "--threads", "1", "--model", TinyModel.path()])
        let server = try Running(["serve", TinyModel.path(), "--workers", url, "--port", "0", "--name", "tiny"])
        _ = try await port(server)
        kill(worker.process.processIdentifier, SIGKILL)
        try await wait(server) { server.errors.contains("is started again") }
        server.process.terminate()
        #expect(server.end().status == 128 + SIGTERM)
    }

    @Test func aSignalBetweenTheLossAndTheNextStartIsNotForgotten() async throws {
        let url = "ipc://\(CommandLineTests.folder)/recovery-4"
        let worker = try Running(["worker", "--listen", url, "--threads", "1", "--model", TinyModel.path()])
        let server = try Running(["serve", TinyModel.path(), "--workers", url, "--port", "0", "--name", "tiny"])
        let port = try await port(server)
        kill(worker.process.processIdentifier, SIGKILL)
        try await wait(server) { await ask(port).status == 503 }
        server.process.terminate()
        // By itself, or at once if the next start had begun.
        #expect([0, 128 + SIGTERM].contains(server.end().status))
    }
}
