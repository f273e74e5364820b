import Foundation
import Kernels
import Testing

/// Compares rotary frequencies with their formulas, computed with the C library's functions.
struct RotationTests {
    private func expectNear(_ found: [Double], _ expected: [Double]) {
        #expect(found.count == expected.count)
        for (a, b) in zip(found, expected) { #expect(abs(a / b - 1) < 1e-14) }
    }

    private func plain(_ base: Double, _ dimension: Int) -> [Double] {
        (0..<dimension / 2).map { pow(base, -2 * Double($0) / Double(dimension)) }
    }

    @Test(arguments: [(10000.0, 64), (1_000_000, 128), (500_000, 96)])
    func frequenciesFallFromOneToTheBase(base: Double, dimension: Int) {
        let rotation = Rotation(base: base, dimension: dimension)
        expectNear(rotation.frequencies, plain(base, dimension))
        #expect(rotation.magnitude == 1 && rotation.layout == .halves && rotation.dimension == dimension)
    }

    @Test func factorsDivideAndLinearScalingDividesAll() {
        let factors = (0..<32).map { Float(1 + $0) }
        let rotation = Rotation(
            base: 10000, dimension: 64, layout: .pairs, factors: factors, scaling: .linear(factor: 2.5))
        expectNear(rotation.frequencies, zip(plain(10000, 64), factors).map { $0 / Double($1) / 2.5 })
        #expect(rotation.magnitude == 1)
    }

    /// With QwQ's numbers, pairs up to 23 keep their frequency, and pairs from 40 on have a quarter of it.
    @Test func yarnLeavesFastPairsAndSlowsDownSlowOnes() {
        let yarn = RopeScaling.yarn(.init(factor: 4, originalContext: 32768, attentionFactor: 0.5))
        let rotation = Rotation(base: 1_000_000, dimension: 128, scaling: yarn)
        func pair(_ turns: Double) -> Double { 128 * log(32768 / (turns * 2 * .pi)) / (2 * log(1e6)) }
        let low = floor(pair(32)), high = ceil(pair(1))
        #expect(low == 23 && high == 40)
        let expected = plain(1_000_000, 128).enumerated().map { i, f in
            let slowed = min(max((Double(i) - low) / (high - low), 0), 1)
            return f / 4 * slowed + f * (1 - slowed)
        }
        expectNear(rotation.frequencies, expected)
        #expect(abs(rotation.magnitude - 0.5 * (1 + 0.1 * log(4))) < 1e-15)
    }

    @Test func yarnOfFactorOneChangesNothing() {
        let one = Rotation(base: 10000, dimension: 64, scaling: .yarn(.init(factor: 1, originalContext: 4096)))
        expectNear(one.frequencies, plain(10000, 64))
        #expect(one.magnitude == 1)
    }
}
