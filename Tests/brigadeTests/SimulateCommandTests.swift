import Foundation
import Testing

/// `brigade simulate` with a model of which there is only the header.
@Suite(.serialized, .enabled(if: CommandLineTests.isPossible), .timeLimit(.minutes(5)))
struct SimulateCommandTests {
    private struct Simulated: Decodable {
        struct Run: Decodable { var streams: Int, speed: Double, promptSpeed: Double, firstTokenMedian: Double }
        var nodes: Int, stages: Int, plannedTokensPerSecond: Double, runs: [Run]
    }

    private static let configs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
        path: "../../Configs"
    ).standardized.path

    private static let qwq: String = {
        let path = CommandLineTests.folder + "/qwq-simulated.gguf"
        try? QwQHeader.write(to: path)
        return path
    }()

    private func simulate(_ arguments: [String]) throws -> [Simulated] {
        let outcome = try CommandLineTests.run(["simulate", Self.qwq] + arguments + ["--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try JSONDecoder().decode([Simulated].self, from: Data(outcome.output.utf8))
    }

    @Test func nodesThatNobodyHasAreSimulated() throws {
        let clusters = try simulate(["--nodes-of", "2,4,64", "--streams", "1,8", "--tokens", "16", "--link", "10gbe"])
        #expect(clusters.map(\.nodes) == [2, 4, 64] && clusters.map(\.stages) == [2, 4, 64])
        for cluster in clusters {
            #expect(abs(cluster.runs[0].speed / cluster.plannedTokensPerSecond - 1) < 0.01)
            #expect(cluster.runs[1].speed > 2 * cluster.runs[0].speed)
        }
    }

    @Test func aClusterFileIsSimulated() throws {
        let found = try simulate(["--cluster", Self.configs + "/four-unequal.yaml", "--streams", "1,4"])
        #expect(found.count == 1 && found[0].nodes == 4 && found[0].runs.map(\.streams) == [1, 4])
        let slow = try simulate(["--cluster", Self.configs + "/four-unequal.yaml", "--streams", "1", "--link", "100:1"])
        #expect(slow[0].runs[0].speed < 0.9 * found[0].runs[0].speed)
    }

    @Test(arguments: [
        (["--nodes-of", "0"], "--nodes-of has \"0\""), (["--nodes-of", "2", "--link", "fast"], "--link is \"fast\""),
        ([], "Give the nodes to simulate"),
        (["--nodes-of", "2", "--streams", "1,,2"], "--streams has \"\""),
        (["--nodes-of", "2", "--memory", "much"], "--memory is \"much\""),
        (["--nodes-of", "2", "--memory", "1GiB"], "too little"),
        (["--nodes-of", "2", "--num-ctx", "64"], "--num-ctx is 64"),
        (["--nodes-of", "2", "--nodes", "2"], "Nothing is started"),
        (["--cluster", configs + "/one-machine.yaml"], "does not state all"),
    ]) func badInputIsRefusedWithAReason(_ arguments: [String], _ reason: String) throws {
        let outcome = try CommandLineTests.run(["simulate", Self.qwq] + arguments)
        #expect(outcome.status != 0 && outcome.errors.contains(reason), "\(outcome.errors)")
    }
}
