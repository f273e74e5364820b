import Foundation
import LoopbackRegistry
import Testing
import TinyModel

@testable import brigade

/// Models by name over the built program: pull, models, show, rm, and every command that takes a model.
@Suite(.serialized, .enabled(if: CommandLineTests.isPossible), .timeLimit(.minutes(5)))
struct ModelCommandTests {
    /// A registry with `tiny:latest` and the environment of a user with no models.
    static func scene(_ body: (LoopbackRegistry, [String: String]) async throws -> Void) async throws {
        let registry = try await LoopbackRegistry()
        let folder = CommandLineTests.folder + "/models-\(UUID().uuidString)"
        let weights = [UInt8](try Data(contentsOf: URL(fileURLWithPath: TinyModel.path(layers: 1))))
        try registry.add(
            "library/tiny:latest",
            [
                ("model", weights), ("license", Array("Apache License\nsecond line\nthird \u{1b}[31mline".utf8)),
                ("params", Array(#"{"temperature":0,"stop":["<|im_end|>"],"num_predict":3,"num_ctx":64}"#.utf8)),
            ])
        defer {
            registry.stop()
            try? FileManager.default.removeItem(atPath: folder)
        }
        try await body(
            registry,
            ["BRIGADE_MODELS": folder + "/own", "OLLAMA_MODELS": folder + "/ollama", "BRIGADE_REGISTRY": registry.url])
    }

    @Test func aModelIsPulledShownRunAndRemoved() async throws {
        try await Self.scene { registry, environment in
            func run(_ arguments: String...) throws -> CommandLineTests.Outcome {
                try CommandLineTests.run(arguments, environment: environment)
            }
            var outcome = try run("run", "tiny", "hello")
            #expect(outcome.status != 0 && outcome.errors.contains("brigade pull tiny"), "\(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1)

            outcome = try run("pull", "tiny")
            #expect(
                outcome.status == 0 && outcome.errors.isEmpty && outcome.output.hasPrefix("tiny:latest is here: "),
                "\(outcome.errors)")

            outcome = try run("models")
            let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            #expect(
                lines.count == 2 && lines[0] == ["NAME", "ID", "SIZE", "MODIFIED", "STORE"]
                    && lines[1][0] == "tiny:latest")
            #expect(lines[1].last == "brigade" && lines[1][1].count == 12)
            #expect(try run("list").output == outcome.output)
            #expect(try run("models", "--json").output.contains(#""quantization_level" : "Q4_K""#))

            outcome = try run("show", "tiny")
            for words in [
                "qwen2", "32768", "1280", "Q4_K", "its own", "temperature", #"stop           "<|im_end|>""#,
                "Apache License",
            ] {
                #expect(outcome.output.contains(words), "\(words): \(outcome.output)")
            }
            outcome = try run("show", "tiny", "--json")
            #expect(outcome.output.contains(#""context_length" : 32768"#) && outcome.output.contains("third"))
            #expect(try run("show", TinyModel.path(layers: 1)).output.contains("qwen2"))

            let byName = try run("run", "tiny", "hello", "--verbose"),
                byPath = try run(
                    "run", TinyModel.path(layers: 1), "hello", "--temperature", "0", "--num-predict", "3", "--num-ctx",
                    "64")
            #expect(
                byName.status == 0 && byName.output == byPath.output && byName.errors.contains("answer:   3 tokens"),
                "\(byName.errors)")
            #expect(
                try run("run", "tiny", "hello", "--num-predict", "5", "--verbose").errors.contains("answer:   5 tokens")
            )

