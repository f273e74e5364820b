import Synchronization
import Wire

/// What the data thread writes and the control thread reads: the worker's state, for health.
final class SharedStatus: Sendable {
    struct Status: Sendable {
        var state = NodeState.idle
        var problem: String?
        var assignment: Assignment?
        var memoryUsed = 0
        /// Bytes of weights that wait for the next plan.
        var kept = 0
        var kvBlocksUsed = 0
        var framesDone: UInt64 = 0
        var tokensDone: UInt64 = 0
        var bytesIn: UInt64 = 0, bytesOut: UInt64 = 0
        var lastFrame: UInt64?
        var loadProgress: Double?
        /// Whether a frame is being computed or handed on.
        var computing = false
        /// Time of the single-row frames so far, for milliseconds per generated token.
        var decodeFrames = 0
        var decodeSeconds = 0.0
    }

    private let status = Mutex(Status())
    /// Hears every change; for tests.
    private let onChange: (@Sendable (Status) -> Void)?

    init(onChange: (@Sendable (Status) -> Void)? = nil) { self.onChange = onChange }

    var current: Status { status.withLock { $0 } }

    /// Changes the status of plan `epoch`; what a plan that is over still has to say is not heard.
    func update(_ epoch: UInt64, _ change: (inout Status) -> Void) {
        let changed = status.withLock { status -> Status? in
            guard status.assignment?.epoch == epoch else { return nil }
            change(&status)
            return status
        }
        if let changed, let onChange { onChange(changed) }
    }

    /// So many bytes of the slice's weights are in memory.
    func loaded(_ bytes: Int, of expected: Int, epoch: UInt64) {
        update(epoch) {
            $0.memoryUsed = bytes
            $0.loadProgress = min(1, Double(bytes) / Double(max(expected, 1)))
        }
    }

    /// So many bytes of weights are kept for a plan to come.
    func kept(_ bytes: Int) {
        status.withLock {
            $0.kept = bytes
            if $0.state == .idle || $0.state == .failed { $0.memoryUsed = bytes }
        }
    }

    /// Starts over for a new assignment, or for none.
    func reset(_ assignment: Assignment?) {
        status.withLock {
            let kept = $0.kept, used = $0.memoryUsed
            $0 = Status()
            $0.kept = kept
            // Of a plan that has ended all is in memory until the data thread says what is kept.
            $0.memoryUsed = assignment == nil ? used : kept
            $0.assignment = assignment
            $0.state = assignment == nil ? .idle : .loading
        }
    }

    /// The plan `epoch` cannot go on here; the first reason counts.
    func fail(_ epoch: UInt64, _ problem: String) {
        update(epoch) {
            if $0.state != .failed { $0.problem = problem }
            $0.state = .failed
        }
    }
}
