import Control
import Planning
import Wire

/// Lets every stage save or load the keys and values of a session, and waits for all of them.
struct SessionOrders: Sendable {
    /// The workers in the order of the stages, their slices, and the plan's epoch.
    let nodes: [NodeConnection], stages: [StagePlan], epoch: UInt64

    /// How long a worker may take to answer, and how long it may work without progress.
    private static let deadline = Duration.seconds(10), patience = Duration.seconds(60)
    /// The pause between questions to a worker: the first, and the longest.
    private static let firstPause = Duration.milliseconds(5), longestPause = Duration.milliseconds(250)

    /// Number of layers of all stages.
    var layers: Int { stages.reduce(0) { $0 + $1.layerCount } }

    /// Saves the blocks; returns the digest of every layer's file, by layer.
    ///
    /// - Throws: ``Failure``.
    func save(_ session: String, blocks: [UInt32]) async throws -> [String] {
        let replies = try await all { _ in order(.save, session, blocks) }
        return try replies.enumerated().flatMap { i, reply in
            guard reply.digests.count == stages[i].layerCount else {
                throw Failure(reason: nodes[i].unexpected, isSettled: true)
            }
            return reply.digests
        }
    }

    /// Loads the blocks from the layers' files, which must have the given digests.
    ///
    /// - Throws: ``Failure``.
    func load(_ session: String, blocks: [UInt32], digests: [String]) async throws {
        _ = try await all { stage in
            order(.load, session, blocks, Array(digests[stage.firstLayer..<stage.firstLayer + stage.layerCount]))
        }
    }

    /// Removes a session's files, as far as possible.
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

    /// Thrown when not every stage has carried out an order.
    struct Failure: Error {
        /// The reason of the first failed stage.
        var reason: any Error
        /// Whether no stage works on the order any more. One that does may still write the blocks.
        var isSettled: Bool
    }

    /// Gives every stage its order and waits for all, even when one has failed: otherwise the others might write blocks
    /// that already hold something else. All must succeed.
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

    /// The stage's final reply.
    ///
    /// - Throws: when the worker cannot be reached or makes no progress.
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
