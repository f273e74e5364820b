import ArgumentParser
import Sampling
import Testing

@testable import brigade

/// What can be typed behind a command, without running it.
struct OptionTests {
    private func run(_ options: String...) throws -> RunCommand {
        try RunCommand.parse(["model.gguf", "hello"] + options)
    }

    @Test func negativeNumbersCanBeTyped() throws {
        let command = try run(
            "--num-predict", "-1", "--repeat-last-n", "-1", "--presence-penalty", "-0.5", "--frequency-penalty", "-1.5",
            "--seed", "-1")
        #expect(command.numPredict == -1)
        let parameters = try command.sampling.parameters(SamplingParameters(seed: 7))
        #expect(
            parameters.repeatLastN == -1 && parameters.presencePenalty == -0.5 && parameters.frequencyPenalty == -1.5)
        #expect(parameters.seed == nil)
        #expect(throws: (any Error).self) { try run("--num-predict", "-2") }
    }

    @Test func llamaCppsNamesAreKnown() throws {
        let short = try run("-n", "-1", "-c", "512", "-t", "2", "-s", "5", "--temp", "0.5")
        #expect(short.numPredict == -1 && short.cluster.numCtx == 512 && short.cluster.threads == 2)
        #expect(short.sampling.seed?.number == 5 && short.sampling.temperature == 0.5)
        let long = try run("--n-predict", "7", "--ctx-size", "64")
        #expect(long.numPredict == 7 && long.cluster.numCtx == 64)
        #expect(try Brigade.parseAsRoot(["ls"]) is ModelsCommand)
    }

    @Test func anOptionWithoutEffectIsRefused() throws {
        func bench(_ options: String...) throws -> BenchCommand { try BenchCommand.parse(["model.gguf"] + options) }
        for mode in [["--streams", "1,2"], ["--beside", "100"], ["--turns"]] {
            #expect(throws: (any Error).self) { try BenchCommand.parse(["model.gguf"] + mode) }
            for line in [["--nodes", "2"], ["--workers", "tcp://10.0.0.1"], ["--cluster", "a.yaml"]] {
                _ = try BenchCommand.parse(["model.gguf"] + mode + line)
            }
        }
        #expect(throws: (any Error).self) { try bench("--nodes", "2", "--turns", "--beside", "100") }
        #expect(throws: (any Error).self) { try bench("--workers", "tcp://10.0.0.1", "--threads", "2") }
        #expect(throws: (any Error).self) { try run("--workers", "tcp://10.0.0.1", "--threads", "2") }
        #expect(try run("--nodes", "2", "--threads", "2").cluster.threads == 2)
    }

    @Test func aSeedIsAnyWholeNumber() throws {
        func seed(_ text: String) throws -> UInt64? {
            try run("--seed", text).sampling.parameters(SamplingParameters()).seed
        }
        #expect(
            try seed("0") == 0 && seed("42") == 42 && seed("18446744073709551615") == .max
                && seed("-9223372036854775808") == nil)
        #expect(throws: (any Error).self) { try seed("x") }
        #expect(try run().sampling.parameters(SamplingParameters(seed: 7)).seed == 7)
    }
}
