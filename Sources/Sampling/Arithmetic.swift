/// e^x for x <= 0, with the same bits on every machine; the systems' own `exp` functions differ in their last bit.
///
/// x = k ln 2 + r with |r| <= ln 2 / 2. ln 2 has two parts, the first with so few bits that its product with k is
/// exact. Then follow the Taylor polynomial of degree 13, whose remainder is below 2^-57, and an exact multiplication
/// by 2^k. All are sums and products of doubles, none of them fused. The relative error is below 2^-51. The result is 0
/// below -700, and 1 for x > 0.
func deterministicExp(_ x: Double) -> Double {
    guard x < 0 else { return 1 }
    guard x >= -700 else { return 0 }
    let k = Int(x * 1.442695040888963407 - 0.5)  // truncates, which gives the nearest integer
    let r = (x - Double(k) * 0x1.62e42feep-1) - Double(k) * 0x1.a39ef35793c76p-33
    var p = 1.0 / 6_227_020_800
    p = p * r + 1.0 / 479_001_600
    p = p * r + 1.0 / 39_916_800
    p = p * r + 1.0 / 3_628_800
    p = p * r + 1.0 / 362_880
    p = p * r + 1.0 / 40_320
    p = p * r + 1.0 / 5_040
    p = p * r + 1.0 / 720
    p = p * r + 1.0 / 120
    p = p * r + 1.0 / 24
    p = p * r + 1.0 / 6
    p = p * r + 0.5
    p = p * r + 1
    p = p * r + 1
    return p * Double(bitPattern: UInt64(1023 + k) << 52)
}

/// A number in [0, 1) that depends only on seed and position: the top 53 bits of SplitMix64's output function, applied
/// to the seed plus one step, and again to the result plus `position` steps.
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014 (constants of the variant
/// published as splitmix64). It is applied twice, so that neighbouring seeds, and seeds that differ by a multiple of
/// the step, give unrelated draws.
func uniformDraw(seed: UInt64, position: Int) -> Double {
    let step: UInt64 = 0x9e37_79b9_7f4a_7c15
    let mixed = mix(mix(seed &+ step) &+ UInt64(bitPattern: Int64(position)) &* step)
    return Double(mixed >> 11) * 0x1p-53
}

private func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
}
