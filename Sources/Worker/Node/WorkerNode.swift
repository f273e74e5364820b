import Foundation
import GGUF
import Kernels
import Logging
import Messaging
import ModelStore
import Synchronization
import Transformer
import Wire

/// A node: answers the coordinator on its control socket, and computes its slice on a separate thread.
public final class WorkerNode: Sendable {
    /// The addresses it listens on; if port 0 was asked for, with the port that the system chose.
    public let controlURL: NodeURL, dataURL: NodeURL

    private let configuration: NodeConfiguration
    private let control: SharedSocket<ReplySocket>
    private let data: DataThread
    private let status = SharedStatus()
    private let model: Model?
    private let intake: SliceIntake
    private let sessions: SharedSessionOrder
    /// When the plan's coordinator last sent a heartbeat. A plan whose coordinator has vanished gives way to another.
    // On the suspending clock, since no heartbeat can arrive while the machine sleeps.
    private let lastHeartbeat = Mutex(SuspendingClock.now)
    /// Counts the control socket's connections.
    private let connections: Connections
    private let stopping = Atomic(false)
    private let speed = Mutex<SpeedReply?>(nil)
    /// The slice of the latest assignment, for `hello`.
    private let held = Mutex<HelloReply.Held?>(nil)
    private let speedFile: SpeedFile
    private let log: Logger

    /// Binds both sockets and opens the local model file, if there is one.
    ///
    /// - Throws: when a socket or the file cannot be opened; the error says which and why.
    public init(_ configuration: NodeConfiguration, log: Logger) throws {
        self.configuration = configuration
        self.log = log
        try ComputeEngine.check()
        model = try configuration.modelPath.map { try Model(path: $0) }
        intake = SliceIntake(model: model, cacheDirectory: configuration.cacheDirectory)
        sessions = SharedSessionOrder(
            store: SessionStore(directory: configuration.cacheDirectory + "/sessions"), status: status)
        speedFile = SpeedFile(directory: configuration.cacheDirectory, conditions: .init(configuration))
        if configuration.forgetsSpeed { speedFile.remove() }
        let connections = Connections()
        let control = try ReplySocket(onPipeChange: { connections.changed($0) })
        self.connections = connections
        controlURL = try control.listen(configuration.listen)
        self.control = SharedSocket(control)
        let pull = try PullSocket()
        dataURL = try pull.listen(controlURL.dataURL)
        data = DataThread(
            socket: SharedSocket(pull), threads: configuration.threads, keepAlive: configuration.keepAlive,
            status: status,
            sessions: sessions, log: log)
    }

    /// Answers requests until `stop` is called or the coordinator sends it. Blocks the calling thread. When it returns,
    /// the sockets are closed and their files removed.
    public func run() {
        data.start()
        var lastRequest = SuspendingClock.now
        while !stopping.load(ordering: .relaxed) {
            do {
                guard let message = try control.socket.receiveMessage(deadline: .milliseconds(200)) else {
                    leaveAbandonedPlan()
                    if SuspendingClock.now - lastRequest > (connections.isAny ? Self.connectedSilence : Self.silence) {
                        // Set before the attempt, so that a failed attempt is repeated only after another silence.
                        lastRequest = .now
                        try control.socket.listenAgain()
                    }
                    continue
                }
                lastRequest = .now
                let reply = try message.withBytes { bytes in
                    try answer(bytes).encode(ControlHeader(counter: (try? ControlHeader(of: bytes).counter) ?? 0))
                }
                try control.socket.send(reply, deadline: .seconds(2))
            } catch {
                if stopping.load(ordering: .relaxed) { break }
                log.warning("a control request could not be answered", metadata: ["error": "\(error)"])
            }
        }
        data.send(.quit)
        if !data.join(seconds: 5) { log.warning("a frame was still being computed at the end") }
        control.socket.close()
    }

    /// After this time without a request the control socket listens again, which ends its connections (see
    /// `listenAgain`). A coordinator that is connected but stopped for a while (Ctrl-Z) is given longer.
    private static let silence = Duration.seconds(5), connectedSilence = Duration.seconds(60)

    /// Counts connections, which are reported on threads of their own.
    private final class Connections: Sendable {
        private let count = Atomic(0)
        var isAny: Bool { count.load(ordering: .relaxed) > 0 }

        func changed(_ event: PipeEvent) {
            switch event.kind {
            case .added: count.add(1, ordering: .relaxed)
            case .removed: count.subtract(1, ordering: .relaxed)
            }
        }
    }

    /// Ends `run` within a fraction of a second. May be called from any thread.
    public func stop() { stopping.store(true, ordering: .relaxed) }

