import Testing

@testable import GGUF

struct DequantizeTests {
    /// Blocks of one type and the weights `gguf.dequantize` makes of them.
    struct Expectation {
        var blocks: [UInt8]
        var weights: [UInt32]  // bit patterns
    }

    static func expectations() throws -> [GGUFTensorType: Expectation] {
        let bytes = try fixture("dequant.bin")
        var found: [GGUFTensorType: Expectation] = [:]
        var offset = 0
        func word(_ at: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) } }
        while offset < bytes.count {
            let type = try #require(GGUFTensorType(rawValue: word(offset)))
            let count = Int(word(offset + 4))
            let start = offset + 8
            let middle = start + count * type.bytesPerBlock
            offset = middle + count * type.blockSize * 4
            found[type] = Expectation(
                blocks: [UInt8](bytes[start..<middle]), weights: stride(from: middle, to: offset, by: 4).map(word))
        }
        return found
    }

    static func weights(_ type: GGUFTensorType, _ blocks: [UInt8], count: Int) -> [UInt32] {
        var out = [Float](repeating: 0, count: count)
        blocks.withUnsafeBytes { bytes in out.withUnsafeMutableBufferPointer { dequantize(type, bytes, into: $0) } }
        return out.map(\.bitPattern)
    }

    @Test(arguments: GGUFTensorType.allCases)
    func equalsTheReferenceBitForBit(_ type: GGUFTensorType) throws {
        let expected = try #require(try Self.expectations()[type])
        let found = Self.weights(type, expected.blocks, count: expected.weights.count)
        #expect(expected.weights.count >= 512)
        let differing = zip(found, expected.weights).filter { found, expected in
            // The sign and payload of a NaN are the processor's choice.
            found != expected && !(Float(bitPattern: found).isNaN && Float(bitPattern: expected).isNaN)
        }
        #expect(differing.isEmpty)
    }

    @Test(arguments: GGUFTensorType.allCases)
    func readsBlocksAtAnyAlignment(_ type: GGUFTensorType) throws {
        let expected = try #require(try Self.expectations()[type])
        let aligned = Self.weights(type, expected.blocks, count: expected.weights.count)
        var shifted = [Float](repeating: 0, count: expected.weights.count)
        ([0xAA] + expected.blocks).withUnsafeBytes { bytes in
            shifted.withUnsafeMutableBufferPointer {
                dequantize(type, UnsafeRawBufferPointer(rebasing: bytes[1...]), into: $0)
            }
        }
        #expect(shifted.map(\.bitPattern) == aligned)
    }

    #if !(os(macOS) && arch(x86_64))
        @Test func convertsEveryHalfExactly() {
            let wrong = (UInt16.min...UInt16.max).filter { pattern in
                let expected = Float(Float16(bitPattern: pattern))
                let found = floatFromHalf(pattern)
                return expected.isNaN ? !found.isNaN : expected.bitPattern != found.bitPattern
            }
            #expect(wrong.isEmpty)
        }
    #endif

    @Test func describesItsBlocks() {
        let sizes = GGUFTensorType.allCases.map { "\($0.name) \($0.blockSize) \($0.bytesPerBlock)" }
        #expect(
            sizes == [
                "F32 1 4", "F16 1 2", "Q4_0 32 18", "Q4_1 32 20", "Q5_0 32 22", "Q5_1 32 24", "Q8_0 32 34",
                "Q2_K 256 84", "Q3_K 256 110", "Q4_K 256 144", "Q5_K 256 176", "Q6_K 256 210", "BF16 1 2",
            ])
    }
}
