import Control
import Planning
import Wire

/// Has every stage write the KV of a session or read it back, and waits until all have.
struct SessionOrders: Sendable {
    /// The workers in the order of their stages, what each holds, and the plan.
    let nodes: [NodeConnection], stages: [StagePlan], epoch: UInt64

    /// How long a worker may take to answer, and how long it may be at work without any progress.
    private static let deadline = Duration.seconds(10), patience = Duration.seconds(60)
    /// How soon a worker is asked again, at first and in the end.
    private static let firstPause = Duration.milliseconds(5), longestPause = Duration.milliseconds(250)

    /// Layers of all stages.
    var layers: Int { stages.reduce(0) { $0 + $1.layerCount } }

    /// Writes the blocks; returns the digest of every layer's file, from layer 0 on.
    ///
    /// Throws a ``Failure``, as ``load(_:blocks:digests:)`` does.
    func save(_ session: String, blocks: [UInt32]) async throws -> [String] {
        let replies = try await all { _ in order(.save, session, blocks) }
        return try replies.enumerated().flatMap { i, reply in
            guard reply.digests.count == stages[i].layerCount else {
                throw Failure(reason: nodes[i].unexpected, isSettled: true)
            }
            return reply.digests
        }
    }

    /// Fills the blocks from the layers' files, if these have the digests.
    func load(_ session: String, blocks: [UInt32], digests: [String]) async throws {
        _ = try await all { stage in
            order(.load, session, blocks, Array(digests[stage.firstLayer..<stage.firstLayer + stage.layerCount]))
        }
    }

    /// Removes a session's files, where they can be removed.
    func forget(_ session: String) async {
        _ = try? await all { _ in order(.forget, session, []) }
    }

    private func order(_ action: SessionOrder.Action, _ session: String, _ blocks: [UInt32], _ digests: [String] = [])
        -> SessionOrder
    {
        SessionOrder(
            epoch: epoch, number: .random(in: 0...UInt32.max), action: action, session: session, blocks: blocks,
            digests: digests)
    }

    /// An order that not every stage has carried out.
    struct Failure: Error {
        /// Why, of the first of them.
        var reason: any Error
        /// Whether no stage is at it any more. One that is may still write the blocks.
        var isSettled: Bool
    }

    /// Gives every stage its order and waits for all, also when one has failed: what the others still do would
    /// otherwise happen while their blocks hold something else. All must succeed.
    private func all(_ order: (StagePlan) -> SessionOrder) async throws(Failure) -> [SessionReply] {
        let orders = stages.map(order)
        let results = await withTaskGroup(of: (Int, Result<SessionReply, Failure>).self) { group in
            for (i, order) in orders.enumerated() {
                group.addTask { (i, await outcome(of: order, by: nodes[i])) }
            }
            return await group.reduce(into: [Int: Result<SessionReply, Failure>]()) { $0[$1.0] = $1.1 }
        }
        let inOrder = orders.indices.compactMap { results[$0] }
        let failures = inOrder.compactMap { result -> Failure? in
            guard case .failure(let failure) = result else { return nil }
            return failure
        }
        if let first = failures.first {
            throw Failure(reason: first.reason, isSettled: failures.allSatisfy(\.isSettled))
        }
        return inOrder.compactMap { try? $0.get() }
    }

    private func outcome(of order: SessionOrder, by node: NodeConnection) async -> Result<SessionReply, Failure> {
        do {
            let reply = try await carryOut(order, by: node)
            guard reply.state == .failed else { return .success(reply) }
            let reason = CoordinatorError(.refused, "worker \(node.url): \(reply.problem ?? "no reason given")")
            return .failure(Failure(reason: reason, isSettled: true))
        } catch {
            return .failure(Failure(reason: error, isSettled: false))
        }
    }

    /// What a stage says in the end. Throws when it cannot be heard any more or makes no progress.
    private func carryOut(_ order: SessionOrder, by node: NodeConnection) async throws -> SessionReply {
        var progress = -1, since = ContinuousClock.now, pause = Self.firstPause
        while true {
            guard case .session(let reply) = try await node.call(.session(order), deadline: Self.deadline) else {
                throw node.unexpected
            }
            switch reply.state {
            case .done, .failed: return reply
            case .working:
                if reply.doneBytes > progress {
                    progress = reply.doneBytes
                    since = .now
                } else if ContinuousClock.now - since > Self.patience {
                    throw CoordinatorError(
                        .refused,
                        """
                        worker \(node.url) has made no progress with the session for \(Self.patience.seconds). Check \
                        the disk of its cache directory
                        """
                    )
                }
                try await Task.sleep(for: pause)
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }
}