    /// Ends a plan whose coordinator has vanished: one that was killed cannot release its plan.
    private func leaveAbandonedPlan() {
        guard status.current.assignment != nil, coordinatorIsGone else { return }
        log.warning("the coordinator has gone; its plan is given up")
        leavePlan()
    }

    /// Ends the plan, so that a new one may be accepted. The data thread frees the old slice before it loads another.
    private func leavePlan() {
        status.reset(nil)
        data.send(.end)
    }

    private func answer(_ message: RawSpan) -> ControlReply {
        do {
            switch try ControlRequest(decoding: message) {
            case .hello: return .hello(hello)
            case .assign(let assignment): return .assigned(try accept(assignment))
            case .locate(let query):
                try refuseWhenBusy()  // before gigabytes are sent in vain
                return .located(try intake.locate(query))
            case .weights(let chunk, let payload): return .weights(try intake.receive(chunk, payload))
            case .probe: return .speed(try measuredSpeed())
            case .discard: return .ok
            case .session(let order): return .session(try session(order))
            case .health: return .health(health)
            case .heartbeat(let epoch):
                if status.current.assignment?.epoch == epoch { lastHeartbeat.withLock { $0 = .now } }
                return .health(health)
            case .cancel(let epoch, let segments):
                data.cancel(segments, epoch: epoch)
                return .ok
            case .release(let epoch):
                if status.current.assignment?.epoch == epoch { leavePlan() }
                return .ok
            case .stop:
                stop()
                return .ok
            }
        } catch let error as WireError {
            log.warning("a control request was not understood", metadata: ["error": "\(error)"])
            return .failure(code: "badRequest", message: "\(error)")
        } catch let error as Refusal {
            return .failure(code: error.code, message: error.message)
        } catch {
            return .failure(code: "refused", message: "\(error)")
        }
    }

    /// The machine's speed, measured on the first request and then stored in memory and on disk. It is never measured
    /// while a plan is running.
    private func measuredSpeed() throws -> SpeedReply {
        if let known = speed.withLock({ $0 }) ?? speedFile.read() {
            speed.withLock { $0 = known }
            return known
        }
        try refuseWhenBusy()
        try forgetWeights()
        let measured = try MachineSpeed(threads: configuration.threads, byteCount: configuration.probeBytes)
        let reply = SpeedReply(
            readBandwidth: measured.readBandwidth, weightBandwidth: measured.weightBandwidth,
            int8Rate: measured.int8Rate,
            multiplyAddRate: measured.multiplyAddRate)
        speed.withLock { $0 = reply }
        do { try speedFile.write(reply) } catch {
            log.warning("the measured speed cannot be kept", metadata: ["error": "\(error)"])
        }
        return reply
    }

    /// Frees the weights of an earlier plan and waits until they are gone: memory does not suffice for them and the
    /// measurement.
    private func forgetWeights() throws {
        data.send(.forget)
        let end = ContinuousClock.now + .seconds(5)
        while status.current.kept > 0 {
            guard ContinuousClock.now < end else {
                throw Refusal(code: "busy", message: "it still computes for a plan that is over. Try again")
            }
            usleep(10_000)
        }
    }

    /// Starts to carry out an order for a session, or replies with its progress.
    private func session(_ order: SessionOrder) throws -> SessionReply {
        let current = status.current
        guard let assignment = current.assignment, assignment.epoch == order.epoch, current.state == .ready else {
            throw Refusal(
                code: "refused", message: "it does not compute plan \(order.epoch), whose session is meant. Start again"
            )
        }
        let (reply, isNew) = try sessions.take(order, layers: assignment.layerCount)
        if isNew { data.send(.session(order)) }
        return reply
    }

    private var hello: HelloReply {
        HelloReply(
            version: configuration.version, protocolVersion: Int(WireProtocol.version),
            cpu: NodeConfiguration.processorName,
            cpuFeatures: [ComputeEngine.cpuName], threads: configuration.threads,
            memoryBudget: configuration.memoryBudget,
            modelFingerprint: model?.fingerprint, state: status.current.state, held: held.withLock { $0 },
            arithmetic: ArithmeticVersion.current)
    }

    private var health: HealthReport {
        let s = status.current, a = s.assignment
        return HealthReport(
            state: s.state, problem: s.problem, version: configuration.version, cpu: NodeConfiguration.processorName,
            cpuFeatures: [ComputeEngine.cpuName], threads: configuration.threads, firstLayer: a?.firstLayer,
            layerCount: a?.layerCount, hasHead: a?.hasHead ?? false, epoch: a?.epoch, memoryUsed: s.memoryUsed,
            memoryBudget: configuration.memoryBudget, kvBlocksUsed: s.kvBlocksUsed, kvBlockCount: a?.kvBlockCount ?? 0,
            framesDone: s.framesDone, tokensDone: s.tokensDone,
            millisecondsPerToken: s.decodeFrames > 0 ? s.decodeSeconds / Double(s.decodeFrames) * 1000 : nil,
            loadProgress: s.loadProgress, lastFrame: s.lastFrame, computing: s.computing, bytesIn: s.bytesIn,
            bytesOut: s.bytesOut)
    }

