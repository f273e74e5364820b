import Control
import ModelStore
import Planning
import Transformer

extension Cluster {
    /// What the workers had to be sent before they could begin.
    public struct Delivery: Sendable, Equatable, Codable {
        /// Workers that lacked something.
        public var workers = 0
        /// Bytes they lacked at first, and bytes sent to them; more were sent when a connection was cut.
        public var bytesMissing = 0, bytesSent = 0
        /// Time it took, for all of them together.
        public var seconds = 0.0

        /// Nothing.
        public init() {}
    }

    /// Sees to it that every worker has its slice at hand: what one lacks is sent, to all of them at once.
    ///
    /// A worker that is lost meanwhile is waited for, and goes on where it was left when it comes back.
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
            // Only now: a worker that nobody talks to closes its connections, see `WorkerNode.run`.
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
