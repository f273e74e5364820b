import Candidates
import Sampling
import Testing
import Transformer
import Wire

@testable import Scheduling
@testable import Worker

/// SplitMix64: random numbers that a seed determines.
struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// True once in `n` times.
    mutating func once(in n: Int) -> Bool { Int.random(in: 0..<n, using: &self) == 0 }
}

/// A model without weights: its logits are a function of the history's tokens. Often only the last two tokens matter,
/// so that texts repeat; sometimes all of them do, so that any wrong token in a cache is noticed.
struct FakeModel {
    var vocabulary = 40

    func logits(after history: ArraySlice<Int32>) -> [Float] {
        var short: UInt64 = 7, long: UInt64 = 11
        for token in history.suffix(2) { short = (short ^ UInt64(UInt32(bitPattern: token))) &* 0x100_0000_01b3 }
        for token in history { long = (long ^ UInt64(UInt32(bitPattern: token))) &* 0x100_0000_01b3 }
        var random = Random(state: short % 6 == 0 ? long : short)
        return (0..<vocabulary).map { _ in Float(random.next() >> 40) / Float(1 << 21) - 4 }
    }

    func row(_ request: CandidateRequest, after history: ArraySlice<Int32>, sequence: UInt32) -> Candidates {
        let logits = logits(after: history), position = history.count - 1
        if request.top == 0 { return Candidates(logSumExp: 5, full: logits) }
        let ids = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }.prefix(request.top)
        return Candidates(
            logSumExp: 5, ids: ids.map { Int32($0) },
            logits: ids.map { logits[$0] },
            extra: request.extra.map { Int($0) < vocabulary ? logits[Int($0)] : -.infinity })
    }

    /// The prompt's tokens from the second on, each with its logprob and the likeliest in its place.
    func plainScores(_ request: GenerationRequest) -> [GeneratedToken] {
        guard request.scoresPrompt else { return [] }
        return request.prompt.indices.dropFirst().map { i in
            let row = row(CandidateRequest(top: 2), after: request.prompt[..<i], sequence: 1)
            let logits = logits(after: request.prompt[..<i]), token = request.prompt[i]
            return GeneratedToken(
                id: token, logprob: Float(Double(logits[Int(token)]) - 5),
                top: zip(row.ids, row.logits).prefix(request.logprobs ?? 0).map {
                    GeneratedToken.Logprob(id: $0, logprob: Float(Double($1) - 5))
                })
        }
    }

    /// The answer computed one token after the other from the whole history.
    func plainAnswer(_ request: GenerationRequest, contextLength: Int) throws -> [GeneratedToken] {
        var chooser = try TokenChooser(request), history = request.prompt, answer: [GeneratedToken] = []
        while request.limit != 0 {
            // All logits are given; a choice from a few candidates must be the same.
            let choice = try chooser.choose(
                row(CandidateRequest(row: 0, top: 0), after: history[...], sequence: 1), history: history[...])
            guard case .token(let token) = choice, !request.ends.contains(token.id) else { return answer }
            answer.append(token)
            history.append(token.id)
            chooser.constraint?.accept(token.id)
            if answer.count >= request.limit ?? .max || history.count >= contextLength { return answer }
        }
        return []
    }
}

/// A pipeline of stages with the worker's real state, whose caches hold tokens instead of keys and values.
struct FakePipe {
    /// A stage, and the frames that it has not taken yet.
    private struct Stage {
        var state: StageState, cancellations = CancelledRows(epoch: 1)
        var cache: [[Int32]]  // [block][position in it]
        var arrived: [(frame: Frame, tokens: [Int32])] = []
    }

    let model: FakeModel, blockTokens: Int
    private var stages: [Stage]
    /// Results that were not received yet.
    private var results: [(outputs: [Candidates], cancelled: [UInt32])] = []
    private var number: UInt64 = 0

    init(_ model: FakeModel, blockCount: Int, blockTokens: Int, stages: Int = 1) {
        self.model = model
        self.blockTokens = blockTokens
        let stage = Stage(
            state: StageState(epoch: 1, width: 1, kvBlocks: blockCount, blockTokens: blockTokens),
            cache: Array(repeating: Array(repeating: -1, count: blockTokens), count: blockCount))
        self.stages = Array(repeating: stage, count: stages)
    }

