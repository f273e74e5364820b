// The k-quants: blocks of 256 weights in sub-blocks of 16 or 32. Each sub-block has its own scale (and minimum), which
// is a small integer times the block's `d` (and `dmin`). Each comment lists the fields of a block with their bytes.

/// Scales (low nibbles) and minima (high nibbles): 16, 2-bit quants: 64, `d`: f16, `dmin`: f16. Sub-blocks of 16.
/// Weight `128h + 32s + l` is in the two bits from `2s` on of quant byte `32h + l`.
@inline(__always)
func dequantizeQ2_K(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 80)
    let dmin = scale(block, 82)
    for sub in 0..<16 {
        let packed = byte(block, sub)
        let dl = d * Float(Int32(packed & 15))
        let ml = dmin * Float(Int32(packed >> 4))
        let quants = block + 16 + sub / 8 * 32 + sub % 2 * 16
        let shift = UInt8(sub / 2 % 4 * 2)
        for l in 0..<16 { out[sub * 16 + l] = dl * Float(Int32(byte(quants, l) &>> shift & 3)) - ml }
    }
}

/// Third bits: 32, 2-bit quants: 64, 6-bit scales: 12, `d`: f16. Sub-blocks of 16, quants placed as in Q2_K. The third
/// bit of weight `32b + l` is bit `b` of byte `l`; where it is 0, 4 is subtracted. The low four bits of scale `i` are
/// nibble `i / 8` of byte `i % 8`; its high two bits are in byte `8 + i % 4`, from bit `2 (i / 4)` on.
@inline(__always)
func dequantizeQ3_K(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 108)
    for sub in 0..<16 {
        let low = byte(block, 96 + sub % 8) >> UInt8(sub / 8 * 4) & 15
        let high = byte(block, 104 + sub % 4) >> UInt8(sub / 4 * 2) & 3
        let dl = d * Float(Int32(low | high << 4) - 32)
        let quants = block + 32 + sub / 8 * 32 + sub % 2 * 16
        let shift = UInt8(sub / 2 % 4 * 2)
        let mask = block + sub % 2 * 16
        let bit = UInt8(sub / 2)
        for l in 0..<16 {
            let q = Int32(byte(quants, l) &>> shift & 3) - 4 + Int32(byte(mask, l) &>> bit & 1) * 4
            out[sub * 16 + l] = dl * Float(q)
        }
    }
}

/// The 6-bit scale and minimum of sub-block `sub` (of 8), from the 12 bytes that Q4_K and Q5_K have at `packed`. The
/// first four are the low six bits of bytes `sub` and `sub + 4`. The others take their low four bits from the nibbles
/// of byte `sub + 4`, and their high two from the top bits of bytes `sub - 4` and `sub`.
@inline(__always)
private func scaleAndMinimum(_ packed: UnsafeRawPointer, _ sub: Int) -> (Float, Float) {
    if sub < 4 { return (Float(Int32(byte(packed, sub) & 63)), Float(Int32(byte(packed, sub + 4) & 63))) }
    let low = byte(packed, sub + 4)
    return (
        Float(Int32(low & 15 | byte(packed, sub - 4) >> 2 & 48)), Float(Int32(low >> 4 | byte(packed, sub) >> 2 & 48))
    )
}

/// `d`: f16, `dmin`: f16, scales and minima: 12, nibbles: 128. Sub-blocks of 32. Two of them share 32 bytes; the first
/// has the low nibbles.
@inline(__always)
func dequantizeQ4_K(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 0)
    let dmin = scale(block, 2)
    for sub in 0..<8 {
        let (sc, m) = scaleAndMinimum(block + 4, sub)
        let dl = d * sc
        let ml = dmin * m
        let quants = block + 16 + sub / 2 * 32
        let shift = UInt8(sub % 2 * 4)
        for l in 0..<32 { out[sub * 32 + l] = dl * Float(Int32(byte(quants, l) &>> shift & 15)) - ml }
    }
}

/// `d`: f16, `dmin`: f16, scales and minima: 12, fifth bits: 32, nibbles: 128. As Q4_K; the fifth bit of weight
/// `32b + l` is bit `b` of byte `l`.
@inline(__always)
func dequantizeQ5_K(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 0)
    let dmin = scale(block, 2)
    for sub in 0..<8 {
        let (sc, m) = scaleAndMinimum(block + 4, sub)
        let dl = d * sc
        let ml = dmin * m
        let quants = block + 48 + sub / 2 * 32
        let shift = UInt8(sub % 2 * 4)
        let bit = UInt8(sub)
        for l in 0..<32 {
            let q = byte(quants, l) &>> shift & 15 | (byte(block + 16, l) &>> bit & 1) << 4
            out[sub * 32 + l] = dl * Float(Int32(q)) - ml
        }
    }
}

/// Nibbles: 128, upper bits: 64, int8 scales: 16, `d`: f16. Sub-blocks of 16. The low four bits of weight
/// `128h + 64n + l` are nibble `n` of byte `64h + l`; the upper two bits of weight `128h + 32s + l` are those from `2s`
/// on of byte `32h + l`.
@inline(__always)
func dequantizeQ6_K(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 208)
    for sub in 0..<16 {
        let dl = d * Float(Int32(Int8(bitPattern: byte(block, 192 + sub))))
        let quants = block + sub / 8 * 64 + sub % 4 * 16
        let nibble = UInt8(sub / 4 % 2 * 4)
        let upper = block + 128 + sub / 8 * 32 + sub % 2 * 16
        let shift = UInt8(sub / 2 % 4 * 2)
        for l in 0..<16 {
            let q = byte(quants, l) &>> nibble & 15 | (byte(upper, l) &>> shift & 3) << 4
            out[sub * 16 + l] = dl * Float(Int32(q) - 32)
        }
    }
}
