import Foundation
import GGUF
import Kernels
import ModelStore
import Sampling
import Wire

/// Answers one request after another, in the order they came.
public actor SerialGenerator: TextGenerator {
    public nonisolated let contextLength: Int
    private let cluster: Cluster, file: GGUFFile, embedding: GGUFTensor
    private let batch: Int, maxQueue: Int
    private var blocks: BlockAllocator, figures = GenerationLoad()
    private var waiting: [(id: Int, turn: CheckedContinuation<Void, Never>)] = []
    private var isBusy = false, nextID = 0

    /// `batch`: rows of a prompt in one frame; `maxQueue`: requests that may wait.
    public init(_ cluster: Cluster, model: Model, batch: Int = 128, maxQueue: Int = 64) throws {
        self.cluster = cluster
        self.batch = min(max(batch, 1), 4096)
        self.maxQueue = maxQueue
        file = model.file
        embedding = try model.file.tensor("token_embd.weight")
        contextLength = cluster.plan.contextLength
        blocks = BlockAllocator(blockCount: cluster.plan.kvBlockCount, blockTokens: KVLayer.blockTokens)
    }

    public func load() -> GenerationLoad {
        var load = figures
        load.queued = waiting.count
        load.running = isBusy ? 1 : 0
        load.blocksTotal = blocks.blockCount
        load.blocksUsed = blocks.blockCount - blocks.freeBlocks
        return load
    }

    public func generate(_ request: GenerationRequest) throws -> AsyncThrowingStream<GenerationEvent, any Error> {
        guard !request.prompt.isEmpty, request.prompt.count < contextLength else {
            figures.refused += 1
            throw CoordinatorError(.contextExceeded, "the prompt has \(request.prompt.count) tokens, but the context holds \(contextLength) and the answer needs room as well")
        }
        guard !isBusy || waiting.count < maxQueue else {
            figures.refused += 1
            throw CoordinatorError(.busy, "\(waiting.count) requests wait already. Ask again later")
        }
        let sampler = try Sampler(request.sampling)
        let (stream, out) = AsyncThrowingStream.makeStream(of: GenerationEvent.self)
        let task = Task {
            do {
                try await self.answer(request, sampler, out)
                self.figures.ended += 1
                out.finish()
            } catch {
                if error is CancellationError { self.figures.cancelled += 1 } else { self.figures.failed += 1 }
                out.finish(throwing: error)
            }
        }
        out.onTermination = { _ in task.cancel() }
        return stream
    }

    private func answer(
        _ request: GenerationRequest, _ sampler: Sampler, _ out: AsyncThrowingStream<GenerationEvent, any Error>.Continuation
    ) async throws {
        let clock = ContinuousClock(), start = clock.now
        if isBusy {
            out.yield(.queued(ahead: waiting.count + 1))
            let id = nextID
            nextID += 1
            await withTaskCancellationHandler {
                await withCheckedContinuation { waiting.append((id, $0)) }
            } onCancel: {
                Task { await self.giveUp(id) }
            }
            if Task.isCancelled && !holdsTurn.contains(id) { throw CancellationError() }
            holdsTurn.remove(id)
        }
        isBusy = true
        let sequence = blocks.makeSequence()
        do {
            try await run(request, sampler, sequence, out, start)
            try await finish(sequence)
        } catch {
            try? await finish(sequence)
            throw error
        }
    }

    private var holdsTurn: Set<Int> = []

    private func giveUp(_ id: Int) {
        guard let i = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: i).turn.resume()
    }

    private func finish(_ sequence: UInt32) async throws {
        defer {
            if waiting.isEmpty {
                isBusy = false
            } else {
                let next = waiting.removeFirst()
                holdsTurn.insert(next.id)
                next.turn.resume()
            }
        }
        let number = try await cluster.pipeline.send(blocks.end(sequence), [], width: 0, rows: [])
        _ = try await cluster.pipeline.result(of: number)
    }

    private func run(
        _ request: GenerationRequest, _ sampler: Sampler, _ sequence: UInt32, _ out: AsyncThrowingStream<GenerationEvent, any Error>.Continuation,
        _ asked: ContinuousClock.Instant
    ) async throws {
        let clock = ContinuousClock()
        var history = request.prompt, constraint = request.constraint, start = clock.now
        let all = constraint != nil || request.logprobs ?? 0 > 0
        func wanted() -> CandidateRequest { sampler.request(history: history[...], constrained: all) }
        var summary = GenerationSummary(ending: .stop, promptTokens: history.count, answerTokens: 0, queueSeconds: (start - asked) / .seconds(1))
        figures.promptTokens += history.count
        var row: OutputRow?, position = 0
        while position < history.count {
            try Task.checkCancellation()
            let count = min(batch, history.count - position), isLast = position + count == history.count
            row = try await step(Array(history[position..<position + count]), at: position, sequence, isLast ? wanted() : nil)
            position += count
            out.yield(.prompt(done: position, of: request.prompt.count, reused: 0))
        }
        summary.promptSeconds = (clock.now - start) / .seconds(1)
        start = clock.now
        while let logits = row {
            try Task.checkCancellation()
            let token = try sampler.sample(Candidates(logits), history: history[...], position: history.count, constraint: constraint)
            if request.ends.contains(token) { break }
            history.append(token)
            constraint?.accept(token)
            summary.answerTokens += 1
            figures.answerTokens += 1
            out.yield(.token(Self.report(token, logits, request.logprobs)))
            if summary.answerTokens == request.limit { summary.ending = .limit }
            if history.count >= contextLength { summary.ending = .contextFull }
            if summary.ending != .stop { break }
            row = try await step([token], at: history.count - 1, sequence, wanted())
        }
        summary.answerSeconds = (clock.now - start) / .seconds(1)
        out.yield(.end(summary))
    }

    private static func report(_ token: Int32, _ row: OutputRow, _ count: Int?) -> GeneratedToken {
        guard let count else { return GeneratedToken(id: token) }
        var own: Float?
        if !row.full.isEmpty {
            own = row.full[Int(token)] - row.logSumExp
            let best = row.full.indices.sorted { row.full[$0] > row.full[$1] }.prefix(count)
            return GeneratedToken(id: token, logprob: own, top: best.map { .init(id: Int32($0), logprob: row.full[$0] - row.logSumExp) })
        }
        if let i = row.ids.firstIndex(of: token) { own = row.logits[i] - row.logSumExp }
        return GeneratedToken(id: token, logprob: own)
    }

    private func step(_ tokens: [Int32], at position: Int, _ sequence: UInt32, _ wanted: CandidateRequest?) async throws -> OutputRow? {
        guard let room = blocks.grow(sequence, to: position + tokens.count) else {
            throw CoordinatorError(.contextExceeded, "the KV cache is full at \(position) tokens")
        }
        var rows: [Float] = [], row: [Float] = []
        for token in tokens {
            guard token >= 0, Int(token) < embedding.rowCount else {
                throw CoordinatorError(.contextExceeded, "token \(token) is not in the vocabulary of \(embedding.rowCount)")
            }
            file.row(Int(token), of: embedding, into: &row)
            rows += row
        }
        let outputs = wanted.map { [OutputRequest(row: tokens.count - 1, top: $0.top, extra: $0.extra)] } ?? []
        let segment = Segment(sequence: sequence, firstPosition: position, rowCount: tokens.count, outputs: outputs)
        let number = try await cluster.pipeline.send(room, [segment], width: cluster.configuration.width, rows: rows)
        return try await cluster.pipeline.result(of: number).outputs.first
    }
}
