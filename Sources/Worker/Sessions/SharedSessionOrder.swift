import ModelStore
import Synchronization
import Wire

/// The current order for a session, and its progress. The control thread accepts orders and reports progress. The data
/// thread carries an order out between two frames, since only it may access the KV cache.
final class SharedSessionOrder: Sendable {
    private struct State {
        var order: SessionOrder?
        var reply = SessionReply(state: .done)
    }

    private let state = Mutex(State())
    private let store: SessionStore
    private let status: SharedStatus

    /// Stores sessions in `store`.
    init(store: SessionStore, status: SharedStatus) {
        self.store = store
        self.status = status
        store.removeUnused()
    }

    /// Accepts a new order, or replies with the progress if it is the current one.
    ///
    /// - Parameter layers: number of the slice's layers.
    func take(_ order: SessionOrder, layers: Int) throws -> (reply: SessionReply, isNew: Bool) {
        guard order.action != .load || order.digests.count == layers else {
            throw WorkerNode.Refusal(
                code: "badRequest",
                message: "a session with digests of \(order.digests.count) layers, expected \(layers)")
        }
        return try state.withLock { state in
            if state.order == order { return (state.reply, false) }
            if let other = state.order, other.epoch == order.epoch, state.reply.state == .working {
                throw WorkerNode.Refusal(code: "busy", message: "it still works on another session. Try again later")
            }
            state.order = order
            state.reply = SessionReply(state: .working)
            return (state.reply, true)
        }
    }

    /// Carries out an order; to be called only by the stage's thread.
    func carryOut(_ order: SessionOrder, by stage: Stage?) {
        do {
            guard let stage, stage.epoch == order.epoch, let id = BlobDigest(hex: order.session) else {
                throw StageFault("its plan is over")
            }
            let copy = SessionCopy(
                slice: stage.slice, id: id, blocks: order.blocks.map(Int.init), store: store,
                isWanted: { [status] in status.current.assignment?.epoch == order.epoch },
                progress: { done, total in
                    self.update(order) {
                        $0.doneBytes = done
                        $0.totalBytes = total
                    }
                })
            var digests: [String] = []
            switch order.action {
            case .save: digests = try copy.save()
            case .load: try copy.load(order.digests)
            case .forget: store.forget(id)
            }
            update(order) {
                $0.digests = digests
                $0.state = .done
            }
        } catch {
            update(order) {
                $0.problem = "\(error)"
                $0.state = .failed
            }
        }
    }

    private func update(_ order: SessionOrder, _ change: (inout SessionReply) -> Void) {
        state.withLock { if $0.order == order { change(&$0.reply) } }
    }
}
