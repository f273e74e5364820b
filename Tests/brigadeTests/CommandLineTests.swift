import ChildProcess
import Foundation
import Testing
import TinyModel

/// The program to test; Deploy/test.sh names it.
private let executable = ProcessInfo.processInfo.environment["BRIGADE_EXECUTABLE"].flatMap { $0.isEmpty ? nil : $0 }

/// The built program over real worker processes: the same answer whatever the shape, and a clear end whatever goes
/// wrong.
@Suite(.serialized, .enabled(if: executable != nil), .timeLimit(.minutes(5)))
struct CommandLineTests {
    /// Whether there is a program to test.
    static let isPossible = executable != nil

    static let folder: String = {
        let path = NSTemporaryDirectory() + "brigade-command-\(ProcessInfo.processInfo.processIdentifier)"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }()

    struct Outcome {
        var status: Int32, output: String, errors: String
    }

    /// The program, started.
    final class Running: Sendable {
        private let child: ChildProcess

        init(_ arguments: [String], environment: [String: String] = [:]) throws {
            child = try ChildProcess(executable ?? "", arguments, environment: environment)
        }

        var process: Process { child.process }
        /// What it has said so far.
        var errors: String { child.errors }

        /// Waits until `holds`, or the program's end.
        func wait(until holds: () -> Bool) {
            if let problem = child.wait(until: holds) { Issue.record("\(problem)") }
        }

        func end() -> Outcome {
            if let problem = child.wait() { Issue.record("\(problem)") }
            return Outcome(status: process.terminationStatus, output: child.output, errors: errors)
        }
    }

