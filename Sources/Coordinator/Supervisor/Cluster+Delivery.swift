import Control
import ModelStore
import Planning
import Transformer

extension Cluster {
    /// How much the workers had to be sent before they could start.
    public struct Delivery: Sendable, Equatable, Codable {
        /// Number of workers that lacked something.
        public var workers = 0
        /// Bytes they lacked at first, and bytes sent to them, which are more when a connection was cut.
        public var bytesMissing = 0, bytesSent = 0
        /// Duration in seconds, for all of them together.
        public var seconds = 0.0

        /// A delivery of nothing.
        public init() {}
    }

    /// Sends every worker the parts of its slice that it lacks, to all workers at once.
    ///
    /// If a worker is lost meanwhile, this waits for it, and continues where it stopped when it comes back.
    static func deliver(
        _ plan: Plan, to nodes: [NodeConnection], _ c: ModelConfiguration, _ model: Model, patience: Duration,
        _ progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> Delivery {
        let start = ContinuousClock.now
        var total = Delivery()
        let deliveries = zip(plan.stages, nodes).map { stage, node in
            NodeDelivery(
                node: node, model: model, configuration: c,
                layers: stage.firstLayer..<stage.firstLayer + stage.layerCount,
                head: stage.hasHead, patience: patience, progress: progress)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for delivery in deliveries { group.addTask { try await delivery.run() } }
            for _ in deliveries { try await group.next() }
            // Only now, since a worker without requests closes its connections; see `WorkerNode.run`.
            for delivery in deliveries { delivery.end() }
        }
        for delivery in deliveries {
            let counts = delivery.counts
            total.workers += counts.missing > 0 ? 1 : 0
            total.bytesMissing += counts.missing
            total.bytesSent += counts.sent
        }
        if total.workers > 0 { total.seconds = (ContinuousClock.now - start) / .seconds(1) }
        return total
    }
}
