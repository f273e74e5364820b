import Foundation
import Testing

@testable import Kernels

/// Compares attention over the paged cache with plain attention in double precision.
struct AttentionTests {
    @Test(arguments: [(12, 2, 128), (14, 2, 64), (5, 1, 96)])
    func attentionIsNearTheExactOne(heads: Int, kvHeads: Int, dimension: Int) throws {
        let count = 150, base = 10000.0
        let engine = try ComputeEngine(threads: 2)
        let attention = try RotaryAttention(
            heads: heads, kvHeads: kvHeads, rotation: Rotation(base: base, dimension: dimension), rows: count,
            threads: 2)
        let cache = try KVLayer(kvHeads: kvHeads, headDimension: dimension, blocks: 8)
        func rows(_ width: Int, _ factor: Double) throws -> FloatRows {
            let r = try FloatRows("rows", rows: count, width: width)
            for i in 0..<count { for j in 0..<width { r[i, j] = Float(sin(Double(i * 37 + j) * factor)) } }
            return r
        }
        let q = try rows(heads * dimension, 0.71), k = try rows(kvHeads * dimension, 0.37),
            v = try rows(kvHeads * dimension, 0.53)
        let exact = Self.exact(q, k, v, count, heads, kvHeads, dimension, base)
        let out = try FloatRows("out", rows: count, width: heads * dimension)
        var places = RowPlaces()
        places.append(firstPosition: 0, count: count, table: [5, 2, 7])
        attention.prepare(places, engine: engine)
        attention.attend(places, query: q, key: k, value: v, cache: cache, output: out, engine: engine)
        for i in 0..<count {
            for j in 0..<heads * dimension {
                #expect(abs(Double(out[i, j]) - exact[i][j]) < 2e-3, "row \(i) value \(j)")
            }
        }
    }

    private static func exact(
        _ q: FloatRows, _ k: FloatRows, _ v: FloatRows, _ count: Int, _ heads: Int, _ kvHeads: Int, _ dimension: Int,
        _ base: Double
    ) -> [[Double]] {
        func rotated(_ r: FloatRows, _ row: Int, _ head: Int) -> [Double] {
            let half = dimension / 2
            var out = [Double](repeating: 0, count: dimension)
            for i in 0..<half {
                let angle = Double(row) * pow(base, -2 * Double(i) / Double(dimension))
                let a = Double(r[row, head * dimension + i]), b = Double(r[row, head * dimension + half + i])
                out[i] = a * cos(angle) - b * sin(angle)
                out[half + i] = b * cos(angle) + a * sin(angle)
            }
            return out
        }
        let keys = (0..<count).map { row in (0..<kvHeads).map { rotated(k, row, $0) } }
        return (0..<count).map { row in
            (0..<heads).flatMap { head -> [Double] in
                let query = rotated(q, row, head), group = head / (heads / kvHeads)
                let scores = (0...row).map {
                    zip(query, keys[$0][group]).reduce(0) { $0 + $1.0 * $1.1 } / Double(dimension).squareRoot()
                }
                let greatest = scores.max()!, weights = scores.map { exp($0 - greatest) }, sum = weights.reduce(0, +)
                return (0..<dimension).map { d in
                    (0...row).reduce(0) { $0 + weights[$1] / sum * Double(v[$1, group * dimension + d]) }
                }
            }
        }
    }
}