    // MARK: Assignments

    /// Whether the plan's coordinator has been silent for so long that it must have ended.
    private var coordinatorIsGone: Bool {
        lastHeartbeat.withLock { SuspendingClock.now - $0 }
            > (connections.isAny ? Self.connectedSilence : Self.coordinatorPatience)
    }

    private static let coordinatorPatience = Duration.seconds(15)

    struct Refusal: Error {
        var code: String
        var message: String
    }

    private func refuseWhenBusy() throws {
        if status.current.assignment != nil, status.current.state != .failed, !coordinatorIsGone {
            throw Refusal(
                code: "busy", message: "it serves another coordinator's plan. End that first, or use another worker")
        }
    }

    /// Checks an assignment against the file and the memory budget, and hands it to the data thread.
    private func accept(_ a: Assignment) throws -> AssignedReply {
        try refuseWhenBusy()
        guard let kvType = KVType(rawValue: a.kvType), RowType(name: a.rowType) != nil else {
            throw Refusal(
                code: "unsupported",
                message: "KV type \(a.kvType) with rows in \(a.rowType), expected f16 or q8_0, and f32")
        }
        guard a.firstLayer >= 0, a.layerCount >= 0, a.layerCount <= 4096, a.firstLayer <= 4096, a.kvBlockCount >= 1,
            a.kvBlockCount <= 1 << 24
        else {
            throw Refusal(
                code: "badRequest", message: "a slice of \(a.layerCount) blocks and \(a.kvBlockCount) KV blocks")
        }
        guard let file = try intake.file(for: a) else {
            return AssignedReply(needsWeights: true)
        }
        let c = try configuration(of: file, a)
        guard c.width == a.width, c.vocabulary == a.vocabulary, a.firstLayer + a.layerCount <= c.layers else {
            throw Refusal(
                code: "wrongModel",
                message:
                    """
                    its model has \(c.layers) blocks of width \(c.width) and \(c.vocabulary) tokens, the plan's has \
                    width \(a.width) and \(a.vocabulary) tokens
                    """
            )
        }
        let layers = a.firstLayer..<a.firstLayer + a.layerCount
        let weights = try Stage.weightBytes(file, layers, head: a.hasHead)
        let kv = c.kvBlockBytes(kvType) * a.layerCount * a.kvBlockCount
        let workspace = c.workspaceBytes(head: a.hasHead, threads: configuration.threads)
        guard weights + kv + workspace <= configuration.sliceBudget else {
            throw Refusal(
                code: "memory",
                message:
                    """
                    the slice needs \(weights + kv + workspace) bytes (weights \(weights), KV cache \(kv), workspace \
                    \(workspace)), \(weights + kv + workspace - configuration.sliceBudget) more than the \
                    \(configuration.sliceBudget) that its budget of \(configuration.memoryBudget) leaves for a slice. \
                    Give it fewer layers, a shorter context or a larger --memory
                    """
            )
        }
        _ = try NodeURL(a.nextURL)
        try data.listenAgain()  // also ends a connection left from an earlier plan
        lastHeartbeat.withLock { $0 = .now }
        status.reset(a)
        held.withLock {
            $0 = .init(
                modelFingerprint: a.modelFingerprint, firstLayer: a.firstLayer, layerCount: a.layerCount,
                hasHead: a.hasHead)
        }
        data.send(.begin(a, file))
        return AssignedReply(needsWeights: false)
    }

    /// The model's configuration with the plan's RoPE scaling, which must allow the plan's context length.
    private func configuration(of file: GGUFFile, _ a: Assignment) throws -> ModelConfiguration {
        guard let scaling = RopeScaling(a.rope) else {
            throw Refusal(
                code: "unsupported",
                message:
                    """
                    rope scaling of type \(a.rope.type), expected none, linear or yarn. Install the same version on \
                    all machines
                    """
            )
        }
        let c = try ModelConfiguration(file).scaled(scaling)
        guard a.contextLength <= c.longestContext else {
            throw Refusal(
                code: "badRequest",
                message:
                    """
                    a context of \(a.contextLength) tokens, but the model's positions go up to \(c.longestContext). \
                    Ask for fewer or stretch them (--rope-scaling)
                    """
            )
        }
        return c
    }
}
