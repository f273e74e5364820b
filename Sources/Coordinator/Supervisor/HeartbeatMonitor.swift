import Control
import Launch
import Messaging
import Wire

/// Sees to it that nobody waits for a dead worker or a lost frame.
struct HeartbeatMonitor {
    let nodes: [NodeConnection]
    let pipeline: Pipeline
    let epoch: UInt32
    let local: LocalWorkers?

    /// Asks all workers for their health until cancelled. Ends the pipeline with a clear error when one is lost.
    func run() async {
        let pipeline = pipeline
        for node in nodes {
            node.onLoss {
                pipeline.fail(Self.lost(node, "its connection closed"))
            }
        }
        var idleLooks = 0, lastResults = -1
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(500))
            if Task.isCancelled { return }
            guard let reports = await look() else { return }
            // Nobody computes, yet a frame is under way and nothing has come out for several looks: it was lost.
            let results = pipeline.results
            let stuck = pipeline.inFlight > 0 && results == lastResults && !reports.contains { $0.computing }
            idleLooks = stuck ? idleLooks + 1 : 0
            lastResults = results
            if idleLooks >= Self.patience(bytes: pipeline.bytesInFlight) { return reportLostFrame(reports) }
        }
    }

    /// After how many looks without anything, two a second, what is under way is lost. While a frame is on a slow way
    /// nobody computes either: even one of 100 kB/s is waited for.
    static func patience(bytes: Int) -> Int { 4 + bytes / 50_000 }

    private func look() async -> [HealthReport]? {
        let answers = await withTaskGroup(of: Answer.self) { group in
            for (i, node) in nodes.enumerated() {
                group.addTask { [epoch] in
                    Answer(node: i, report: try? await node.heartbeat(epoch: epoch, deadline: .seconds(3)))
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for answer in answers {
            let node = nodes[answer.node]
            guard let report = answer.report else {
                pipeline.fail(Self.lost(node, "it has not answered for 3 s"))
                return nil
            }
            if report.state == "failed" || report.epoch != epoch {
                let reason = report.problem ?? "it left the plan"
                pipeline.fail(CoordinatorError(.nodeLost, "worker \(node.url) failed: \(reason)"))
                return nil
            }
        }
        return answers.sorted { $0.node < $1.node }.compactMap(\.report)
    }

    /// One worker's health, nil when it did not answer.
    private struct Answer: Sendable {
        var node: Int
        var report: HealthReport?
    }

    private func reportLostFrame(_ reports: [HealthReport]) {
        let seen = zip(nodes, reports).map { "\($0.url) has done \($1.lastFrame.map { "frame \($0)" } ?? "none")" }
        pipeline.fail(
            CoordinatorError(
                .frameLost,
                """
                a frame was lost between two stages (\(seen.joined(separator: ", "))). Check the network between them \
                and try again
                """
            ))
    }

    private static func lost(_ node: NodeConnection, _ how: String) -> CoordinatorError {
        CoordinatorError(.nodeLost, "worker \(node.url) was lost: \(how). Start it again, or run without it")
    }
}
