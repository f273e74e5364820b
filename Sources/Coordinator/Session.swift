import GGUF
import Kernels
import ModelStore
import Sampling
import Wire

/// One conversation's tokens and their KV cache on the cluster.
///
/// What the cluster has computed already is kept from call to call: a prompt that begins as the last one did costs only its new
/// tokens.
public actor Session {
    /// Why an answer ended.
    public enum Ending: String, Sendable {
        /// The model said so, or a stop string came.
        case stop
        /// The limit of tokens was reached.
        case limit
        /// The context is full.
        case contextFull
        /// The caller lost interest.
        case cancelled
    }

    /// What an answer took.
    public struct Statistics: Sendable, Equatable {
        /// Tokens of the prompt, and how many of them were still known from before.
        public var promptTokens = 0, reusedTokens = 0
        /// Time from the prompt to the first token, and tokens that followed with their time.
        public var promptSeconds = 0.0, answerTokens = 0, answerSeconds = 0.0
        /// Why it ended.
        public var ending = Ending.stop
    }

    private let cluster: Cluster
    private let file: GGUFFile
    private let embedding: GGUFTensor
    private let batch: Int
    private let clock = ContinuousClock()
    private var blocks: BlockAllocator
    private let sequence: UInt32
    private var cached: [Int32] = []  // tokens whose KV the stages hold
    private var row: [Float] = []

    /// An empty conversation. `batch`: rows of a prompt sent in one frame.
    public init(_ cluster: Cluster, model: Model, batch: Int = 128) throws {
        self.cluster = cluster
        file = model.file
        embedding = try model.file.tensor("token_embd.weight")
        self.batch = min(max(batch, 1), 4096)
        blocks = BlockAllocator(blockCount: cluster.plan.kvBlockCount, blockTokens: KVLayer.blockTokens)
        sequence = blocks.makeSequence()
    }

    /// Positions there is room for.
    public var contextLength: Int { cluster.plan.contextLength }

    /// Continues `prompt` token by token until `onToken` returns false, a token of `ends` is drawn, `limit` tokens were
    /// drawn or the context is full. The ending token is not handed to `onToken`.
    public func generate(
        _ prompt: [Int32], sampler: Sampler, ends: Set<Int32>, limit: Int?,
        onPrompt: (Int, Int) -> Void = { _, _ in }, onToken: (Int32) -> Bool
    ) async throws -> Statistics {
        guard !prompt.isEmpty else { throw CoordinatorError(.contextExceeded, "the prompt is empty; there is nothing to continue") }
        guard prompt.count < contextLength else {
            throw CoordinatorError(
                .contextExceeded,
                "the prompt has \(prompt.count) tokens, but the context holds \(contextLength) and the answer needs room as well. Shorten it, clear the chat, start with a larger --num-ctx, or let the oldest tokens go (--overflow shift)")
        }
        var statistics = Statistics(), history = prompt, start = clock.now
        statistics.promptTokens = prompt.count
        var logits = try await read(prompt, sampler: sampler, statistics: &statistics, onPrompt: onPrompt)
        var answering = false
        while true {
            guard let row = logits else {
                statistics.ending = .cancelled
                break
            }
            let token = try sampler.sample(Candidates(row), history: history[...], position: history.count)
            let now = clock.now
            if !answering {
                statistics.promptSeconds = seconds(now - start)
                start = now
                answering = true
            }
            if ends.contains(token) { break }
            history.append(token)
            statistics.answerTokens += 1
            if !onToken(token) { break }
            if Task.isCancelled {
                statistics.ending = .cancelled
                break
            }
            if let limit, statistics.answerTokens >= limit {
                statistics.ending = .limit
                break
            }
            if history.count >= contextLength {
                statistics.ending = .contextFull
                break
            }
            logits = try await step([token], at: history.count - 1, request: sampler.request(history: history[...]))
        }
        statistics.answerSeconds = answering ? seconds(clock.now - start) : 0
        return statistics
    }

    /// Brings the prompt into the cache, in frames that follow each other down the line. Nil: cancelled on the way.
    private func read(
        _ prompt: [Int32], sampler: Sampler, statistics: inout Statistics, onPrompt: (Int, Int) -> Void
    ) async throws -> OutputRow? {
        // The last token is computed again in any case: its logits are wanted.
        var position = 0
        while position < min(cached.count, prompt.count - 1), cached[position] == prompt[position] { position += 1 }
        statistics.reusedTokens = position
        var operations: [CacheOperation] = []
        if position < cached.count {
            operations = blocks.truncate(sequence, to: position)
            cached.removeLast(cached.count - position)
        }
        var pending: [UInt64] = []
        while position < prompt.count, !Task.isCancelled {
            let count = min(batch, prompt.count - position)
            let last = position + count == prompt.count
            let request = last ? sampler.request(history: prompt[...]) : nil
            pending.append(try await send(Array(prompt[position..<position + count]), at: position, request, operations))
            operations = []
            position += count
            onPrompt(position, prompt.count)
        }
        var result: ResultFrame?
        for number in pending { result = try await cluster.pipeline.result(of: number) }
        if !operations.isEmpty {  // cancelled before the first frame: the cut must still be made
            _ = try await cluster.pipeline.result(of: cluster.pipeline.send(operations, [], width: 0, rows: []))
        }
        return position == prompt.count ? result?.outputs.first : nil
    }

    private func step(_ tokens: [Int32], at position: Int, request: CandidateRequest) async throws -> OutputRow? {
        let number = try await send(tokens, at: position, request, [])
        return try await cluster.pipeline.result(of: number).outputs.first
    }

    private func send(
        _ tokens: [Int32], at position: Int, _ request: CandidateRequest?, _ before: [CacheOperation]
    ) async throws -> UInt64 {
        let outputs = request.map { [OutputRequest(row: tokens.count - 1, top: $0.top, extra: $0.extra)] } ?? []
        return try await send(tokens, at: position, outputs: outputs, before: before)
    }

    /// Sends rows and notes that the stages will hold them.
    func send(_ tokens: [Int32], at position: Int, outputs: [OutputRequest], before: [CacheOperation] = []) async throws -> UInt64 {
        guard let room = blocks.grow(sequence, to: position + tokens.count) else {
            throw CoordinatorError(.contextExceeded, "the KV cache is full at \(position) tokens. Start with a larger --num-ctx")
        }
        let segment = Segment(sequence: sequence, firstPosition: position, rowCount: tokens.count, outputs: outputs)
        let rows = try embed(tokens)
        cached += tokens
        return try await cluster.pipeline.send(
            before + room, [segment], width: cluster.configuration.width, rows: rows)
    }

    /// The embedding table's rows of these tokens, one after another.
    private func embed(_ tokens: [Int32]) throws -> [Float] {
        var rows: [Float] = []
        rows.reserveCapacity(tokens.count * cluster.configuration.width)
        for token in tokens {
            guard token >= 0, Int(token) < embedding.rowCount else {
                throw CoordinatorError(.contextExceeded, "token \(token) is not in the vocabulary of \(embedding.rowCount)")
            }
            file.row(Int(token), of: embedding, into: &row)
            rows += row
        }
        return rows
    }

    func result(of number: UInt64) async throws -> [OutputRow] { try await cluster.pipeline.result(of: number).outputs }

    /// Forgets everything.
    public func clear() async throws {
        guard !cached.isEmpty else { return }
        cached = []
        let number = try await cluster.pipeline.send(blocks.truncate(sequence, to: 0), [], width: 0, rows: [])
        _ = try await cluster.pipeline.result(of: number)
    }

    private func seconds(_ d: Duration) -> Double { Double(d.components.seconds) + Double(d.components.attoseconds) / 1e18 }
}

extension Candidates {
    /// What a stage answered, as the sampler reads it.
    init(_ row: OutputRow) {
        self.init(ids: row.ids, logits: row.logits, extra: row.extra, full: row.full)
    }
}
