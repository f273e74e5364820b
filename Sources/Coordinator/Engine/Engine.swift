import Kernels
import ModelStore
import Scheduling
import Transformer
import Wire

/// Answers many requests at once on a cluster. It carries out the decisions of the `Scheduler`: sends frames, receives
/// results, and passes events to the requests' streams. One engine per cluster.
public actor Engine: TextGenerator {
    /// The settings; nil leaves a choice to the engine.
    public struct Options: Sendable {
        /// Limit on frames in flight.
        public var inFlight: Int?
        /// Rows of a prompt in one frame (the prefill chunk).
        public var promptRows: Int?
        /// Limits on requests answered at the same time, and on waiting requests.
        public var maxSequences: Int, maxQueued: Int
        /// Limit on the tokens of any answer.
        public var maxAnswerTokens: Int?
        /// Whether tokens may be drafted, and whether this continues while earlier draft tokens are being verified.
        public var speculates: Bool, speculatesAhead: Bool
        /// A small model with the same vocabulary that drafts tokens in this process, and its number of threads.
        public var draft: Model?, draftThreads: Int

        /// Settings as given; the parameters are described at the properties.
        public init(
            inFlight: Int? = nil, promptRows: Int? = nil, maxSequences: Int = 64, maxQueued: Int = 256,
            maxAnswerTokens: Int? = nil,
            speculates: Bool = true, speculatesAhead: Bool = true, draft: Model? = nil, draftThreads: Int = 1
        ) {
            self.inFlight = inFlight
            self.promptRows = promptRows
            self.maxSequences = maxSequences
            self.maxQueued = maxQueued
            self.maxAnswerTokens = maxAnswerTokens
            self.speculates = speculates
            self.speculatesAhead = speculatesAhead
            self.draft = draft
            self.draftThreads = draftThreads
        }
    }

    /// Upper limit on `maxSequences`.
    public static let mostStreams = Scheduler.Options.mostSequences

    /// Context length that the cluster was planned for, in tokens.
    public nonisolated let contextLength: Int
    private let pipeline: Pipeline
    let embedding: EmbeddingTable
    private let cancellationSenders: [CancellationSender]
    var scheduler: Scheduler
    let sessionOrders: SessionOrders
    /// Whether frames are held back, and the continuation that waits until none is in flight.
    private var isHeld = false, idle: CheckedContinuation<Void, any Error>?
    private var listeners: [Int: AsyncThrowingStream<GenerationEvent, any Error>.Continuation] = [:]
    private var receiver: Task<Void, Never>?, draftReceiver: Task<Void, Never>?
    private let draftModel: DraftModel?, drafts: AsyncStream<DraftModel.Draft>
    private var draftTarget: Scheduler.DraftTarget?
    private var failure: CoordinatorError?
    private let losses: AsyncStream<CoordinatorError>, lose: AsyncStream<CoordinatorError>.Continuation
    private var scratch: [Float] = []
    private let start = ContinuousClock.now

    /// An engine without requests.
    public init(_ cluster: Cluster, model: Model, options: Options = Options()) throws {
        embedding = try EmbeddingTable(model)
        pipeline = cluster.pipeline
        sessionOrders = SessionOrders(nodes: cluster.nodes, stages: cluster.plan.stages, epoch: cluster.epoch)
        cancellationSenders = cluster.nodes.map { CancellationSender($0, epoch: cluster.epoch) }
        contextLength = cluster.plan.contextLength
        let schedule = Scheduler.Options(
            stages: cluster.nodes.count,
            inFlight: min(options.inFlight ?? cluster.nodes.count + 1, cluster.pipeline.credits),
            promptRows: options.promptRows, maxSequences: options.maxSequences, maxQueued: options.maxQueued,
            maxAnswerTokens: options.maxAnswerTokens, speculates: options.speculates,
            speculatesAhead: options.speculatesAhead,
            costs: cluster.stepCosts,
            draftCost: try options.draft.map { try Self.draftCost($0, model) },
            draftsAhead: !cluster.nodes.contains(where: \.url.isLoopback))
        (losses, lose) = AsyncStream.makeStream(of: CoordinatorError.self)
        let (drafts, sender) = AsyncStream.makeStream(of: DraftModel.Draft.self)
        self.drafts = drafts
        draftModel = try options.draft.map {
            try DraftModel($0, for: model, contextLength: cluster.plan.contextLength, threads: options.draftThreads) {
                sender.yield($0)
            }
        }
        scheduler = Scheduler(
            options: schedule, contextLength: cluster.plan.contextLength, blockCount: cluster.plan.kvBlockCount,
            blockTokens: KVLayer.blockTokens)
    }

    /// Starts an answer; see `TextGenerator`.
    ///
    /// - Throws: what ended the pipeline, or why the request is refused.
    public func generate(_ request: GenerationRequest) throws -> AsyncThrowingStream<GenerationEvent, any Error> {
        if let failure { throw failure }
        try embedding.check(request.prompt)
        let id = try scheduler.submit(request, now: now)
        let (stream, continuation) = AsyncThrowingStream.makeStream(
            of: GenerationEvent.self, throwing: (any Error).self)
        continuation.onTermination = { [weak self] reason in
            guard case .cancelled = reason else { return }
            Task { await self?.cancel(id) }
        }
        listeners[id] = continuation
        listen()
        pump()
        return stream
    }

    deinit {
        draftModel?.stop()
        receiver?.cancel()
        draftReceiver?.cancel()
    }

    /// The cost of a draft model's step relative to `model`'s: the ratio of their weights, since a step reads all of
    /// them, and a fifth more for the rest of a small model's step.
    private static func draftCost(_ draft: Model, _ model: Model) throws -> Double {
        func bytes(_ model: Model) throws -> Int {
            let c = try ModelConfiguration(model.file)
            return try (0..<c.layers).reduce(c.headBytes(in: model.file)) {
                try $0 + c.weightBytes(ofLayer: $1, in: model.file)
            }
        }
        return try 1.2 * Double(bytes(draft)) / Double(max(bytes(model), 1))
    }

    /// The requests that are being answered and those that wait.
    public func load() -> GenerationLoad { scheduler.load }

    /// Waits until the pipeline is lost and returns why; the engine then refuses all requests. Returns nil when the
    /// task is cancelled first. Only one task may wait.
    public func loss() async -> CoordinatorError? {
        listen()
        return await losses.first { _ in true }
    }

    private func cancel(_ id: Int) {
        guard listeners.removeValue(forKey: id) != nil else { return }
        scheduler.cancel(id)
        pump()
    }

    /// Seconds since the engine was made.
    private var now: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Sends every frame that the scheduler wants to send now, then delivers the events.
    private func pump() {
        guard failure == nil else { return }
        do throws(CoordinatorError) {
            while !isHeld, let frame = scheduler.nextFrame(now: now) { try send(frame) }
        } catch { return fail(error) }
        let cancellations = scheduler.takeCancellations()
        if !cancellations.isEmpty { for sender in cancellationSenders { Task { await sender.send(cancellations) } } }
        aimDrafter()
        for notice in scheduler.takeNotices() {
            switch notice {
            case .event(let id, let event):
                listeners[id]?.yield(event)
                if case .end = event { listeners.removeValue(forKey: id)?.finish() }
            case .failed(let id, let error): listeners.removeValue(forKey: id)?.finish(throwing: error)
            }
        }
    }

    private func send(_ frame: ScheduledFrame) throws(CoordinatorError) {
        try pipeline.send(
            frame.operations, frame.segments, width: embedding.width,
            rows: embedding.rows(of: frame.tokens, scratch: &scratch))
    }

    /// Tells the draft model which request to draft for.
    private func aimDrafter() {
        guard let draftModel else { return }
        let target = scheduler.draftTarget
        if target != draftTarget {
            draftTarget = target
            draftModel.follow(target)
        }
    }

    private func drafted(_ draft: DraftModel.Draft) {
        // The draft model's vocabulary may be padded further, so its tokens may not exist here.
        scheduler.drafted(
            draft.token.flatMap { embedding.has($0) ? $0 : nil }, at: draft.position, id: draft.id,
            generation: draft.generation
        )
        pump()
    }

    /// Starts to receive results and draft tokens, if that has not begun.
    private func listen() {
        guard receiver == nil else { return }
        if let draftModel {
            draftModel.start()
            draftReceiver = Task { [weak self, drafts] in for await draft in drafts { await self?.drafted(draft) } }
        }
        receiver = Task { [weak self, pipeline] in
            var number: UInt64 = 0
            do {
                while true {
                    let result = try await pipeline.result(of: number)
                    await self?.received(result)
                    number += 1
                }
            } catch {
                await self?.fail(error as? CoordinatorError ?? CoordinatorError(.nodeLost, "\(error)"))
            }
        }
    }

    private func received(_ result: ResultFrame) {
        guard failure == nil else { return }
        for row in result.outputs
        where !row.ids.allSatisfy(embedding.has) || !row.full.isEmpty && row.full.count != embedding.count {
            return fail(
                CoordinatorError(
                    .nodeLost,
                    """
                    the last worker answered with tokens that are none of the vocabulary's \(embedding.count). Install \
                    the same version on all machines
                    """))
        }
        do throws(SchedulingError) {
            try scheduler.received(
                result.outputs, cancelled: result.cancelled, stageSeconds: Double(result.computeNanoseconds) / 1e9,
                now: now)
        } catch { return fail(CoordinatorError(.frameLost, error.description)) }
        pump()
        if !scheduler.isBusy { wakeHolder(nil) }
    }

    /// Runs `body` while no frame is in flight: the stages have done everything that was sent, and nothing is sent
    /// until `body` returns. Requests wait meanwhile.
    func whileIdle<R: Sendable>(_ body: (isolated Engine) async throws -> R) async throws -> R {
        guard !isHeld else {
            throw SchedulingError(.busy, "another session is being saved or loaded. Try again later")
        }
        isHeld = true
        defer {
            isHeld = false
            pump()
        }
        while true {
            if let failure { throw failure }
            if !scheduler.isBusy {
                // An operation on the cache that is still to be sent may read a block that `body` writes.
                guard let frame = scheduler.nextOperations(now: now) else { break }
                try send(frame)
            }
            try await withCheckedThrowingContinuation { idle = $0 }
        }
        return try await body(self)
    }

    private func wakeHolder(_ error: CoordinatorError?) {
        guard let waiting = idle else { return }
        idle = nil
        if let error { waiting.resume(throwing: error) } else { waiting.resume() }
    }

    /// Records that the pipeline is lost, and ends all current and later requests with this error.
    private func fail(_ error: CoordinatorError) {
        guard failure == nil else { return }
        failure = error
        lose.yield(error)
        for listener in listeners.values { listener.finish(throwing: error) }
        listeners = [:]
        wakeHolder(error)
    }
}
