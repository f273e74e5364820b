import Foundation
import GGUF
import Kernels
import Logging
import Messaging
import Synchronization
import Wire

/// The stage's thread: it owns the data socket and, while there is a plan, the stage.
final class DataThread: Sendable {
    /// A command from the control thread, carried out between two frames.
    enum Command: Sendable {
        case begin(Assignment, GGUFFile)
        case session(SessionOrder)
        case end
        /// Frees the weights that are retained for a later plan.
        case forget
        case quit
    }

    private let commands = Mutex<[Command]>([])
    private let cancellations = Mutex(CancelledRows())
    private let finished = DispatchSemaphore(value: 0)
    private let status: SharedStatus
    private let sessions: SharedSessionOrder
    private let socket: SharedSocket<PullSocket>
    private let threads: Int
    /// How long weights stay in memory after their plan; nil: without limit.
    private let keepAlive: Duration?
    private let log: Logger

    /// How long to wait for a message before commands are checked again.
    private static let look = Duration.milliseconds(50)

    init(
        socket: SharedSocket<PullSocket>, threads: Int, keepAlive: Duration?, status: SharedStatus,
        sessions: SharedSessionOrder, log: Logger
    ) {
        self.sessions = sessions
        self.socket = socket
        self.threads = threads
        self.keepAlive = keepAlive
        self.status = status
        self.log = log
    }

    func start() {
        let thread = Thread { [self] in
            run()
            finished.signal()
        }
        thread.name = "brigade-stage"
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Makes the data socket listen again; see `ListeningSocket.listenAgain`.
    func listenAgain() throws { try socket.socket.listenAgain() }

    func send(_ command: Command) { commands.withLock { $0.append(command) } }

    /// Marks rows as cancelled.
    func cancel(_ segments: [CancelledSegment], epoch: UInt64) {
        cancellations.withLock { $0.add(segments, epoch: epoch) }
    }

    /// Waits for the thread to end after `quit`; false if it does not within `seconds`.
    func join(seconds: Double) -> Bool { finished.wait(timeout: .now() + seconds) == .success }

    private func run() {
        var running: Running?
        var kept: KeptWeights?
        var engine: ComputeEngine?
        while true {
            for command in commands.withLock({
                let all = $0; $0 = []; return all
            }) {
                switch command {
                case .quit: return
                case .session(let order): sessions.carryOut(order, by: running?.stage)
                case .end: end(&running, keepingIn: &kept)
                case .forget: forget(&kept)
                case .begin(let assignment, let file):
                    // The status was already reset when the assignment was accepted.
                    end(&running, keepingIn: &kept)
                    // Frees memory before other weights are loaded.
                    if let weights = kept, !weights.serve(assignment) { forget(&kept) }
                    do {
                        let ready = try engine ?? ComputeEngine(threads: threads)
                        engine = ready
                        cancellations.withLock { $0.begin(assignment.epoch) }
                        let stage = try Stage(
                            assignment, file: file, kept: kept?.weights, engine: ready, status: status)
                        running = Running(stage: stage, fingerprint: assignment.modelFingerprint)
                        log.info(
                            "ready",
                            metadata: [
                                "epoch": "\(assignment.epoch)", "layers": "\(assignment.layerCount)",
                                "weights": kept == nil ? "loaded" : "still in memory",
                            ])
                        kept = nil
                        status.kept(0)
                    } catch { fail(assignment.epoch, "\(error)") }
                }
            }
            if let weights = kept, weights.isOver(at: .now) { forget(&kept) }
            do {
                guard let message = try socket.socket.receiveMessage(deadline: Self.look) else { continue }
                if let current = running?.stage {
                    status.update(current.epoch) { $0.computing = true }
                    defer { status.update(current.epoch) { $0.computing = false } }
                    try message.withBytes { bytes in
                        try current.handle(bytes) { number in
                            cancellations.withLock { $0.take(number, epoch: current.epoch) }
                        }
                    }
                } else if status.current.state != .failed {
                    log.warning(
                        "a message came while no plan is running; dropped", metadata: ["bytes": "\(message.byteCount)"])
                }
            } catch {
                if let failed = running?.stage { fail(failed.epoch, "\(error)") }
                end(&running, keepingIn: &kept)
            }
        }
    }

    /// The stage, and its model.
    private struct Running {
        let stage: Stage
        let fingerprint: String
    }

    /// Ends the stage, if there is one: frees its KV cache and retains its weights.
    private func end(_ running: inout Running?, keepingIn kept: inout KeptWeights?) {
        if let ended = running {
            running = nil
            kept =
                keepAlive == .zero
                ? nil
                : KeptWeights(
                    fingerprint: ended.fingerprint, weights: ended.stage.slice.weights, end: keepAlive.map { .now + $0 }
                )
        }
        status.kept(kept?.weights.byteCount ?? 0)
    }

    private func forget(_ kept: inout KeptWeights?) {
        kept = nil
        status.kept(0)
    }

    private func fail(_ epoch: UInt64, _ problem: String) {
        status.fail(epoch, problem)
        log.error("this stage has failed", metadata: ["problem": "\(problem)"])
    }
}
