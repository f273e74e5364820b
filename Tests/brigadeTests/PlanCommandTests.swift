import Foundation
import Testing
import TinyModel

/// `brigade plan` over the cluster files that come with Brigade, and over running workers.
@Suite(.serialized, .enabled(if: CommandLineTests.isPossible), .timeLimit(.minutes(5)))
struct PlanCommandTests {
    private struct Report: Decodable {
        struct LeftOut: Decodable {
            var node: String, why: String
        }
        struct Stage: Decodable {
            var node: String, layers: Int, head: Bool
            var weightBytes: Int, kvBytes: Int, workspaceBytes: Int, budget: Int
            var millisecondsPerToken: Double
        }
        var stages: [Stage], leftOut: [LeftOut], tokensPerSecond: Double, hopMilliseconds: Double
    }

    private static let configs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
        path: "../../Configs"
    ).standardized.path

    private static let qwq: String = {
        let path = CommandLineTests.folder + "/qwq-header.gguf"
        try? QwQHeader.write(to: path)
        return path
    }()

    private func plan(_ arguments: [String]) throws -> Report {
        let outcome = try CommandLineTests.run(["plan"] + arguments + ["--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    }

    @Test(arguments: ["three-equal", "four-unequal"]) func qwqFitsTheExamples(_ name: String) throws {
        let report = try plan([Self.qwq, "--cluster", Self.configs + "/\(name).yaml"])
        #expect(report.stages.reduce(0) { $0 + $1.layers } == 64)
        #expect(report.stages.allSatisfy { $0.weightBytes + $0.kvBytes + $0.workspaceBytes <= $0.budget })
        #expect(report.stages.last?.head == true)
        let total = report.stages.reduce(report.hopMilliseconds) { $0 + $1.millisecondsPerToken }
        #expect(abs(report.tokensPerSecond - 1000 / total) < 0.001 * report.tokensPerSecond)
    }

    @Test func oneMachineIsMeasured() throws {
        let report = try plan([
            try TinyModel.path(), "--cluster", Self.configs + "/one-machine.yaml", "--num-ctx", "64",
        ])
        #expect(report.stages.count + report.leftOut.count == 3)
        #expect(report.tokensPerSecond > 0)
    }

    @Test func theWholeContextIsPlannedOnPaper() throws {
        let path = CommandLineTests.folder + "/large.yaml"
        let nodes = (1...4).map {
            """
              - name: n\($0)\n    url: tcp://10.0.0.\($0):7750\n    threads: 8\n    memory: 16GiB\n    bandwidth: \
              40\n    int8: 900\n
            """
        }
        try ("nodes:\n" + nodes.joined()).write(toFile: path, atomically: true, encoding: .utf8)
        let report = try plan([Self.qwq, "--cluster", path, "--num-ctx", "131072"])
        #expect(report.stages.reduce(0) { $0 + $1.kvBytes } == 32 << 30)
    }

    @Test func aRefusalSaysWhatWouldFit() throws {
        let outcome = try CommandLineTests.run([
            "plan", Self.qwq, "--cluster", Self.configs + "/three-equal.yaml", "--num-ctx", "65536", "--kv", "f16",
        ])
        #expect(outcome.status == 1)
        for word in ["too little", "a context of at most", "one more node of"] {
            #expect(outcome.errors.contains(word), "\(outcome.errors)")
        }
        let several = try CommandLineTests.run([
            "plan", Self.qwq, "--cluster", Self.configs + "/three-equal.yaml", "--num-ctx", "8192", "--kv", "f16",
            "--parallel", "8",
        ])
        #expect(
            several.status == 1 && several.errors.contains("with 8 contexts of 8192 tokens needs"), "\(several.errors)")
        #expect(several.errors.contains("a single context (--parallel 1)"), "\(several.errors)")
    }
}
