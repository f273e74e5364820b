import Candidates
import Foundation
import GGUF
import Kernels
import Testing
import TinyModel
import Transformer

/// Compares tiny models of every architecture with logits that an independent program computed in double precision
/// (`Oracle/make_fixtures.py`), and with themselves when the work is divided in other ways.
struct OracleTests {
    struct Fixture: Decodable {
        var tokens: [Int], positions: [Int], logits: [[Double]]

        init(_ name: String) throws {
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Oracle")
            self = try JSONDecoder().decode(
                Self.self, from: Data(contentsOf: folder.appendingPathComponent(name + ".json")))
        }
    }

    /// The logits at the fixture's positions, with slices of `counts` blocks and batches of `batch` rows.
    static func logits(
        _ file: GGUFFile, _ fixture: Fixture, slices counts: [Int] = [3], batch: Int = 150, threads: Int = 1,
        cpu: String? = nil,
        kvType: KVType = .f16, scaling: RopeScaling? = nil
    ) throws -> [[Float]] {
        let engine = try ComputeEngine(threads: threads, cpu: cpu), embedding = try file.tensor("token_embd.weight")
        var slices: [Slice] = [], first = 0
        for count in counts {
            let description = SliceDescription(
                layers: first..<first + count, hasHead: first + count == 3, kvBlocks: 3, kvType: kvType,
                ropeScaling: scaling)
            slices.append(try Slice(file, description, engine: engine))
            first += count
        }
        var answers: [[Float]] = [], row: [Float] = []
        for start in stride(from: 0, to: fixture.tokens.count, by: batch) {
            let part = fixture.tokens[start..<min(start + batch, fixture.tokens.count)]
            var rows: [Float] = []
            for token in part {
                file.row(token, of: embedding, into: &row)
                rows += row
            }
            for slice in slices {
                slice.forward([RowRun(table: [2, 0, 1], firstPosition: start, count: part.count)], rows: &rows)
            }
            let requests = fixture.positions.filter(part.indices.contains).map {
                CandidateRequest(row: $0 - start, top: 0)
            }
            answers += slices.last!.logits(requests, rows: rows).map(\.full)
        }
        return answers
    }

    /// The greatest Kullback-Leibler divergence of any position, in nats.
    static func divergence(_ expected: [[Double]], _ found: [[Float]]) -> Double {
        func logprobs(_ l: [Double]) -> [Double] {
            let m = l.max()!, sum = log(l.reduce(0) { $0 + exp($1 - m) })
            return l.map { $0 - m - sum }
        }
        return zip(expected, found).map { a, b in
            zip(logprobs(a), logprobs(b.map(Double.init))).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
        }.max() ?? .infinity
    }

    private func expectNear(_ expected: [[Double]], _ found: [[Float]], difference: Double, divergence: Double) {
        #expect(found.count == expected.count && found.allSatisfy { $0.count == TinyArchitecture.vocabulary })
        let greatest = zip(expected, found).flatMap { zip($0, $1).map { abs($0 - Double($1)) } }.max() ?? .infinity
        #expect(greatest < difference)
        #expect(Self.divergence(expected, found) < divergence)
    }

    /// Only the KV cache's rounding to f16 makes a difference.
    @Test(arguments: TinyArchitecture.all)
    func logitsAreThoseOfTheIndependentProgram(model: TinyArchitecture) throws {
        let fixture = try Fixture(model.name), file = try GGUFFile(path: model.path())
        expectNear(fixture.logits, try Self.logits(file, fixture), difference: 0.01, divergence: 1e-5)
    }

    @Test func aPlansScalingCountsWhateverTheFileSays() throws {
        let plain = try GGUFFile(path: TinyArchitecture.named("qwen2").path()), fixture = try Fixture("qwen2-yarn")
        let yarn = RopeScaling.yarn(.init(factor: 4, originalContext: 256))
        let stretched = try GGUFFile(path: TinyArchitecture.named("qwen2-yarn").path())
        #expect(try Self.logits(plain, fixture, scaling: yarn) == Self.logits(stretched, fixture))
        #expect(try Self.logits(stretched, fixture, scaling: RopeScaling.none) == Self.logits(plain, fixture))
        #expect(try Self.divergence(fixture.logits, Self.logits(plain, fixture)) > 0.1)
    }

    @Test(arguments: TinyArchitecture.all)
    func logitsAreTheSameBitsHoweverTheWorkIsCut(model: TinyArchitecture) throws {
        let fixture = try Fixture(model.name), file = try GGUFFile(path: model.path())
        let expected = try Self.logits(file, fixture)
        for slices in [[1, 2], [2, 1], [1, 1, 1]] {
            #expect(try Self.logits(file, fixture, slices: slices) == expected, "\(slices)")
        }
        for batch in [1, 7, 64] {
            #expect(try Self.logits(file, fixture, batch: batch) == expected, "batches of \(batch)")
        }
        for cpu in ["portable", "avx2", "avxvnni", "avx512", "neon", "dotprod", "i8mm"]
        where ComputeEngine.has(cpu: cpu) {
            #expect(
                try Self.logits(file, fixture, slices: [2, 1], batch: 13, threads: 3, cpu: cpu) == expected, "\(cpu)")
        }
        let rounded = try Self.logits(file, fixture, kvType: .q8_0)
        #expect(try Self.logits(file, fixture, slices: [1, 2], batch: 9, threads: 2, kvType: .q8_0) == rounded)
        #expect(rounded != expected)
    }
}
