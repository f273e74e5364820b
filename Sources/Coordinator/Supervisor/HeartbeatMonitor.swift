import Control
import Launch
import Messaging
import Synchronization
import Wire

/// Asks a plan's workers regularly for their health, so that nothing waits for a dead worker or a lost frame, and
/// remembers the reports.
final class HeartbeatMonitor: Sendable {
    /// A worker's last heartbeat.
    struct Sample: Sendable {
        /// The report; nil when the worker did not answer.
        var report: HealthReport?
        var roundTripMilliseconds: Double?
    }

    private let nodes: [NodeConnection]
    private let pipeline: Pipeline
    private let epoch: UInt64
    private let latest: Mutex<[Sample?]>

    init(nodes: [NodeConnection], pipeline: Pipeline, epoch: UInt64) {
        self.nodes = nodes
        self.pipeline = pipeline
        self.epoch = epoch
        latest = Mutex(nodes.map { _ in nil })
    }

    /// The workers' last heartbeats, in the order of the stages; nil before the first.
    var samples: [Sample?] { latest.withLock { $0 } }

    /// Asks all workers until cancelled. When one is lost, ends the pipeline with a clear error.
    func run() async {
        let pipeline = pipeline
        for node in nodes {
            node.onLoss { pipeline.fail(Self.lost(node, "its connection closed")) }
        }
        var idleLooks = 0, lastResults = -1
        while !Task.isCancelled {
            guard let reports = await ask() else { return }
            // No stage computes, yet a frame is in flight and no result has come for several rounds: it was lost.
            let results = pipeline.results
            let stuck = pipeline.inFlight > 0 && results == lastResults && !reports.contains { $0.computing }
            idleLooks = stuck ? idleLooks + 1 : 0
            lastResults = results
            if idleLooks >= Self.patience(bytes: pipeline.bytesInFlight) { return reportLostFrame(reports) }
            try? await Task.sleep(for: .milliseconds(500))
        }
    }

    /// The number of rounds without progress, two per second, after which the frames in flight count as lost. No stage
    /// computes while a frame is on a slow link, so this allows for links of 100 kB/s.
    static func patience(bytes: Int) -> Int { 4 + bytes / 50_000 }

    /// Every worker's health, in the order of the stages; nil when one is lost, after ending the pipeline.
    private func ask() async -> [HealthReport]? {
        await withTaskGroup(of: Void.self) { group in
            for (i, node) in nodes.enumerated() {
                group.addTask { [epoch] in
                    let start = ContinuousClock.now
                    let report = try? await node.heartbeat(epoch: epoch, deadline: .seconds(3))
                    let milliseconds = report == nil ? nil : (ContinuousClock.now - start) / .milliseconds(1)
                    self.latest.withLock { $0[i] = Sample(report: report, roundTripMilliseconds: milliseconds) }
                }
            }
        }
        // A missing answer is not a loss while the workers are being stopped.
        if Task.isCancelled { return nil }
        var reports: [HealthReport] = []
        for (node, sample) in zip(nodes, samples) {
            guard let report = sample?.report else {
                pipeline.fail(Self.lost(node, "it has not answered for 3 s"))
                return nil
            }
            if report.state == .failed || report.epoch != epoch {
                let reason = report.problem ?? "it left the plan"
                pipeline.fail(CoordinatorError(.nodeLost, "worker \(node.url) failed: \(reason)"))
                return nil
            }
            reports.append(report)
        }
        return reports
    }

    private func reportLostFrame(_ reports: [HealthReport]) {
        let seen = zip(nodes, reports).map { "\($0.url) has done \($1.lastFrame.map { "frame \($0)" } ?? "none")" }
        pipeline.fail(
            CoordinatorError(
                .frameLost,
                """
                a frame was lost between two stages (\(seen.joined(separator: ", "))). Check the network between them \
                and try again
                """))
    }

    private static func lost(_ node: NodeConnection, _ how: String) -> CoordinatorError {
        CoordinatorError(.nodeLost, "worker \(node.url) was lost: \(how). Start it again, or run without it")
    }
}
