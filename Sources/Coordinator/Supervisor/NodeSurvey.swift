import Control
import Launch
import Messaging
import Planning
import Wire

/// Collects what a plan needs to know about nodes: from the cluster file, or else by asking and measuring them.
struct NodeSurvey {
    let nodes: [NodeConnection], greetings: [HelloReply]
    /// What the cluster file states about each node.
    let stated: [ClusterFile.Node]?
    /// The model's fingerprint.
    let fingerprint: String
    let progress: @Sendable (Cluster.Progress) -> Void

    /// The matrix products' share of a token's time; other kernels take the rest. Performance in the manual measures it.
    private static let shareOfProducts = 0.95

    /// Asks the nodes one after another, since workers on one machine would disturb each other's measurements.
    func facts() async throws -> [NodeFacts] {
        var facts: [NodeFacts] = []
        for (i, (node, greeting)) in zip(nodes, greetings).enumerated() {
            progress(.measuring(done: i, of: nodes.count))
            var known = try await self.facts(of: node, greeting, stated?[i])
            if let held = greeting.held, held.modelFingerprint == fingerprint {
                known.held = HeldSlice(firstLayer: held.firstLayer, layerCount: held.layerCount, hasHead: held.hasHead)
            }
            facts.append(known)
        }
        return facts
    }

    private func facts(of node: NodeConnection, _ greeting: HelloReply, _ stated: ClusterFile.Node?) async throws
        -> NodeFacts
    {
        let link = try await link(to: node, stated?.link)
        if let bandwidth = stated?.bandwidth, let int8 = stated?.int8 {
            return .fromProbes(
                name: node.url.description, memoryBudget: greeting.sliceBudget, threads: greeting.threads,
                bandwidth: bandwidth * 1e9,
                int8: int8 * 1e9, link: link)
        }
        guard case .speed(let speed) = try await node.call(.probe, deadline: .seconds(30)) else {
            throw node.unexpected
        }
        return NodeFacts(
            name: node.url.description, memoryBudget: greeting.sliceBudget, threads: greeting.threads,
            weightBandwidth: speed.weightBandwidth * Self.shareOfProducts,
            multiplyAddRate: speed.multiplyAddRate * Self.shareOfProducts,
            link: link)
    }

    private func link(to node: NodeConnection, _ stated: ClusterFile.Link?) async throws -> LinkFacts {
        if let roundTrip = stated?.roundTrip, let throughput = stated?.throughput {
            return LinkFacts(roundTrip: roundTrip / 1000, throughput: throughput * 1e6)
        }
        let roundTrip = try await fastest(5) { _ = try await node.call(.discard([]), deadline: .seconds(5)) }
        let bytes = [UInt8](repeating: 7, count: 1 << 20)
        let transfer = try await fastest(2) { _ = try await node.call(.discard(bytes), deadline: .seconds(30)) }
        return LinkFacts(roundTrip: roundTrip, throughput: Double(bytes.count) / max(transfer - roundTrip, 1e-5))
    }

    private func fastest(_ times: Int, _ body: () async throws -> Void) async throws -> Double {
        var best = Double.infinity
        for _ in 0..<times {
            let start = ContinuousClock.now
            try await body()
            best = min(best, (ContinuousClock.now - start) / .seconds(1))
        }
        return best
    }
}

extension HelloReply {
    /// The part of the node's memory that a slice may use, in bytes.
    var sliceBudget: Int { NodeFacts.sliceBudget(of: memoryBudget) }
}

extension NodeFacts {
    /// A node's facts as its cluster file states them; nil when the file does not state enough to plan without the
    /// node.
    public init?(stated node: ClusterFile.Node) {
        guard let memory = node.memory, let threads = node.threads, let bandwidth = node.bandwidth, let int8 = node.int8
        else { return nil }
        let usual = node.isLocal || node.url.isLoopback ? LinkFacts.sameMachine : .gigabit
        self = .fromProbes(
            name: node.name, memoryBudget: NodeFacts.sliceBudget(of: memory), threads: threads,
            bandwidth: bandwidth * 1e9, int8: int8 * 1e9,
            link: LinkFacts(
                roundTrip: node.link.roundTrip.map { $0 / 1000 } ?? usual.roundTrip,
                throughput: node.link.throughput.map { $0 * 1e6 } ?? usual.throughput))
    }
}
