import Control
import Coordinator
import ServiceLifecycle
import Synchronization

/// Asks the nodes of a running cluster for their health about twice a second and remembers the answers.
public final class RunningCluster: ClusterMonitor, Service {
    private let cluster: Cluster
    private let latest: Mutex<ClusterStatus>

    /// `names`: what the nodes are called, by their addresses; others are named after these.
    public init(_ cluster: Cluster, names: [String: String] = [:]) {
        self.cluster = cluster
        let urls = cluster.nodes.map(\.url.description), names = NodeNames(of: urls, given: names).all
        let stages = zip(cluster.plan.stages, zip(urls, names)).map { stage, node in
            ClusterStatus.Stage(
                url: node.0, name: node.1, firstLayer: stage.firstLayer, layerCount: stage.layerCount,
                hasHead: stage.hasHead, weightBytes: stage.weightBytes, kvBytes: stage.kvBytes, budget: stage.budget)
        }
        latest = Mutex(
            ClusterStatus(kvType: cluster.kvType.rawValue, layers: cluster.configuration.layers, stages: stages))
    }

    /// The latest known.
    public func status() -> ClusterStatus { latest.withLock { $0 } }

    /// Asks until the task is cancelled or the server stops.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.ask()
                try? await Task.sleep(for: .milliseconds(400))
            }
        }
    }

    private func ask() async {
        await withTaskGroup(of: Void.self) { group in
            for (i, node) in cluster.nodes.enumerated() {
                group.addTask {
                    let start = ContinuousClock.now
                    let report = try? await node.health(deadline: .seconds(2))
                    let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
                    self.latest.withLock { status in
                        status.stages[i].state = report?.state ?? "unreachable"
                        status.stages[i].roundTripMilliseconds = report == nil ? nil : milliseconds
                        guard let report else { return }
                        status.stages[i].threads = report.threads
                        status.stages[i].cpu = report.cpu
                        status.stages[i].residentBytes = report.memoryUsed
                        status.stages[i].frames = Int(clamping: report.framesDone)
                        status.stages[i].lastComputeMilliseconds = report.millisecondsPerToken
                        status.stages[i].blocksUsed = report.kvBlocksUsed
                        status.stages[i].bytesIn = report.bytesIn.map { Int(clamping: $0) }
                        status.stages[i].bytesOut = report.bytesOut.map { Int(clamping: $0) }
                    }
                }
            }
        }
    }
}
