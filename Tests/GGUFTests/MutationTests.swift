import Testing

@testable import GGUF

/// Damages small valid files at random. The result must be a `GGUFError` or a file whose every key and tensor can be
/// read. A trap would end the process, so reaching the end is part of the test.
struct MutationTests {
    static let mutationsPerSeed = 15_000

    /// Files so small that mutations hit every field. Together they have every kind of value and tensor.
    static func originals() throws -> [[UInt8]] {
        var quantized = GGUFWriter()
        try quantized.set("general.alignment", .uint32(8))
        for type in GGUFTensorType.allCases where type.blockSize <= 32 {
            try quantized.add(
                type.name, type, shape: [32, 1],
                bytes: [UInt8](repeating: 7, count: 32 / type.blockSize * type.bytesPerBlock))
        }
        var nested = GGUFWriter()
        nested.version = 2
        try nested.set(
            "n", .array(.array([.array([.uint16([1, 2]), .string(["a", "bc"])]), .bool([true, false])])))
        try nested.set("s", .string("text"))
        try nested.add("k", .q4_K, shape: [256], bytes: [UInt8](repeating: 3, count: 144))
        let values = try fixture("written.bin")
        return [values, quantized.serialized(), nested.serialized()]
            + (try SplitFileTests.parts()).map { $0.serialized() }
    }

    @Test(arguments: UInt64(1)...8)
    func everyMutationIsAFileOrAnError(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let originals = try Self.originals()
        var accepted = 0
        var refused = 0
        for _ in 0..<Self.mutationsPerSeed {
            var bytes = originals.randomElement(using: &generator)!
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                Self.mutate(&bytes, originals, &generator)
            }
            do throws(GGUFError) {
                Self.readEverything(try GGUFFile(bytes: bytes))
                accepted += 1
            } catch {
                #expect(!error.description.isEmpty)
                refused += 1
            }
        }
        #expect(accepted + refused == Self.mutationsPerSeed)
        // Both outcomes must occur, or the mutations test too little.
        #expect(accepted > Self.mutationsPerSeed / 100)
        #expect(refused > Self.mutationsPerSeed / 100)
    }

    @Test func everyMutationOfOnePartIsAFileOrAnError() throws {
        var generator = SeededGenerator(state: 99)
        let parts = try SplitFileTests.parts().map { $0.serialized() }
        var accepted = 0
        var refused = 0
        for _ in 0..<5000 {
            var spoiled = parts
            Self.mutate(&spoiled[Int.random(in: 0..<3, using: &generator)], parts, &generator)
            do throws(GGUFError) {
                Self.readEverything(try GGUFFile(parts: spoiled))
                accepted += 1
            } catch { refused += 1 }
        }
        #expect(accepted > 50)
        #expect(refused > 50)
    }

    static func mutate(_ bytes: inout [UInt8], _ others: [[UInt8]], _ generator: inout SeededGenerator) {
        guard bytes.count > 8 else { return }
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[at] = UInt8.random(in: 0...255, using: &generator)
        case 2: bytes.removeLast(bytes.count - at)
        case 3:
            let other = others.randomElement(using: &generator)!
            let from = Int.random(in: 0..<other.count, using: &generator)
            let piece = other[from..<min(other.count, from + Int.random(in: 1...40, using: &generator))]
            bytes.replaceSubrange(at..<min(bytes.count, at + Int.random(in: 0...40, using: &generator)), with: piece)
        default:
            // An edge value over 4 or 8 bytes, as a length, count, dimension or offset.
            let edges: [UInt64] = [
                0, 1, 2, 7, 31, 33, 255, 256, 65535, 65536, 1 << 31, 1 << 32, 1 << 40, 1 << 61, 1 << 62, 1 << 63,
                UInt64(Int.max), .max, .max - 31, UInt64(bytes.count),
            ]
            let field = little(edges.randomElement(using: &generator)!).prefix(Bool.random(using: &generator) ? 4 : 8)
            let start = min(at, bytes.count - 8)
            bytes.replaceSubrange(start..<start + field.count, with: field)
        }
    }

    /// Reads every key and tensor. The values do not matter, only that nothing traps.
    static func readEverything(_ file: GGUFFile) {
        for key in file.keys {
            #expect(file.value(key) != nil)
            _ = try? file.int(key)
            _ = try? file.string(key)
            _ = try? file.strings(key)
            _ = try? file.ints(key)
            _ = try? file.floats(key)
        }
        var row: [Float] = []
        for tensor in file.tensors {
            file.row(tensor.rowCount - 1, of: tensor, into: &row)
            #expect(row.count == tensor.rowLength)
            #expect((try? file.floats(of: tensor))?.count == tensor.rowLength * tensor.rowCount)
        }
        file.withHeaderBytes(ofPart: 0) { #expect($0.count >= 24) }
    }
}
