/// Turns blocks of `type` into float32 weights. This is the plain definition that every faster path is tested against.
///
/// The order of operations is that of the `gguf` Python package. Every product and sum is rounded to float32 on its own
/// and none is fused, so the results are the same bit for bit.
///
/// - Parameters:
///   - bytes: whole blocks, at any alignment.
///   - out: room for exactly the weights of these blocks.
public func dequantize(
    _ type: GGUFTensorType, _ bytes: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>
) {
    let blocks = bytes.count / type.bytesPerBlock
    precondition(
        blocks * type.bytesPerBlock == bytes.count && blocks * type.blockSize == out.count,
        "\(bytes.count) bytes of \(type.name) into \(out.count) weights")
    guard blocks > 0, let source = bytes.baseAddress, let target = out.baseAddress else { return }

    /// Calls `body` with each block's bytes and weights. Inlined, so that each type gets its own loop.
    @inline(__always)
    func eachBlock(_ body: (UnsafeRawPointer, UnsafeMutablePointer<Float>) -> Void) {
        for block in 0..<blocks { body(source + block * type.bytesPerBlock, target + block * type.blockSize) }
    }
    switch type {
    case .f32: eachBlock { $1.pointee = Float(bitPattern: loadLittle($0, UInt32.self)) }
    case .f16: eachBlock { $1.pointee = floatFromHalf(loadLittle($0, UInt16.self)) }
    case .bf16: eachBlock { $1.pointee = Float(bitPattern: UInt32(loadLittle($0, UInt16.self)) << 16) }
    case .q4_0: eachBlock(dequantizeQ4_0)
    case .q4_1: eachBlock(dequantizeQ4_1)
    case .q5_0: eachBlock(dequantizeQ5_0)
    case .q5_1: eachBlock(dequantizeQ5_1)
    case .q8_0: eachBlock(dequantizeQ8_0)
    case .q2_K: eachBlock(dequantizeQ2_K)
    case .q3_K: eachBlock(dequantizeQ3_K)
    case .q4_K: eachBlock(dequantizeQ4_K)
    case .q5_K: eachBlock(dequantizeQ5_K)
    case .q6_K: eachBlock(dequantizeQ6_K)
    }
}

/// An integer at any alignment.
@inline(__always)
func loadLittle<T: FixedWidthInteger>(_ bytes: UnsafeRawPointer, _ type: T.Type) -> T {
    T(littleEndian: bytes.loadUnaligned(as: T.self))
}

/// The byte at `index`.
@inline(__always)
func byte(_ bytes: UnsafeRawPointer, _ index: Int) -> UInt8 { bytes.load(fromByteOffset: index, as: UInt8.self) }

/// A float16 scale at byte `offset` of a block.
@inline(__always)
func scale(_ bytes: UnsafeRawPointer, _ offset: Int) -> Float { floatFromHalf(loadLittle(bytes + offset, UInt16.self)) }

/// IEEE 754 binary16 to binary32, exactly; NaNs keep their payload. It uses bits, because not every platform has
/// `Float16`. Subnormals are computed from the integer fraction, so a mode that flushes subnormals cannot change them.
@inline(__always)
func floatFromHalf(_ half: UInt16) -> Float {
    let sign = UInt32(half & 0x8000) << 16
    let exponent = UInt32(half >> 10) & 0x1F
    let fraction = UInt32(half & 0x3FF)
    switch exponent {
    case 0:
        // fraction * 2^-24 is a normal float32 or zero.
        return Float(bitPattern: sign | (Float(fraction) * 0x1p-24).bitPattern)
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
}
