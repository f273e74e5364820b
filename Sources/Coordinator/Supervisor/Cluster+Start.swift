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

extension Cluster {
    /// Connects to the workers, makes a plan, lets every worker load its slice, and joins them to a pipeline.
    public static func start(
        _ urls: [NodeURL], model: Model, options: Options, local: LocalWorkers? = nil,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> Cluster {
        let all = try urls.map { try NodeConnection($0) }
        let greetings = try await greet(all, options, local, progress)
        for (node, greeting) in zip(all, greetings) {
            if let theirs = greeting.modelFingerprint, theirs != model.fingerprint {
                throw CoordinatorError(
                    .wrongModel,
                    """
                    worker \(node.url) has another model: fingerprint \(theirs.prefix(16)), expected \
                    \(model.fingerprint.prefix(16)) of "\(model.name)". Start it with this file, or without --model to \
                    have its slice sent
                    """
                )
            }
        }
        var c = try ModelConfiguration(model.file)
        if let scaling = options.ropeScaling { c = try c.scaled(scaling) }
        let facts = try await facts(all, greetings, model, options, progress).leveled()
        let plan = try plan(facts, model: model, options: options)
        let costs =
            needsMeasuring(all, options)
            ? try ModelledPipeline(plan, facts: facts, model: model).stepCosts : StepCosts()
        let nodes = plan.stages.map { all[$0.node] }
        let delivery = try await deliver(plan, to: nodes, c, model, patience: options.deliveryPatience, progress)
        // The time in microseconds, so that every new plan has a higher epoch than earlier ones, also after a restart.
        let epoch = UInt64(max(Date().timeIntervalSince1970, 0) * 1e6)
        let pull = try PullSocket()
        let resultURL = try pull.listen(resultAddress(nodes.last!, local))
        do {
            try await assign(plan, options, nodes, c, model, epoch: epoch, resultURL: resultURL)
            try await waitUntilReady(nodes, plan, epoch, progress)
        } catch {
            // Frees the workers that accepted the plan for the next one.
            await release(nodes, epoch)
            throw error
        }
        let push = try PushSocket()
        try push.dial(nodes[0].url.dataURL)
        let pipeline = Pipeline(
            epoch: epoch, credits: max(2 * nodes.count + 2, options.inFlight ?? 0), push: SharedSocket(push),
            pull: SharedSocket(pull))
        return Cluster(
            plan: plan, nodes: nodes, configuration: c, pipeline: pipeline, epoch: epoch, local: local,
            delivery: delivery, stepCosts: costs, options: options)
    }

    static func greet(
        _ nodes: [NodeConnection], _ options: Options, _ local: LocalWorkers?,
        _ progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> [HelloReply] {
        progress(.connecting(answered: 0, of: nodes.count))
        return try await withThrowingTaskGroup(of: (Int, HelloReply).self) { group in
            for (i, node) in nodes.enumerated() {
                group.addTask { (i, try await Self.greet(node, options)) }
            }
            if let local {
                // A worker that has ended cannot answer: report that at once.
                group.addTask {
                    while true {
                        if let ended = local.firstEnded() {
                            throw CoordinatorError(
                                .notStarted,
                                """
                                local worker \(ended.index + 1) ended with status \(ended.status) before it was ready; \
                                its message stands above
                                """
                            )
                        }
                        try await Task.sleep(for: .milliseconds(50))
                    }
                }
            }
            var greetings = [HelloReply?](repeating: nil, count: nodes.count), answered = 0
            while answered < nodes.count, let (i, greeting) = try await group.next() {
                greetings[i] = greeting
                answered += 1
                progress(.connecting(answered: answered, of: nodes.count))
            }
            group.cancelAll()
            return greetings.compactMap { $0 }
        }
    }

    /// Greets a worker.
    ///
    /// - Throws: when its arithmetic differs from this program's, since the same prompt would then get different
    ///   answers.
    private static func greet(_ node: NodeConnection, _ options: Options) async throws -> HelloReply {
        let own = ArithmeticVersion.current
        let reply = try await node.hello(Greeting(arithmetic: own), deadline: options.patience)
        guard reply.arithmetic == own else {
            throw CoordinatorError(
                .refused,
                """
                worker \(node.url) (Brigade \(reply.version)) computes another arithmetic, \
                \(reply.arithmetic ?? "unknown"), \
                than this program (Brigade \(ProgramVersion.current)), \(own): their answers would differ. Install the \
                same \
                version on both machines
                """)
        }
        return reply
    }

    /// The address where the last stage reaches the coordinator: beside local workers' sockets, or this machine's
    /// address as the worker sees it.
    private static func resultAddress(_ last: NodeConnection, _ local: LocalWorkers?) throws -> NodeURL {
        if let local, case .ipc = last.url.transport { return try local.resultURL }
        switch last.url.transport {
        case .inproc(let name): return try NodeURL("inproc://\(name).results-\(UInt32.random(in: 0...UInt32.max))")
        case .ipc(let path):
            let beside = "ipc://\(path).results-\(UInt32.random(in: 0...UInt32.max))"
            if let url = try? NodeURL(beside) { return url }
            return try NodeURL("ipc://" + SocketFolder.freshPath(room: 0))
        case .tcp:
            guard let mine = last.localAddress, let colon = mine.lastIndex(of: ":") else {
                throw CoordinatorError(.unreachable, "the connection to worker \(last.url) was lost. Try again")
            }
            return try NodeURL(mine[..<colon] + ":0")
        }
    }

    private static func assign(
        _ plan: Plan, _ options: Options, _ nodes: [NodeConnection], _ c: ModelConfiguration, _ model: Model,
        epoch: UInt64,
        resultURL: NodeURL
    ) async throws {
        for (i, (stage, node)) in zip(plan.stages, nodes).enumerated().reversed() {
            let next = i + 1 < nodes.count ? nodes[i + 1].url.dataURL : resultURL
            let assignment = Assignment(
                epoch: epoch, modelFingerprint: model.fingerprint, firstLayer: stage.firstLayer,
                layerCount: stage.layerCount,
                hasHead: stage.hasHead, contextLength: plan.contextLength, kvBlockCount: plan.kvBlockCount,
                kvType: options.kvType.rawValue,
                rowType: RowType.f32.name, nextURL: next.description, width: c.width,
                vocabulary: c.vocabulary,
                rope: RopeSetting(c.ropeScaling))
            guard case .assigned(let reply) = try await node.call(.assign(assignment), deadline: .seconds(10)) else {
                throw node.unexpected
            }
            guard !reply.needsWeights else {
                throw CoordinatorError(
                    .refused,
                    """
                    worker \(node.url) has received its slice but cannot find it. Check the disk of its cache directory
                    """
                )
            }
        }
    }

    private static func waitUntilReady(
        _ nodes: [NodeConnection], _ plan: Plan, _ epoch: UInt64, _ progress: @escaping @Sendable (Progress) -> Void
    ) async throws {
        let total = max(plan.stages.reduce(0) { $0 + $1.weightBytes }, 1)
        while true {
            var ready = 0, loaded = 0.0
            for (node, stage) in zip(nodes, plan.stages) {
                let health = try await node.heartbeat(epoch: epoch, deadline: .seconds(4))
                if health.state == .failed {
                    throw CoordinatorError(
                        .nodeLost, "worker \(node.url) could not load its slice: \(health.problem ?? "no reason given")"
                    )
                }
                guard health.epoch == epoch else {
                    throw CoordinatorError(
                        .nodeLost,
                        """
                        worker \(node.url) left the plan while it loaded its slice; it was started anew, or heard \
                        nothing for too long. Look at what it printed, and try again
                        """
                    )
                }
                if health.state == .ready { ready += 1 }
                loaded += (health.loadProgress ?? 0) * Double(stage.weightBytes)
            }
            progress(.loading(loaded / Double(total)))
            if ready == nodes.count { return }
            try await Task.sleep(for: .milliseconds(30))
        }
    }
}
