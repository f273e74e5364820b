import Synchronization
import Wire

/// The worker's state for health reports, written by the data thread and read by the control thread.
final class SharedStatus: Sendable {
    struct Status: Sendable {
        var state = NodeState.idle
        var problem: String?
        var assignment: Assignment?
        var memoryUsed = 0
        /// Bytes of weights retained from an earlier plan.
        var kept = 0
        var kvBlocksUsed = 0
        var framesDone: UInt64 = 0
        var tokensDone: UInt64 = 0
        var bytesIn: UInt64 = 0, bytesOut: UInt64 = 0
        var lastFrame: UInt64?
        var loadProgress: Double?
        /// Whether a frame is being computed or sent on.
        var computing = false
        /// Number and total time of the frames with one row, for the milliseconds per generated token.
        var decodeFrames = 0
        var decodeSeconds = 0.0
    }

    private let status = Mutex(Status())
    /// Called with every change by `update`; for tests.
    private let onChange: (@Sendable (Status) -> Void)?

    init(onChange: (@Sendable (Status) -> Void)? = nil) { self.onChange = onChange }

    var current: Status { status.withLock { $0 } }

    /// Changes the status if plan `epoch` is still the current one; updates from an earlier plan are ignored.
    func update(_ epoch: UInt64, _ change: (inout Status) -> Void) {
        let changed = status.withLock { status -> Status? in
            guard status.assignment?.epoch == epoch else { return nil }
            change(&status)
            return status
        }
        if let changed, let onChange { onChange(changed) }
    }

    /// Records how many bytes of the slice's weights are loaded.
    func loaded(_ bytes: Int, of expected: Int, epoch: UInt64) {
        update(epoch) {
            $0.memoryUsed = bytes
            $0.loadProgress = min(1, Double(bytes) / Double(max(expected, 1)))
        }
    }

    /// Records how many bytes of weights are retained for a later plan.
    func kept(_ bytes: Int) {
        status.withLock {
            $0.kept = bytes
            if $0.state == .idle || $0.state == .failed { $0.memoryUsed = bytes }
        }
    }

    /// Resets the status for a new assignment, or for none.
    func reset(_ assignment: Assignment?) {
        status.withLock {
            let kept = $0.kept, used = $0.memoryUsed
            $0 = Status()
            $0.kept = kept
            // Everything of a plan that has ended is still in memory until the data thread calls `kept`.
            $0.memoryUsed = assignment == nil ? used : kept
            $0.assignment = assignment
            $0.state = assignment == nil ? .idle : .loading
        }
    }

    /// Marks plan `epoch` as failed. The first reason is reported.
    func fail(_ epoch: UInt64, _ problem: String) {
        update(epoch) {
            if $0.state != .failed { $0.problem = problem }
            $0.state = .failed
        }
    }
}