            let text = try CommandLineTests.text()
            #expect(
                try run("tokenize", "tiny", "--file", text).output
                    == run("tokenize", TinyModel.path(layers: 1), "--file", text).output)
            let inspected = try run("inspect", "tiny")
            #expect(inspected.status == 0 && inspected.output.contains("in all)]"))
            // Vocabularies are cut: a page, not megabytes.
            #expect(inspected.output.utf8.count < 20_000)
            outcome = try run("perplexity", "tiny", "--file", text, "--json")
            #expect(outcome.status == 0 && outcome.output.contains("perplexity"), "\(outcome.errors)")

            outcome = try run("rm", "tiny")
            #expect(outcome.status == 0 && outcome.output.contains("removed tiny:latest"), "\(outcome.errors)")
            #expect(try run("rm", "tiny").status != 0)
            #expect(try run("models").output.split(separator: "\n").count == 1)
        }
    }

    @Test func theContextIsTheCommandsThenTheClusterFilesThenAllThatFits() async throws {
        try await Self.scene { registry, environment in
            let pulled = try CommandLineTests.run(["pull", "tiny"], environment: environment)
            #expect(pulled.status == 0, "\(pulled.errors)")
            let node =
                """
                nodes:\n  - name: a\n    url: tcp://10.0.0.1:7750\n    threads: 8\n    memory: 16GiB\n    bandwidth: \
                40\n    int8: 900\n
                """
            let path = CommandLineTests.folder + "/context.yaml"
            func context(_ file: String, _ options: String...) throws -> Int? {
                try file.write(toFile: path, atomically: true, encoding: .utf8)
                let outcome = try CommandLineTests.run(
                    ["plan", "tiny", "--cluster", path, "--json"] + options, environment: environment)
                return try outcome.output.firstMatch(of: /"contextLength" : (\d+)/).flatMap { Int($0.output.1) }
            }
            // What is packed with the model is the least that is wanted, and memory has room for all it was made for.
            #expect(try context(node) == 32768)
            #expect(try context("num_ctx: 8192\n" + node) == 8192)
            #expect(try context("num_ctx: 8192\n" + node, "--num-ctx", "128") == 128)
        }
    }

    @Test func ollamasModelsRunAndAreNotRemoved() async throws {
        try await Self.scene { registry, environment in
            // The layout is the same, so a pull makes what Ollama would have made.
            let ollama = ["BRIGADE_MODELS": environment["OLLAMA_MODELS"]!, "OLLAMA_MODELS": "/nowhere"]
            #expect(
                try CommandLineTests.run(["pull", "tiny", "--registry", registry.url], environment: ollama).status == 0)
            #expect(try CommandLineTests.run(["run", "tiny", "hello"], environment: environment).status == 0)
            #expect(try CommandLineTests.run(["models"], environment: environment).output.contains("ollama"))
            let outcome = try CommandLineTests.run(["rm", "tiny"], environment: environment)
            #expect(outcome.status != 0 && outcome.errors.contains("ollama rm tiny:latest"), "\(outcome.errors)")
            #expect(try CommandLineTests.run(["show", "tiny"], environment: environment).status == 0)
        }
    }

    @Test func aWorkerTakesItsModelByName() async throws {
        try await Self.scene { registry, environment in
            #expect(try CommandLineTests.run(["pull", "tiny"], environment: environment).status == 0)
            let url = "ipc://\(CommandLineTests.folder)/named"
            let worker = try CommandLineTests.Running(
                ["worker", "--listen", url, "--model", "tiny"], environment: environment)
            defer {
                worker.process.terminate()
                _ = worker.end()
            }
            let outcome = try CommandLineTests.run(
                ["run", "tiny", "hello", "--workers", url], environment: environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(
                try CommandLineTests.run(
                    ["worker", "--listen", url + "2", "--model", "nobody"], environment: environment
                ).errors.contains("brigade pull nobody"))

            // And those of a cluster file.
            let file = CommandLineTests.folder + "/named.yaml", folder = CommandLineTests.folder
            let here = environment.merging(["XDG_CACHE_HOME": folder, "XDG_RUNTIME_DIR": folder]) { $1 }
            try "model: tiny\nnodes:\n  - {name: a, local: true, threads: 1, memory: 1GiB}\n".write(
                toFile: file, atomically: true, encoding: .utf8)
            defer { _ = try? CommandLineTests.run(["cluster", "down", file], environment: here) }
            let wrong = try CommandLineTests.run(["cluster", "up", file, "--model", "nobody"], environment: here)
            #expect(wrong.status != 0 && wrong.errors.contains("brigade pull nobody"), "\(wrong.errors)")
            let up = try CommandLineTests.run(["cluster", "up", file], environment: here)
            #expect(up.status == 0 && up.errors.contains("a: well"), "\(up.errors)")
        }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGKILL])
    func anInterruptedPullGoesOn(signal: Int32) async throws {
        try await Self.scene { registry, environment in
            registry.behave { $0.hangs = true }
            let pull = try CommandLineTests.Running(["pull", "tiny"], environment: environment)
            pull.wait { !registry.blobRequests.isEmpty }
            kill(pull.process.processIdentifier, signal)
            let outcome = pull.end()
            #expect(outcome.status != 0)
            if signal == SIGINT {
                #expect(
                    outcome.status == 130 && outcome.errors.contains("Go on with: brigade pull tiny"),
                    "\(outcome.errors)")
            }
            registry.behave { $0.hangs = false }
            #expect(try CommandLineTests.run(["pull", "tiny"], environment: environment).status == 0)
            #expect(try CommandLineTests.run(["show", "tiny"], environment: environment).status == 0)
        }
    }

    @Test func whatGoesWrongIsOneSentenceAndStatusOne() async throws {
        try await Self.scene { registry, environment in
            registry.behave { $0.wrongByte = 100_000 }
            for (arguments, words) in [
                (["pull", "tiny"], "changed on the way"), (["pull", "nobody"], "no model nobody:latest"),
                (["pull", "../x"], "namespace"),
                (["pull", "tiny", "--registry", "ftp://x"], "ftp://x"),
                (["pull", "tiny", "--parallel", "0"], "--parallel is 0"),
                (["pull", "tiny", "--registry", "http://127.0.0.1:1", "--attempts", "1"], "nobody answers"),
                (["rm", "../../x"], "is no"), (["show", "nobody"], "brigade pull nobody"),
                (["bench", "nobody"], "brigade pull nobody"),
                (["perplexity", "nobody", "--file", "/dev/null"], "brigade pull nobody"),
                (["inspect", "nobody"], "brigade pull nobody"),
                (["tokenize", "nobody", "--file", "/dev/null"], "brigade pull nobody"),
            ] {
                let outcome = try CommandLineTests.run(arguments, environment: environment)
                #expect(outcome.status != 0 && outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
                #expect(outcome.output.isEmpty)
            }
        }
    }
}

struct ModelTableTests {
    @Test(
        arguments: [
            (-5, "just now"), (59, "just now"), (60, "1 minute ago"), (7200, "2 hours ago"), (260_000, "3 days ago"),
            (1_900_000, "3 weeks ago"),
            (5_400_000, "2 months ago"), (7e7, "2 years ago"), (1e300, "1000000 years ago"),
        ] as [(Double, String)])
    func agesAreSaidAsPeopleDo(seconds: Double, text: String) { #expect(age(seconds) == text) }
}
