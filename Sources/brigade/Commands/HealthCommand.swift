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
            show(results, NodeNames(of: order, given: Dictionary(zip(order, named.map(\.name))) { first, _ in first }))
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

    private func show(_ results: [NodeHealth], _ names: NodeNames) {
        let rows = results.map { health -> [String] in
            let report = health.report
            return [
                names[health.url], report?.state.rawValue ?? "unreachable", report.map(Self.layers) ?? "-",
                report.map { readable($0.memoryUsed) } ?? "-", report.map { readable($0.memoryBudget) } ?? "-",
                report?.millisecondsPerToken.map { String(format: "%.2f", $0) } ?? "-",
                health.roundTripMilliseconds.map { String(format: "%.2f ms", $0) } ?? "-",
            ]
        }
        emit(
            Table(
                [
                    .text("node", least: 8), .text("state"), .number("layers"), .number("memory"),
                    .number("budget", rank: 2), .number("ms/token"), .number("round trip", rank: 1),
                ], rows
            ).text())
        for health in results {
            if let report = health.report {
                let known = named(health, names)
                emit("\n")
                for line in known { emit(shortened(line, to: Table.outputWidth ?? .max) + "\n") }
                for line in Self.details(report) { emit(paragraph: line, hanging: 2) }
            } else {
                say("\(names[health.url]): \(health.error ?? "it cannot be reached")")
            }
        }
    }

    /// The node's name, and its address where that is another.
    private func named(_ health: NodeHealth, _ names: NodeNames) -> [String] {
        let name = names[health.url]
        return [health.url.contains(name) ? health.url : "\(name) at \(health.url)"]
    }

    private static func layers(_ report: HealthReport) -> String {
        guard let first = report.firstLayer, let count = report.layerCount else { return "-" }
        return count == 0 ? "head" : "\(first)-\(first + count - 1)\(report.hasHead ? "+head" : "")"
    }

    /// What a table has no room for, a line each.
    private static func details(_ report: HealthReport) -> [String] {
        var lines = report.problem.map { ["  \(report.state.rawValue): \($0)"] } ?? []
        let threads = report.threads == 1 ? "1 thread" : "\(report.threads) threads"
        lines.append(
            """
              brigade \(report.version), \(threads) on \(report.cpu) \
            (\(report.cpuFeatures.joined(separator: " ")))
            """)
        if report.state == .loading, let share = report.loadProgress {
            lines.append(String(format: "  %.0f %% of the weights are loaded", share * 100))
        }
        if report.state == .idle, report.memoryUsed > 0 { lines.append("  weights are kept for the next start") }
        let blocks = report.kvBlockCount > 0 ? "\(report.kvBlocksUsed) of \(report.kvBlockCount) KV blocks; " : ""
        lines.append("  \(blocks)\(report.framesDone) frames and \(report.tokensDone) tokens done")
        return lines
    }
}
