import Foundation
import Testing
import TinyModel

/// The program over cluster files of this machine alone, with directories of their own.
@Suite(.serialized, .enabled(if: RemoteClusterTests.executable != nil), .timeLimit(.minutes(3)))
struct ClusterFileCommandTests {
    /// A folder with a cluster file; its workers are ended with it.
    final class Trial: Sendable {
        let folder = NSTemporaryDirectory() + "brigade-cf-\(UUID().uuidString.prefix(8))"
        var file: String { folder + "/c.yaml" }
        private var environment: [String: String] { ["XDG_CACHE_HOME": folder, "XDG_RUNTIME_DIR": folder] }

        init(_ text: String) throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try text.write(toFile: file, atomically: true, encoding: .utf8)
        }

        func run(_ arguments: String...) throws -> CommandLineTests.Outcome {
            try CommandLineTests.run(arguments, environment: environment)
        }

        deinit {
            _ = try? run("cluster", "down", file)
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    static func text(nodes: Int, _ more: String = "") throws -> String {
        "model: \(try TinyModel.path())\nnum_ctx: 256\n\(more)nodes:\n"
            + (1...nodes).map { "  - {name: n\($0), local: true, threads: 1, memory: 1GiB}\n" }.joined()
    }

    static let settings = ["--seed", "1", "--temperature", "0", "--num-predict", "12"]

    @Test func localNodesRunForOneCommandOrUntilTheyAreStopped() throws {
        let trial = try Trial(Self.text(nodes: 3)), model = try TinyModel.path()
        func ask(_ shape: String...) throws -> CommandLineTests.Outcome {
            try CommandLineTests.run(
                ["run", model, "hello world", "--verbose"] + shape + Self.settings,
                environment: ["XDG_CACHE_HOME": trial.folder, "XDG_RUNTIME_DIR": trial.folder])
        }
        let expected = try ask("--nodes", "1")
        #expect(expected.status == 0 && !expected.output.isEmpty, "\(expected.errors)")
        let alone = try ask("--cluster", trial.file)
        #expect(alone.status == 0 && alone.output == expected.output, "\(alone.errors)")
        #expect(try trial.run("health", "--cluster", trial.file).status == 2)

        let up = try trial.run("cluster", "up", trial.file)
        #expect(
            up.status == 0 && (1...3).allSatisfy { up.errors.contains("n\($0): well: 1 threads, 1.0 GiB") },
            "\(up.errors)")
        let over = try ask("--cluster", trial.file)
        #expect(over.status == 0 && over.output == expected.output, "\(over.errors)")
        let health = try trial.run("health", "--cluster", trial.file, "--json")
        #expect(health.status == 0 && health.output.contains("\"name\" : \"n2\""), "\(health.output)")
        let status = try trial.run("cluster", "status", trial.file).output.split(separator: "\n")
        #expect(status.dropFirst().allSatisfy { $0.contains(/^n\d +a local socket +idle +\d+$/) }, "\(status)")
        let down = try trial.run("cluster", "down", trial.file)
        #expect(down.status == 0 && (1...3).allSatisfy { down.errors.contains("n\($0): stopped") }, "\(down.errors)")
        #expect(try trial.run("cluster", "status", trial.file, "--json").status == 1)
    }

    @Test func optionsOverrideTheFile() throws {
        let trial = try Trial(Self.text(nodes: 2, "layers: [1, 6]\nkv: q8_0\n")), model = try TinyModel.path()
        let long = String(repeating: "hello world ", count: 100)
        let refused = try trial.run("run", model, long, "--cluster", trial.file)
        #expect(refused.status != 0 && refused.errors.contains("256"), "\(refused.errors)")
        let taken = try trial.run(
            "run", model, long, "--cluster", trial.file, "--num-ctx", "2048", "--num-predict", "2", "--layers", "5,2")
        #expect(taken.status == 0, "\(taken.errors)")
        let wrong = try trial.run("run", model, "x", "--cluster", trial.file, "--layers", "5,3")
        #expect(wrong.status != 0 && wrong.errors.contains("7"), "\(wrong.errors)")
        let both = try trial.run("run", model, "x", "--cluster", trial.file, "--nodes", "2")
        #expect(both.status != 0 && both.errors.contains("one of --nodes, --workers and --cluster"), "\(both.errors)")
    }

    @Test func theModelMayStandInTheFile() throws {
        let trial = try Trial(Self.text(nodes: 1))
        #expect(try trial.run("cluster", "model", trial.file).output == TinyModel.path() + "\n")
        let bare = try Trial("nodes:\n  - {name: a, local: true}\n")
        let refused = try bare.run("cluster", "model", bare.file)
        #expect(refused.status != 0 && refused.errors.contains("names no model"), "\(refused.errors)")
        let mistyped = try Trial("model: nowhere.gguf\nnodes:\n  - {name: a, local: true}\n")
        let nowhere = try mistyped.run("cluster", "up", mistyped.file)
        #expect(nowhere.status != 0 && nowhere.errors.contains("nowhere.gguf does not exist"), "\(nowhere.errors)")
    }

    @Test func aBadFileIsRefusedWithItsLine() throws {
        let trial = try Trial("nodes:\n  - name: a\n    local: true\n    threads: none\n")
        for arguments in [
            ["cluster", "up", trial.file], ["health", "--cluster", trial.file],
            ["run", "m.gguf", "x", "--cluster", trial.file],
        ] {
            let outcome = try CommandLineTests.run(arguments)
            #expect(outcome.status != 0, "\(arguments)")
            if arguments[0] != "run" {
                #expect(
                    outcome.errors.contains("c.yaml:4: node \"a\" has \"none\" as \"threads\""), "\(outcome.errors)")
            }
        }
    }
}
