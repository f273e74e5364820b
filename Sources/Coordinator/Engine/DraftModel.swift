import Candidates
import Foundation
import Kernels
import ModelStore
import Scheduling
import Transformer

/// A small model with the same vocabulary that drafts tokens, on a thread of its own. The large model verifies its
/// drafts, so they change only the speed, never an answer.
final class DraftModel: @unchecked Sendable {
    // Unchecked: shared state is protected by the condition; slice and cache belong to the thread alone.
    /// A draft token for a position of a request; nil: this request gets no more drafts.
    struct Draft: Sendable {
        var id: Int, generation: Int, position: Int
        var token: Int32?
    }

    private let condition = NSCondition()
    private var target: Scheduler.DraftTarget?
    private var stopped = false
    private let slice: Slice
    private let embedding: EmbeddingTable
    private let table: [Int32], positions: Int
    private let deliver: @Sendable (Draft) -> Void

    /// Loads all of `draft`, which must have the vocabulary of `model`. `deliver` is called on the drafting thread.
    init(
        _ draft: Model, for model: Model, contextLength: Int, threads: Int, deliver: @escaping @Sendable (Draft) -> Void
    ) throws {
        let c = try ModelConfiguration(draft.file)
        try Self.check(draft, model)
        positions = min(contextLength, c.contextLength)
        let blocks = (positions + KVLayer.blockTokens - 1) / KVLayer.blockTokens
        slice = try Slice(
            draft.file, SliceDescription(layers: 0..<c.layers, hasHead: true, kvBlocks: blocks),
            engine: ComputeEngine(threads: threads))
        embedding = try EmbeddingTable(draft)
        table = (0..<Int32(blocks)).map { $0 }
        self.deliver = deliver
    }

    /// Throws when the vocabularies differ. They are compared by sample, since they may be padded to different lengths.
    fileprivate static func check(_ draft: Model, _ model: Model) throws {
        let a = try draft.tokenizer(), b = try model.tokenizer()
        let sample = "The quick brown fox, 12345 × 2;\n\tfunc f(_ x: Int) { /* 你好 */ }<|im_end|><|endoftext|>"
        guard a.encode(sample, parseSpecial: true) == b.encode(sample, parseSpecial: true),
            a.endOfGeneration == b.endOfGeneration
        else {
            throw CoordinatorError(
                .wrongModel,
                """
                the draft model "\(draft.name)" has another vocabulary than "\(model.name)". Use a smaller model of \
                the same family
                """
            )
        }
    }

    func start() {
        let thread = Thread { [self] in run() }
        thread.name = "brigade-draft"
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Sets the request to draft for; nil: none.
    func follow(_ target: Scheduler.DraftTarget?) {
        condition.withLock {
            self.target = target
            condition.signal()
        }
    }

    /// Ends the thread after its current step.
    func stop() {
        condition.withLock {
            stopped = true
            condition.signal()
        }
    }

    private func run() {
        var path = DraftPath(), held: [Int32] = [], scratch: [Float] = []
        while let target = next(unless: path) {
            path.follow(target)
            var common = 0
            while common < min(held.count, path.tokens.count - 1), held[common] == path.tokens[common] { common += 1 }
            guard path.tokens.count < positions else {
                path.ended = true
                deliver(Draft(id: target.id, generation: target.generation, position: path.tokens.count, token: nil))
                continue
            }
            let end = min(common + Slice.batchRows, path.tokens.count), part = Array(path.tokens[common..<end])
            guard (try? embedding.check(part)) != nil else {
                path.ended = true
                deliver(Draft(id: target.id, generation: target.generation, position: path.tokens.count, token: nil))
                continue
            }
            var rows = embedding.rows(of: part, scratch: &scratch)
            slice.forward([RowRun(table: table, firstPosition: common, count: part.count)], rows: &rows)
            held = Array(path.tokens[..<end])
            guard end == path.tokens.count else { continue }
            let best = slice.logits([CandidateRequest(row: part.count - 1, top: 1)], rows: rows)[0].ids[0]
            deliver(Draft(id: target.id, generation: target.generation, position: path.tokens.count, token: best))
            path.tokens.append(best)
        }
    }

    /// Waits for a request that needs drafts; nil after `stop`.
    private func next(unless path: DraftPath) -> Scheduler.DraftTarget? {
        condition.withLock {
            while !stopped {
                if let target, path.wants(target) { return target }
                condition.wait()
            }
            return nil
        }
    }
}

extension Engine.Options {
    /// Throws when the draft model does not fit `model`. Loads no weights, so that an error shows before the workers
    /// load for minutes.
    public func check(for model: Model) throws {
        if let draft { try DraftModel.check(draft, model) }
    }
}
