import Kernels
import ModelStore
import Wire

/// Answers many requests at once over a cluster. It carries out what the `Scheduler` decides: frames out, results in, events to
/// whoever asked. One engine per cluster.
public actor Engine: TextGenerator {
    /// The settings; what is nil is chosen for the cluster.
    public struct Options: Sendable {
        /// Frames on their way at most.
        public var inFlight: Int?
        /// Rows of a prompt in one frame.
        public var promptRows: Int?
        /// Requests answered at the same time, and requests that may wait.
        public var maxSequences: Int, maxQueued: Int
        /// The most tokens of any answer.
        public var maxAnswerTokens: Int?
        /// Whether tokens may be guessed, and also while earlier guesses are being checked.
        public var guesses: Bool, guessesAhead: Bool

        /// Settings of an engine.
        public init(
            inFlight: Int? = nil, promptRows: Int? = nil, maxSequences: Int = 64, maxQueued: Int = 256, maxAnswerTokens: Int? = nil,
            guesses: Bool = true, guessesAhead: Bool = true
        ) {
            self.inFlight = inFlight
            self.promptRows = promptRows
            self.maxSequences = maxSequences
            self.maxQueued = maxQueued
            self.maxAnswerTokens = maxAnswerTokens
            self.guesses = guesses
            self.guessesAhead = guessesAhead
        }
    }

    public nonisolated let contextLength: Int
    private let pipeline: Pipeline
    private let embedding: EmbeddingTable
    private var scheduler: Scheduler
    private var listeners: [Int: AsyncThrowingStream<GenerationEvent, any Error>.Continuation] = [:]
    private var receiver: Task<Void, Never>?
    private var failure: CoordinatorError?
    private var scratch: [Float] = []
    private let start = ContinuousClock.now

    /// An engine that nobody has asked yet.
    public init(_ cluster: Cluster, model: Model, options: Options = Options()) throws {
        embedding = try EmbeddingTable(model)
        pipeline = cluster.pipeline
        contextLength = cluster.plan.contextLength
        let schedule = Scheduler.Options(
            stages: cluster.nodes.count, inFlight: min(options.inFlight ?? cluster.nodes.count + 1, cluster.pipeline.credits),
            promptRows: options.promptRows, maxSequences: options.maxSequences, maxQueued: options.maxQueued,
            maxAnswerTokens: options.maxAnswerTokens, guesses: options.guesses, guessesAhead: options.guessesAhead)
        scheduler = Scheduler(
            options: schedule, contextLength: cluster.plan.contextLength, blockCount: cluster.plan.kvBlockCount,
            blockTokens: KVLayer.blockTokens)
    }

    public func generate(_ request: GenerationRequest) throws -> AsyncThrowingStream<GenerationEvent, any Error> {
        if let failure { throw failure }
        try embedding.check(request.prompt)
        let id = try scheduler.submit(request, now: now)
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: GenerationEvent.self, throwing: (any Error).self)
        continuation.onTermination = { [weak self] reason in
            guard case .cancelled = reason else { return }
            Task { await self?.cancel(id) }
        }
        listeners[id] = continuation
        listen()
        pump()
        return stream
    }

    public func load() -> GenerationLoad { scheduler.load }

    private func cancel(_ id: Int) {
        guard listeners.removeValue(forKey: id) != nil else { return }
        scheduler.cancel(id)
        pump()
    }

    /// Seconds since the engine was made.
    private var now: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Sends every frame that should leave now, then tells what has happened.
    private func pump() {
        guard failure == nil else { return }
        do throws(CoordinatorError) {
            while let frame = scheduler.nextFrame(now: now) {
                try pipeline.send(
                    frame.operations, frame.segments, width: embedding.width,
                    rows: embedding.rows(of: frame.tokens, scratch: &scratch))
            }
        } catch { return fail(error) }
        for notice in scheduler.takeNotices() {
            switch notice {
            case .event(let id, let event):
                listeners[id]?.yield(event)
                if case .end = event { listeners.removeValue(forKey: id)?.finish() }
            case .failed(let id, let error): listeners.removeValue(forKey: id)?.finish(throwing: error)
            }
        }
    }

    /// Collects results as long as the line lasts.
    private func listen() {
        guard receiver == nil else { return }
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
        do throws(CoordinatorError) { try scheduler.received(result.outputs, now: now) } catch { return fail(error) }
        pump()
    }

    /// The line is lost: everybody is told, and so is everybody who asks later.
    private func fail(_ error: CoordinatorError) {
        guard failure == nil else { return }
        failure = error
        for listener in listeners.values { listener.finish(throwing: error) }
        listeners = [:]
    }
}
