import Foundation
import Testing
import TinyModel

/// Every architecture, stretched positions and full contexts, through the built program.
@Suite(
    .serialized, .enabled(if: ProcessInfo.processInfo.environment["BRIGADE_EXECUTABLE"]?.isEmpty == false),
    .timeLimit(.minutes(5)))
struct ArchitectureCommandTests {
    typealias Program = CommandLineTests

    /// The logprobs file of a model, and the errors.
    static func logprobs(_ model: TinyArchitecture, _ options: [String]) throws -> Data {
        let path = Program.folder + "/architecture.jsonl", text = Program.folder + "/short.txt"
        try "hello world, 1234 lines of 5 words\n\n  It's not much.".write(
            toFile: text, atomically: true, encoding: .utf8)
        let outcome = try Program.run(["perplexity", model.path(), "--file", text, "--logprobs", path] + options)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    @Test(arguments: TinyArchitecture.all)
    func logprobsAreTheSameOverWorkersThatAreSentTheirSlices(model: TinyArchitecture) throws {
        let expected = try Self.logprobs(model, ["--nodes", "1", "--threads", "1"])
        #expect(expected.count > 10_000)
        #expect(try Self.logprobs(model, ["--nodes", "3", "--threads", "2", "--batch-size", "5"]) == expected)
        let cache = ["XDG_CACHE_HOME": Program.folder + "/cache-\(model.name)"]
        let urls = (1...2).map { "ipc://\(Program.folder)/\(model.name)-\($0)" }
        let workers = try urls.map {
            try Program.Running(["worker", "--listen", $0, "--threads", "1"], environment: cache)
        }
        defer {
            for worker in workers {
                worker.process.terminate()
                _ = worker.end()
            }
        }
        for layers in ["1,2", "2,1"] {
            #expect(
                try Self.logprobs(model, ["--workers", urls.joined(separator: ","), "--layers", layers]) == expected,
                "\(layers)")
        }
    }

    @Test func aScalingGivenByOptionIsThatOfTheFilesKeys() throws {
        let plain = TinyArchitecture.named("qwen2"), stretched = TinyArchitecture.named("qwen2-yarn")
        let options = ["--rope-scaling", "yarn", "--rope-factor", "4", "--rope-original", "256"]
        let expected = try Self.logprobs(stretched, []), unscaled = try Self.logprobs(plain, [])
        #expect(try Self.logprobs(plain, options) == expected)
        #expect(try Self.logprobs(plain, options + ["--nodes", "3"]) == expected)
        #expect(try Self.logprobs(stretched, ["--rope-scaling", "none"]) == unscaled)
        // And as a cluster file says, unless an option says otherwise.
        let url = "ipc://\(Program.folder)/rope", file = Program.folder + "/rope.yaml"
        let worker = try Program.Running(["worker", "--listen", url, "--model", plain.path(), "--threads", "1"])
        defer {
            worker.process.terminate()
            _ = worker.end()
        }
        let text = "rope_scaling: yarn\nrope_factor: 4\nrope_original: 256\nnodes:\n  - {name: a, url: '\(url)'}\n"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try Self.logprobs(plain, ["--cluster", file]) == expected)
        #expect(try Self.logprobs(plain, ["--cluster", file, "--rope-scaling", "none"]) == unscaled)
        #expect(expected != unscaled)
    }

    @Test func aContextIsHonouredUpToWhatTheScalingAllows() throws {
        let plain = TinyArchitecture.named("qwen2"), yarn = ["--rope-scaling", "yarn", "--rope-factor", "4"]
        let beyond = try Program.run(["run", plain.path(), "hello", "--num-ctx", "1025"])
        #expect(beyond.status != 0 && beyond.errors.contains("positions go up to 1024"), "\(beyond.errors)")
        let within = try Program.run(["run", plain.path(), "hello", "--num-ctx", "4096", "--num-predict", "2"] + yarn)
        #expect(within.status == 0, "\(within.errors)")
        let tooFar = try Program.run(["run", plain.path(), "hello", "--num-ctx", "4097"] + yarn)
        #expect(tooFar.status != 0 && tooFar.errors.contains("positions go up to 4096"), "\(tooFar.errors)")
    }

    @Test(arguments: [
        (["--rope-factor", "4"], "--rope-scaling"), (["--rope-scaling", "yarn"], "yarn needs a factor"),
        (["--rope-scaling", "ntk"], "'ntk'"),
        (["--rope-scaling", "yarn", "--rope-factor", "0.5"], "--rope-factor is 0.5"),
        (["--rope-scaling", "yarn", "--rope-factor", "4", "--rope-original", "0"], "--rope-original is 0"),
        (["--rope-scaling", "linear", "--rope-factor", "4", "--rope-original", "9"], "only --rope-factor"),
    ])
    func badRopeOptionsAreClear(options: [String], words: String) throws {
        let outcome = try Program.run(["run", TinyArchitecture.named("qwen2").path(), "x"] + options)
        #expect(outcome.status != 0 && outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test(arguments: TinyArchitecture.all)
    func aPromptThatDoesNotFitIsAnErrorUnlessTheOldestTokensMayGo(model: TinyArchitecture) throws {
        let prompt = String(repeating: "a b c ", count: 30)
        let arguments = [
            "run", try model.path(), prompt, "--num-ctx", "128", "--num-predict", "3", "--temperature", "0",
        ]
        let refused = try Program.run(arguments)
        #expect(refused.status != 0 && refused.errors.contains("but the context holds 128"), "\(refused.errors)")
        let shifted = try Program.run(arguments + ["--overflow", "shift"])
        #expect(
            shifted.status == 0 && shifted.errors.contains("oldest tokens of the conversation were left out"),
            "\(shifted.errors)")
        let short = try Program.run([
            "run", model.path(), "hello", "--num-ctx", "128", "--num-predict", "3", "--overflow", "shift",
        ])
        #expect(short.status == 0 && short.errors == "", "\(short.errors)")
    }
}
