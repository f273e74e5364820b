import Control
import Foundation
import Kernels
import Launch
import Messaging
import ModelStore
import Planning
import Scheduling
import Simulation
import Transformer
import Wire

/// Workers that together hold a model, ready to compute.
///
/// Made by `Cluster.start`. It asks every worker for its health about twice a second. When a worker fails or stops
/// answering, everything that is being computed ends with one clear error.
public final class Cluster: Sendable {
    /// The progress of a cluster's start.
    public enum Progress: Sendable, Equatable {
        /// Waiting for workers to answer.
        case connecting(answered: Int, of: Int)
        /// Weights are being sent to a worker that lacks them; several workers may report at once.
        case sending(worker: String, sent: Int, of: Int)
        /// Workers and the links to them are being measured.
        case measuring(done: Int, of: Int)
        /// Fraction of all weights loaded, from 0 to 1.
        case loading(Double)
    }

    /// The settings of a plan.
    public struct Options: Sendable {
        /// Context length in tokens; with a wish, the longest that may be chosen.
        public var contextLength: Int
        /// How the context's length follows from the workers' memory; nil: it is `contextLength`.
        public var contextWish: ContextWish?
        /// Number of layers of each worker; nil lets the planner decide.
        public var layers: [Int]?
        /// What the plan optimizes.
        public var goal = PlanningGoal.time(of: .reasoning)
        /// What a cluster file states about the workers, so that it need not be measured.
        public var stated: [ClusterFile.Node]?
        /// Whether workers are measured even if the plan does not depend on it, for its predictions.
        public var measuresAlways = false
        /// The type in which keys and values are stored.
        public var kvType: KVType
        /// How RoPE positions are scaled; nil: as the model's file says.
        public var ropeScaling: RopeScaling?
        /// How long a worker's first answer may take.
        public var patience: Duration
        /// How long to wait for a worker that is lost while weights are being sent to it.
        public var deliveryPatience = Duration.seconds(30)
        /// Positions of KV cache for all sequences together, at least one context; nil: one context. A wish decides
        /// this itself.
        public var kvTokens: Int?
        /// Limit on frames in flight, at least twice the stages plus two; nil: that number.
        public var inFlight: Int?

        /// Settings as given; the parameters are described at the properties.
        public init(
            contextLength: Int, layers: [Int]? = nil, kvType: KVType = .f16, ropeScaling: RopeScaling? = nil,
            patience: Duration = .seconds(4), kvTokens: Int? = nil, inFlight: Int? = nil
        ) {
            self.contextLength = contextLength
            self.kvTokens = kvTokens
            self.inFlight = inFlight
            self.kvType = kvType
            self.ropeScaling = ropeScaling
            self.layers = layers
            self.patience = patience
        }
    }

    /// The plan in force.
    public let plan: Plan
    /// The workers' connections, in the order of the stages.
    public let nodes: [NodeConnection]
    /// The model's configuration.
    public let configuration: ModelConfiguration
    /// The type in which keys and values are stored.
    public let kvType: KVType
    /// How much the workers had to be sent.
    public let delivery: Delivery
    /// The expected costs of the pipeline's steps.
    let stepCosts: StepCosts
    let pipeline: Pipeline
    let epoch: UInt64
    private let names: [String]
    private let monitor: HeartbeatMonitor, watch: Task<Void, Never>
    private let local: LocalWorkers?

    init(
        plan: Plan, nodes: [NodeConnection], configuration: ModelConfiguration, pipeline: Pipeline, epoch: UInt64,
        local: LocalWorkers?, delivery: Delivery, stepCosts: StepCosts, options: Options
    ) {
        self.plan = plan
        self.nodes = nodes
        self.configuration = configuration
        kvType = options.kvType
        self.stepCosts = stepCosts
        self.pipeline = pipeline
        self.epoch = epoch
        self.local = local
        self.delivery = delivery
        let given = Dictionary((options.stated ?? []).map { ($0.url.description, $0.name) }) { first, _ in first }
        names = NodeNames(of: nodes.map(\.url.description), given: given).all
        let monitor = HeartbeatMonitor(nodes: nodes, pipeline: pipeline, epoch: epoch)
        self.monitor = monitor
        watch = Task { await monitor.run() }
    }

    /// Ends the plan on every worker, and stops the local workers.
    public func stop() async {
        let reason = CoordinatorError(.nodeLost, "the cluster was stopped")
        await pipeline.drain(reason, within: .seconds(2))
        watch.cancel()
        pipeline.fail(reason)
        for node in nodes { node.onLoss(nil) }
        await Self.release(nodes, epoch)
        local?.stop()
    }

    static func release(_ nodes: [NodeConnection], _ epoch: UInt64) async {
        await withTaskGroup(of: Void.self) { group in
            for node in nodes { group.addTask { await node.release(epoch: epoch, deadline: .seconds(1)) } }
        }
    }
}

extension Cluster: ClusterMonitor {
    /// The stages, with what the workers last reported.
    public func status() -> ClusterStatus {
        let samples = monitor.samples
        let stages = plan.stages.indices.map { i in
            var stage = ClusterStatus.Stage(
                url: nodes[i].url.description, name: names[i], firstLayer: plan.stages[i].firstLayer,
                layerCount: plan.stages[i].layerCount, hasHead: plan.stages[i].hasHead,
                weightBytes: plan.stages[i].weightBytes, kvBytes: plan.stages[i].kvBytes, budget: plan.stages[i].budget)
            if let sample = samples[i] {
                stage.note(sample.report, roundTripMilliseconds: sample.roundTripMilliseconds)
            }
            return stage
        }
        return ClusterStatus(kvType: kvType.rawValue, layers: configuration.layers, stages: stages)
    }
}

extension ClusterStatus.Stage {
    /// Records the node's report; nil: it does not answer.
    mutating func note(_ report: HealthReport?, roundTripMilliseconds: Double?) {
        state = report?.state.rawValue ?? "unreachable"
        self.roundTripMilliseconds = roundTripMilliseconds
        guard let report else { return }
        threads = report.threads
        cpu = report.cpu
        residentBytes = report.memoryUsed
        frames = Int(clamping: report.framesDone)
        lastComputeMilliseconds = report.millisecondsPerToken
        blocksUsed = report.kvBlocksUsed
        bytesIn = report.bytesIn.map { Int(clamping: $0) }
        bytesOut = report.bytesOut.map { Int(clamping: $0) }
    }
}
