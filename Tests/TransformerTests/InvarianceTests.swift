import Candidates
import GGUF
import Kernels
import Testing
import TinyModel
import Transformer

/// With a model of QwQ's structure, the logits have the same bits however the work is divided.
struct InvarianceTests {
    static let tokens = (0..<90).map { ($0 * 37 + 11) % TinyModel.vocabulary }

    struct Run: Sendable, CustomTestStringConvertible {
        var slices = [7], batch = 90, threads = 1
        var cpu: String?
        var testDescription: String {
            "slices \(slices), batches of \(batch), \(threads) threads, \(cpu ?? "best") kernels"
        }
    }

    static let runs: [Run] =
        [1, 7, 64].map { Run(batch: $0) } + [[3, 4], [2, 2, 3], [1, 1, 1, 1, 1, 1, 1]].map { Run(slices: $0) }
        + [Run(threads: 2), Run(slices: [5, 2], batch: 13, threads: 3)]
        + ["portable", "avx2", "avxvnni", "avx512", "neon", "dotprod", "i8mm"].filter { ComputeEngine.has(cpu: $0) }.map
    { Run(cpu: $0) }

    /// All logits of the text.
    static func logits(_ run: Run) throws -> [Candidates] {
        let file = try GGUFFile(path: TinyModel.path()), engine = try ComputeEngine(threads: run.threads, cpu: run.cpu)
        var slices: [Slice] = [], first = 0
        for count in run.slices {
            let description = SliceDescription(layers: first..<first + count, hasHead: first + count == 7, kvBlocks: 3)
            slices.append(try Slice(file, description, engine: engine))
            first += count
        }
        let embedding = try file.tensor("token_embd.weight")
        var answers: [Candidates] = [], row: [Float] = []
        for start in stride(from: 0, to: tokens.count, by: run.batch) {
            let part = tokens[start..<min(start + run.batch, tokens.count)]
            var rows: [Float] = []
            for token in part {
                file.row(token, of: embedding, into: &row)
                rows += row
            }
            let place = RowRun(table: [2, 0], firstPosition: start, count: part.count)
            for slice in slices { slice.forward([place], rows: &rows) }
            let requests = part.indices.map { CandidateRequest(row: $0 - start, top: 0) }
            answers += slices.last!.logits(requests, rows: rows)
        }
        return answers
    }

    static let reference = Result { try logits(Run()) }

    @Test func theModelSaysDifferentThingsAtDifferentPlaces() throws {
        let all = try Self.reference.get()
        #expect(all.count == Self.tokens.count)
        #expect(all.allSatisfy { $0.full.count == TinyModel.vocabulary && $0.full.allSatisfy(\.isFinite) })
        #expect(Set(all.map { $0.full[3].bitPattern }).count > 80)
    }

    @Test(arguments: runs)
    func logitsAreTheSameBits(run: Run) throws {
        let expected = try Self.reference.get(), found = try Self.logits(run)
        for (i, (a, b)) in zip(expected, found).enumerated() {
            #expect(a.full.map(\.bitPattern) == b.full.map(\.bitPattern), "position \(i)")
            #expect(a.logSumExp.bitPattern == b.logSumExp.bitPattern)
        }
        #expect(expected.count == found.count)
    }

    @Test func sequencesInOneBatchDoNotTouchEachOther() throws {
        let file = try GGUFFile(path: TinyModel.path(layers: 2, seed: 3)), engine = try ComputeEngine(threads: 2)
        let c = try ModelConfiguration(file)
        func rows(_ count: Int, _ seed: Int) -> [Float] {
            (0..<count * c.width).map { Float(($0 * 31 + seed) % 17) / 17 - 0.5 }
        }
        func slice() throws -> Slice {
            try Slice(file, SliceDescription(layers: 0..<2, hasHead: false, kvBlocks: 6), engine: engine)
        }
        let a = rows(70, 1), b = rows(3, 2)
        var alone = a, other = b, together = a + b
        try slice().forward([RowRun(table: [0, 1], firstPosition: 0, count: 70)], rows: &alone)
        try slice().forward([RowRun(table: [3], firstPosition: 0, count: 3)], rows: &other)
        try slice().forward(
            [RowRun(table: [4, 2], firstPosition: 0, count: 70), RowRun(table: [5], firstPosition: 0, count: 3)],
            rows: &together)
        #expect(together == alone + other)
    }
}
