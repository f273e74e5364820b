import Synchronization
import Wire

/// What the data thread writes and the control thread reads: the worker's state, for health.
final class StatusBoard: Sendable {
    struct Status: Sendable {
        var state = "idle"
        var problem: String?
        var assignment: Assignment?
        var memoryUsed = 0
        var kvBlocksUsed = 0
        var framesDone: UInt64 = 0
        var tokensDone: UInt64 = 0
        var lastFrame: UInt64?
        var loadProgress: Double?
        /// Whether a frame is being computed or handed on.
        var computing = false
        /// Time of the single-row frames so far, for milliseconds per generated token.
        var decodeFrames = 0
        var decodeSeconds = 0.0
    }

    private let status = Mutex(Status())

    var current: Status { status.withLock { $0 } }

    func update(_ change: (inout Status) -> Void) { status.withLock { change(&$0) } }

    /// Starts over for a new assignment, or for none.
    func reset(_ assignment: Assignment?) {
        status.withLock {
            $0 = Status()
            $0.assignment = assignment
            $0.state = assignment == nil ? "idle" : "loading"
        }
    }

    func fail(_ problem: String) {
        status.withLock {
            if $0.state != "failed" { $0.problem = problem }
            $0.state = "failed"
        }
    }
}