    /// Frames in flight.
    var count: Int { stages.reduce(results.count) { $0 + $1.arrived.count } }
    var isEmpty: Bool { count == 0 }
    /// The rows of logits that the oldest frame will give.
    var outputsOfOldest: Int {
        results.first?.outputs.count
            ?? stages.last { !$0.arrived.isEmpty }!.arrived[0].frame.segments.reduce(0) { $0 + $1.outputs.count }
    }
    var blocksUsed: Int { stages[0].state.tables.blocksUsed }
    var sequences: Int { stages.reduce(0) { $0 + $1.state.tables.sequences.count } }
    var stageCount: Int { stages.count }
    var framesSent: UInt64 { number }
    /// Cancelled segments that stages were told of and that have not arrived.
    var cancellationsWaiting: Int { stages.reduce(0) { $0 + $1.cancellations.count } }

    mutating func send(_ frame: ScheduledFrame) throws {
        let wire = Frame(
            epoch: 1, number: number, width: 1, operations: frame.operations, segments: frame.segments,
            rows: [Float](repeating: 0, count: frame.tokens.count))
        number += 1
        try #require(frame.tokens.count == wire.rowCount)
        stages[0].arrived.append((wire, frame.tokens))
    }

    /// Tells a stage about cancelled segments.
    mutating func tell(_ stage: Int, _ segments: [CancelledSegment], epoch: UInt64 = 1) {
        stages[stage].cancellations.add(segments, epoch: epoch)
    }

    /// Lets a stage compute its next frame and send it on; false if there is none.
    @discardableResult mutating func advance(_ at: Int) throws -> Bool {
        guard !stages[at].arrived.isEmpty else { return false }
        var (frame, tokens) = stages[at].arrived.removeFirst()
        frame.cancel(stages[at].cancellations.take(frame.number, epoch: frame.epoch))
        let action = stages[at].state.received(frame)
        guard case .compute(let copies, let runs, _) = action else {
            Issue.record("\(action)")
            throw CancellationError()
        }
        for copy in copies { stages[at].cache[copy.to] = stages[at].cache[copy.from] }
        var row = 0, run = 0
        for segment in frame.segments {
            // Cancelled rows leave a token in the cache that makes every history with it wrong.
            let table =
                segment.isCancelled ? stages[at].state.tables.sequences[segment.sequence]!.blocks : runs[run].table
            for i in 0..<segment.rowCount {
                let position = segment.firstPosition + i
                stages[at].cache[Int(table[position / blockTokens])][position % blockTokens] =
                    segment.isCancelled ? -99 : tokens[row]
                row += 1
            }
            if !segment.isCancelled { run += 1 }
        }
        if at + 1 < stages.count { stages[at + 1].arrived.append((frame, tokens)) } else { answer(frame, runs) }
        return true
    }

    private mutating func answer(_ frame: Frame, _ runs: [RowRun]) {
        var outputs: [Candidates] = []
        for (run, segment) in zip(runs, frame.segments.filter { !$0.isCancelled }) {
            for request in segment.outputs {
                let history = (0...run.firstPosition + request.row).map { position in
                    let held = stages.map { $0.cache[Int(run.table[position / blockTokens])][position % blockTokens] }
                    // If the stages differ, the history becomes another one.
                    return held.allSatisfy { $0 == held[0] } ? held[0] : -98
                }
                outputs.append(model.row(request, after: history[...], sequence: segment.sequence))
            }
        }
        results.append((outputs, frame.segments.filter(\.isCancelled).map(\.sequence)))
    }

    /// Fills a block in all stages, as if it came from disk.
    mutating func fill(_ block: Int, with tokens: ArraySlice<Int32>) {
        for at in stages.indices { stages[at].cache[block] = Array(tokens) }
    }

    /// The result of the oldest frame.
    mutating func receive() throws -> (outputs: [Candidates], cancelled: [UInt32]) {
        for at in stages.indices.reversed() where results.isEmpty {
            guard try advance(at) else { continue }
            for next in stages.indices.dropFirst(at + 1) { try advance(next) }
        }
        return results.removeFirst()
    }
}
