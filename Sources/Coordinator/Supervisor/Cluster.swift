import Control
import Launch
import Scheduling
import Simulation
import Foundation
import Kernels
import Messaging
import ModelStore
import Planning
import Transformer
import Wire

/// Workers that hold a model together, ready to compute.
///
/// Made by `Cluster.start`. While it lives it asks every worker for its health twice a second; a worker that fails or
/// falls silent ends whatever is being computed with one clear error.
public final class Cluster: Sendable {
    /// What is going on while a cluster starts; for a progress display.
    public enum Progress: Sendable, Equatable {
        /// Waiting for workers to answer.
        case connecting(answered: Int, of: Int)
        /// Weights are being sent to a worker that has no model file; several at once report.
        case sending(worker: String, sent: Int, of: Int)
        /// Workers and the ways to them are being measured.
        case measuring(done: Int, of: Int)
        /// Share of all weights loaded, 0 to 1.
        case loading(Double)
    }

    /// The settings of a plan.
    public struct Options: Sendable {
        /// Positions of the context.
        public var contextLength: Int
        /// Layers per worker; nil lets the planner decide.
        public var layers: [Int]?
        /// What the plan is to be good at.
        public var goal = PlanningGoal.latency
        /// What a cluster file states of the workers, so that it need not be measured.
        public var stated: [ClusterFile.Node]?
        /// Whether workers are measured even where the plan does not depend on it, for the sake of what it predicts.
        public var measuresAlways = false
        /// How keys and values are kept.
        public var kvType: KVType
        /// How positions are stretched; nil: as the model's file says.
        public var ropeScaling: RopeScaling?
        /// How long workers may take to answer at first.
        public var patience: Duration
        /// How long a worker that is lost while it is sent its weights may take to come back.
        public var deliveryPatience = Duration.seconds(30)
        /// Positions of KV cache for all sequences together; nil, or less than one context: one context.
        public var kvTokens: Int?
        /// Frames that may be on their way; nil: twice the stages and two.
        public var inFlight: Int?

        /// Settings for a plan.
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

    /// The plan in force, the workers in the order of their stages, and the model's facts.
    public let plan: Plan
    public let nodes: [NodeConnection]
    public let configuration: ModelConfiguration
    /// How keys and values are kept.
    public let kvType: KVType
    /// What the workers had to be sent.
    public let delivery: Delivery
    /// What steps of the line are expected to cost.
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
        names = ClusterStatus.names(of: nodes.map(\.url.description), given: given)
        let monitor = HeartbeatMonitor(nodes: nodes, pipeline: pipeline, epoch: epoch)
        self.monitor = monitor
        watch = Task { await monitor.run() }
    }

    /// Ends the plan on every worker, and the local workers themselves.
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
    /// The stages as the workers described them last.
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
    /// What the node says of itself; nil: it does not answer.
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
