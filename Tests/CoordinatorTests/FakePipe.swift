import Sampling
import Testing
import Transformer
import Wire

@testable import Coordinator
@testable import Worker

/// SplitMix64: random cases that can be told by their seed.
struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Once in `n` times.
    mutating func once(in n: Int) -> Bool { Int.random(in: 0..<n, using: &self) == 0 }
}

/// A model without weights: the logits that follow a history are a function of its tokens. Often the last two decide, so that texts
/// repeat themselves; sometimes all do, so that a wrong token anywhere in the cache shows.
struct FakeModel {
    var vocabulary = 40

    func logits(after history: ArraySlice<Int32>) -> [Float] {
        var short: UInt64 = 7, long: UInt64 = 11
        for token in history.suffix(2) { short = (short ^ UInt64(token)) &* 0x100_0000_01b3 }
        for token in history { long = (long ^ UInt64(token)) &* 0x100_0000_01b3 }
        var random = Random(state: short % 6 == 0 ? long : short)
        return (0..<vocabulary).map { _ in Float(random.next() >> 40) / Float(1 << 21) - 4 }
    }

    func row(_ request: OutputRequest, after history: ArraySlice<Int32>, sequence: UInt32) -> OutputRow {
        let logits = logits(after: history), position = history.count - 1
        if request.top == 0 { return OutputRow(sequence: sequence, position: position, logSumExp: 5, full: logits) }
        let ids = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }.prefix(request.top)
        return OutputRow(
            sequence: sequence, position: position, logSumExp: 5, ids: ids.map { Int32($0) }, logits: ids.map { logits[$0] },
            extra: request.extra.map { Int($0) < vocabulary ? logits[Int($0)] : -.infinity })
    }

    /// The answer one token after another, with nothing but the whole history.
    func plainAnswer(_ request: GenerationRequest, contextLength: Int) throws -> [GeneratedToken] {
        var chooser = try TokenChooser(request), history = request.prompt, answer: [GeneratedToken] = []
        while true {
            // The whole vocabulary's logits: what is chosen from few of them must be the same.
            let choice = try chooser.choose(row(OutputRequest(row: 0, top: 0), after: history[...], sequence: 1), history: history[...])
            guard case .token(let token) = choice, !request.ends.contains(token.id) else { return answer }
            answer.append(token)
            history.append(token.id)
            chooser.constraint?.accept(token.id)
            if answer.count >= request.limit ?? .max || history.count >= contextLength { return answer }
        }
    }
}

/// A stage with the worker's own bookkeeping, whose cache holds the tokens themselves, and a line to it and back.
struct FakePipe {
    let model: FakeModel, blockTokens: Int
    private var state: StageState
    private var cache: [[Int32]]  // [block][position in it]
    private(set) var results: [[OutputRow]] = []
    private var number: UInt64 = 0

    init(_ model: FakeModel, blockCount: Int, blockTokens: Int) {
        self.model = model
        self.blockTokens = blockTokens
        state = StageState(epoch: 1, width: 1, kvBlocks: blockCount, blockTokens: blockTokens)
        cache = Array(repeating: Array(repeating: -1, count: blockTokens), count: blockCount)
    }

    var blocksUsed: Int { state.tables.blocksUsed }
    var sequences: Int { state.tables.sequences.count }

    mutating func send(_ frame: ScheduledFrame) throws {
        let wire = Frame(epoch: 1, number: number, width: 1, operations: frame.operations, segments: frame.segments)
        number += 1
        try #require(frame.tokens.count == wire.rowCount)
        let action = state.received(wire)
        guard case .compute(let copies, let runs, _) = action else {
            Issue.record("\(action)")
            throw CancellationError()
        }
        for copy in copies { cache[copy.to] = cache[copy.from] }
        var at = 0, outputs: [OutputRow] = []
        for (run, segment) in zip(runs, frame.segments) {
            for i in 0..<run.count {
                let position = run.firstPosition + i
                cache[Int(run.table[position / blockTokens])][position % blockTokens] = frame.tokens[at]
                at += 1
            }
            for request in segment.outputs {
                let history = (0...run.firstPosition + request.row).map { cache[Int(run.table[$0 / blockTokens])][$0 % blockTokens] }
                outputs.append(model.row(request, after: history[...], sequence: segment.sequence))
            }
        }
        results.append(outputs)
    }

    /// As if a block came from disk.
    mutating func fill(_ block: Int, with tokens: ArraySlice<Int32>) { cache[block] = Array(tokens) }

    mutating func receive() -> [OutputRow] { results.removeFirst() }
}