    static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
        try Running(arguments, environment: environment).end()
    }

    /// Process ids of workers whose parent is `parent`.
    static func workers(of parent: Int32) -> [Int32] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { Int32($0) }.filter { id in
            guard let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8) else { return false }
            return status.contains("PPid:\t\(parent)\n") && !status.contains("State:\tZ")
        }
    }

    /// What a process of that id left behind in the directory for temporary files.
    static func leftovers(of process: Int32) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: NSTemporaryDirectory())) ?? [])
            .filter { $0.hasPrefix("brigade-\(process)-") }
    }

    static func text() throws -> String {
        let path = folder + "/text.txt"
        let words = (0..<60).map { "hello world, line \($0) of many\n" }.joined()
        try words.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// The logprobs file of one shape.
    static func logprobs(_ name: String, _ options: [String], environment: [String: String] = [:]) throws -> Data {
        let path = folder + "/\(name).jsonl"
        let outcome = try run(
            ["perplexity", TinyModel.path(), "--file", text(), "--logprobs", path] + options, environment: environment)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    @Test func logprobsAreTheSameFileWhateverTheShape() throws {
        let expected = try Self.logprobs("reference", ["--nodes", "1", "--threads", "1"])
        #expect(expected.count > 100_000)
        for nodes in [2, 3, 7] {
            #expect(
                try Self.logprobs("nodes", ["--nodes", "\(nodes)", "--threads", "1"]) == expected, "\(nodes) nodes")
        }
        for batch in [1, 7, 64, 512] {
            #expect(
                try Self.logprobs("batch", ["--nodes", "2", "--threads", "2", "--batch-size", "\(batch)"]) == expected,
                "\(batch) rows")
        }
        for cpu in ["portable", "avx2", "avxvnni", "avx512"] {
            let path = Self.folder + "/cpu.jsonl", text = try Self.text()
            let outcome = try Self.run(
                ["perplexity", TinyModel.path(), "--file", text, "--logprobs", path, "--threads", "2"],
                environment: ["BRIGADE_CPU": cpu])
            if outcome.errors.contains("does not have") { continue }  // not on this machine
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == expected, "\(cpu)")
        }
        // The cache's type is part of the arithmetic, not of the shape.
        let q8 = try Self.logprobs("q8", ["--kv", "q8_0", "--nodes", "1", "--threads", "1"])
        #expect(
            try Self.logprobs("q8", ["--kv", "q8_0", "--nodes", "3", "--threads", "2", "--batch-size", "5"]) == q8
                && q8 != expected)
    }

    @Test func aWorkerKilledInMidAnswerEndsTheAnswerWithItsName() throws {
        // A long text, row by row: it takes minutes.
        let path = Self.folder + "/long.txt"
        try String(repeating: "hello world ", count: 6_000).write(toFile: path, atomically: true, encoding: .utf8)
        let running = try Running(
            [
                "perplexity", TinyModel.path(), "--file", path, "--logprobs", path + ".jsonl", "--nodes", "3",
                "--threads", "1", "--batch-size", "1",
            ])
        let id = running.process.processIdentifier
        func written() -> Int { (try? Data(contentsOf: URL(fileURLWithPath: path + ".jsonl")))?.count ?? 0 }
        running.wait { written() > 0 }
        let victim = try #require(Self.workers(of: id).dropFirst().first)
        let killed = Date()
        kill(victim, SIGKILL)
        let outcome = running.end()
        #expect(Date().timeIntervalSince(killed) < 30)
        #expect(outcome.status != 0 && outcome.errors.contains("worker ipc://"), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "one message: \(outcome.errors)")
        #expect(Self.workers(of: id).isEmpty && Self.leftovers(of: id).isEmpty)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aSignalWhileTheModelIsLoadedLeavesNothingBehind(signal: Int32) throws {
        let running = try Running([
            "run", TinyModel.path(), "hello", "--nodes", "3", "--num-predict", "100000", "--num-ctx", "32768",
        ])
        let id = running.process.processIdentifier
        running.wait { Self.workers(of: id).count >= 3 }
        kill(id, signal)
        let outcome = running.end()
        #expect(outcome.status != 0)
        #expect(Self.workers(of: id).isEmpty && Self.leftovers(of: id).isEmpty)
    }

    @Test func whenNobodyReadsTheAnswerItEndsAndLeavesNothing() throws {
        let mark = UUID().uuidString, folder = NSTemporaryDirectory() + mark
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Its temporary files go where nothing else is.
        let options = "--nodes 2 --threads 1 --num-predict 4000 --num-ctx 8192"
        let script = #""$1" run "$2" hello \#(options) | head -c 1; echo "${PIPESTATUS[0]}""#
        let child = try ChildProcess(
            "/bin/bash", ["-c", script, "bash", executable ?? "", TinyModel.path()],
            environment: ["TMPDIR": folder + "/"])
        #expect(child.wait() == nil)
        #expect(child.output.hasSuffix("141\n"), "\(child.output) \(child.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }

    @Test func aPortNobodyListensOnIsSaid() throws {
        let start = Date()
        let outcome = try Self.run(["run", TinyModel.path(), "hello", "--workers", "tcp://127.0.0.1:1"])
        #expect(Date().timeIntervalSince(start) < 30)
        #expect(outcome.status != 0 && outcome.errors.contains("tcp://127.0.0.1:1"), "\(outcome.errors)")
        #expect(try Self.run(["health", "tcp://127.0.0.1:1"]).status == 2)
    }

    @Test func aWorkerWithAnotherModelIsRefused() throws {
        let url = "ipc://\(Self.folder)/other"
        let worker = try Running(["worker", "--listen", url, "--model", TinyModel.path(layers: 2, seed: 5)])
        defer {
            worker.process.terminate()
            _ = worker.end()
        }
        let outcome = try Self.run(["run", TinyModel.path(), "hello", "--workers", url])
        #expect(outcome.status != 0 && outcome.errors.contains("has another model"), "\(outcome.errors)")
        let health = try Self.run(["health", url, "--json"])
        #expect(health.status == 0 && health.output.contains("\"state\""), "\(health.output)")
    }

    @Test func aDraftModelThatCannotGuessIsSaidBeforeAnythingStarts() throws {
        let other = try TinyArchitecture.named("llama").path()
        for (draft, words) in [("/nowhere.gguf", "/nowhere.gguf"), (other, "has another vocabulary than")] {
            // No worker listens there: it would be said first.
            let outcome = try Self.run([
                "run", TinyModel.path(), "hello", "--workers", "tcp://127.0.0.1:1", "--draft-model", draft,
            ])
            #expect(
                outcome.status != 0 && outcome.errors.contains(words) && !outcome.errors.contains("127.0.0.1"),
                "\(outcome.errors)")
        }
    }

    @Test func helpAndBadOptionsAreClear() throws {
        let help = try Self.run(["--help"])
        #expect(help.status == 0 && help.output.contains("brigade run model.gguf"))
        for (arguments, words) in [
            (["run", "/nowhere.gguf", "x"], "/nowhere.gguf"),
            (["run", try TinyModel.path(), "x", "--nodes", "0"], "--nodes is 0"),
            (["run", try TinyModel.path(), "x", "--kv", "q3"], "q3"), (["inspect", try Self.text()], "text.txt"),
            (["worker", "--memory", "6"], "write 6GiB"),
        ] {
            let outcome = try Self.run(arguments)
            #expect(outcome.status != 0 && outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
        }
    }
}
