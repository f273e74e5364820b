// Types with blocks of 32 weights. The low nibbles of the 16 bytes are weights 0..15, the high nibbles 16..31.

/// `d`: f16, nibbles: 16.
@inline(__always)
func dequantizeQ4_0(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 0)
    for i in 0..<16 {
        let q = byte(block, 2 + i)
        out[i] = d * Float(Int32(q & 15) - 8)
        out[i + 16] = d * Float(Int32(q >> 4) - 8)
    }
}

/// `d`: f16, `m`: f16, nibbles: 16.
@inline(__always)
func dequantizeQ4_1(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 0)
    let m = scale(block, 2)
    for i in 0..<16 {
        let q = byte(block, 4 + i)
        out[i] = d * Float(Int32(q & 15)) + m
        out[i + 16] = d * Float(Int32(q >> 4)) + m
    }
}

/// `d`: f16, fifth bits: u32 (bit `i` belongs to weight `i`), nibbles: 16.
@inline(__always)
func dequantizeQ5_0(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 0)
    let high = loadLittle(block + 2, UInt32.self)
    for i in 0..<16 {
        let q = UInt32(byte(block, 6 + i))
        let shift = UInt32(i)
        out[i] = d * Float(Int32(q & 15 | (high &>> shift & 1) << 4) - 16)
        out[i + 16] = d * Float(Int32(q >> 4 | (high &>> (shift + 16) & 1) << 4) - 16)
    }
}

/// `d`: f16, `m`: f16, fifth bits: u32, nibbles: 16.
@inline(__always)
func dequantizeQ5_1(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 0)
    let m = scale(block, 2)
    let high = loadLittle(block + 4, UInt32.self)
    for i in 0..<16 {
        let q = UInt32(byte(block, 8 + i))
        let shift = UInt32(i)
        out[i] = d * Float(Int32(q & 15 | (high &>> shift & 1) << 4)) + m
        out[i + 16] = d * Float(Int32(q >> 4 | (high &>> (shift + 16) & 1) << 4)) + m
    }
}

/// `d`: f16, 32 int8.
@inline(__always)
func dequantizeQ8_0(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let d = scale(block, 0)
    for i in 0..<32 { out[i] = Float(Int32(Int8(bitPattern: byte(block, 2 + i)))) * d }
}
