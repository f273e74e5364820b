import ArgumentParser
import Control
import Foundation
import Launch
import Messaging
import Wire

struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask workers how they are.",
        discussion: "Exit status 0: all are well; 1: one has failed; 2: one cannot be reached.")

    @Argument(help: "The workers' addresses (default: tcp://127.0.0.1:7750).")
    var urls: [String] = []

    @Option(help: ArgumentHelp("Ask the nodes of a cluster file.", valueName: "FILE"))
    var cluster: String?

    @Flag(help: "Print JSON, one array with an object per worker.")
    var json = false

    func validate() throws {
        if cluster != nil && !urls.isEmpty { throw ValidationError("Give addresses or --cluster, not both.") }
    }

    func run() async throws {
        let named = try cluster.map { try ClusterFile(path: $0).nodes } ?? []
        let nodes =
            try named.isEmpty
            ? (urls.isEmpty ? ["tcp://127.0.0.1:7750"] : urls).map { try NodeConnection(NodeURL($0)) }
            : named.map { try NodeConnection($0.url) }
        var results: [NodeHealth] = []
        await withTaskGroup(of: NodeHealth.self) { group in
            for node in nodes { group.addTask { await Self.ask(node) } }
            for await health in group { results.append(health) }
        }
        let order = nodes.map(\.url.description)
        results.sort { (order.firstIndex(of: $0.url) ?? 0) < (order.firstIndex(of: $1.url) ?? 0) }
        if !named.isEmpty {
            for index in results.indices { results[index].name = named[index].name }
        }
        if json {
            try emit(json: results)
        } else {
            for result in results { Self.show(result) }
        }
        if results.contains(where: { $0.report == nil }) { throw ExitCode(2) }
        if results.contains(where: { $0.report?.state == .failed }) { throw ExitCode(1) }
    }

    /// One worker's answer, or why there is none.
    struct NodeHealth: Codable, Sendable {
        /// What a cluster file calls it.
        var name: String?
        var url: String
        var roundTripMilliseconds: Double?
        var error: String?
        var report: HealthReport?
    }

    private static func ask(_ node: NodeConnection) async -> NodeHealth {
        do {
            _ = try await node.health(deadline: .seconds(3))  // makes the connection
            let start = ContinuousClock.now
            let report = try await node.health(deadline: .seconds(3))
            let spent = (ContinuousClock.now - start).components
            return NodeHealth(
                url: node.url.description,
                roundTripMilliseconds: Double(spent.attoseconds) / 1e15 + Double(spent.seconds) * 1000,
                error: nil, report: report)
        } catch {
            return NodeHealth(url: node.url.description, roundTripMilliseconds: nil, error: "\(error)", report: nil)
        }
    }

    private static func title(_ health: NodeHealth) -> String { (health.name.map { "\($0) " } ?? "") + health.url }

    private static func show(_ health: NodeHealth) {
        guard let report = health.report else {
            print("\(title(health))  unreachable: \(health.error ?? "")", to: &standardError)
            return
        }
        var lines = ["\(title(health))  \(report.state)" + (report.problem.map { ": \($0)" } ?? "")]
        lines.append(
            """
              brigade \(report.version) on \(report.cpu) (\(report.cpuFeatures.joined(separator: " "))), \
            \(report.threads) threads
            """
        )
        if let first = report.firstLayer, let count = report.layerCount {
            lines.append("  slice: layers \(first)-\(first + count - 1)\(report.hasHead ? " and the head" : "")")
        }
        let share =
            report.state == .loading
            ? report.loadProgress.map { String(format: ", %.0f %% of the weights are loaded", $0 * 100) } : nil
        let kept = report.state == .idle && report.memoryUsed > 0 ? ", weights kept for the next start" : nil
        lines.append(
            "  memory: \(readable(report.memoryUsed)) of \(readable(report.memoryBudget))\(share ?? kept ?? "")")
        if report.kvBlockCount > 0 { lines.append("  KV blocks: \(report.kvBlocksUsed) of \(report.kvBlockCount)") }
        lines.append("  done: \(report.framesDone) frames, \(report.tokensDone) tokens")
        if let ms = report.millisecondsPerToken {
            lines.append(String(format: "  %.2f ms per token in this stage", ms))
        }
        if let ms = health.roundTripMilliseconds { lines.append(String(format: "  %.2f ms round trip", ms)) }
        emit(lines.joined(separator: "\n") + "\n")
    }
}
