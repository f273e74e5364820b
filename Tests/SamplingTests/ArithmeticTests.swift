import Testing

@testable import Sampling

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

struct ArithmeticTests {
    @Test func exponentialIsCloseToTheSystems() {
        var numbers = SeededNumbers(1)
        var worst = 0.0
        for i in 0..<200_000 {
            let range = [1e-9, 1, 10, 100, 700][i % 5]
            let x = -Double.random(in: 0...range, using: &numbers)
            worst = max(worst, abs(deterministicExp(x) / exp(x) - 1))
        }
        #expect(worst < 0x1p-51)
    }

    @Test func exponentialHasTheseBitsOnEveryMachine() {
        let table: [(Double, UInt64)] = [
            (0, 0x3ff0_0000_0000_0000), (5, 0x3ff0_0000_0000_0000), (-700.1, 0), (-.infinity, 0),
        ]
        for (x, bits) in table { #expect(deterministicExp(x).bitPattern == bits) }
        // A digest of many values, which any changed bit would change. The number was computed with the same formula in
        // Python.
        var digest: UInt64 = 0
        for i in 1...20_000 { digest = (digest ^ deterministicExp(-Double(i) * 0.03125).bitPattern) &* 0x100_0000_01b3 }
        #expect(digest == 0x2048_a121_c7b2_012b)
    }

    @Test func drawsAreUniformAndUnrelated() {
        for seed in [0, 1, 2, UInt64.max] {
            var buckets = [Int](repeating: 0, count: 16)
            var rising = 0
            for position in 0..<16_000 {
                let draw = uniformDraw(seed: seed, position: position)
                buckets[Int(draw * 16)] += 1
                if draw < uniformDraw(seed: seed, position: position + 1) { rising += 1 }
            }
            #expect(buckets.allSatisfy { (850...1150).contains($0) }, "\(buckets)")
            #expect((7700...8300).contains(rising))
        }
        // Neighbouring seeds, and a seed moved by the counter's step, do not repeat its draws.
        let first = (0..<100).map { uniformDraw(seed: 5, position: $0) }
        #expect(Set(first).isDisjoint(with: (0..<100).map { uniformDraw(seed: 6, position: $0) }))
        #expect(
            Set(first).isDisjoint(with: (0..<100).map { uniformDraw(seed: 5 &+ 0x9e37_79b9_7f4a_7c15, position: $0) }))
    }
}
