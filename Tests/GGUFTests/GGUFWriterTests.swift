import Testing

@testable import GGUF

struct GGUFWriterTests {
    @Test func writesTheFormatByteForByte() throws {
        var writer = GGUFWriter()
        try writer.set("a", .uint16(513))
        try writer.set("l", .array(.string(["x"])))
        try writer.add("t", .f32, shape: [1, 2], bytes: floatBytes([1, -1]))
        let expected = RawFile(
            entries: [entry("a", 2, [1, 2]), entry("l", 9, little(UInt32(8)) + little(UInt64(1)) + text("x"))],
            tensors: [tensorLine("t", [1, 2])], data: floatBytes([1, -1]) + [UInt8](repeating: 0, count: 24))
        #expect(writer.serialized() == expected.bytes)
    }

    @Test(arguments: [UInt32(1), 8, 32, 64, 4096])
    func honoursTheAlignmentKey(alignment: UInt32) throws {
        var writer = GGUFWriter()
        try writer.set("general.alignment", .uint32(alignment))
        for index in 0..<3 {
            try writer.add("t\(index)", .f16, shape: [index + 1], bytes: [UInt8](repeating: 0, count: index * 2 + 2))
        }
        let bytes = writer.serialized()
        let file = try GGUFFile(bytes: bytes)
        #expect(file.tensors.allSatisfy { $0.offset % Int(alignment) == 0 })
        #expect(bytes.count % Int(alignment) == 0)
    }

    @Test func aKeySetAgainKeepsItsPlace() throws {
        var writer = GGUFWriter()
        try writer.set("a", .bool(false))
        try writer.set("b", .bool(false))
        try writer.set("a", .uint8(3))
        #expect(writer.metadata.map(\.key) == ["a", "b"])
        #expect(writer.metadata[0].value == .uint8(3))
    }

    @Test(arguments: GGUFTensorType.allCases)
    func copiesTensorsOfAnotherFile(type: GGUFTensorType) throws {
        var generator = SeededGenerator(state: UInt64(type.rawValue))
        let shape = [type.blockSize * 2, 3]
        let bytes = (0..<type.bytesPerBlock * 6).map { _ in UInt8.random(in: 0...255, using: &generator) }
        var first = GGUFWriter()
        try first.add("skipped", .f32, shape: [9], bytes: floatBytes([Float](repeating: 1, count: 9)))
        try first.add("kept", type, shape: shape, bytes: bytes)
        let source = try GGUFFile(bytes: first.serialized())
        var second = GGUFWriter()
        try second.add(source.tensor("kept"), of: source)
        let copy = try GGUFFile(bytes: second.serialized())
        let kept = try copy.tensor("kept", shape: shape)
        #expect(kept.type == type)
        #expect(copy.copyBytes(of: kept, 0..<kept.byteCount) == bytes)
    }

    @Test func refusesWhatAReaderWouldRefuse() throws {
        var writer = GGUFWriter()
        try writer.add("t", .f32, shape: [1], bytes: floatBytes([1]))
        #expect(throws: refused(.wrongByteCount(tensor: "u", found: 4, expected: 8))) {
            try writer.add("u", .f32, shape: [2], bytes: floatBytes([1]))
        }
        #expect(throws: refused(.duplicateTensor("t", parts: [1, 1]))) {
            try writer.add("t", .f32, shape: [1], bytes: floatBytes([1]))
        }
        #expect(
            throws: refused(
                .wrongShape(tensor: "u", found: [8], expected: "rows of a multiple of 32 weights for type Q4_0"))
        ) {
            try writer.add("u", .q4_0, shape: [8], bytes: [])
        }
        #expect(throws: refused(.malformed(field: "a key", found: "empty", expected: "1 to 65535 bytes"))) {
            try writer.set("", .bool(true))
        }
        #expect(throws: refused(.wrongValue(key: "general.alignment", found: "24", expected: "a power of two"))) {
            try writer.set("general.alignment", .uint32(24))
        }
        #expect(throws: refused(.wrongType(key: "general.alignment", found: "uint64", expected: "uint32"))) {
            try writer.set("general.alignment", .uint64(32))
        }
        let deep = GGUFArray.array([.array([.array([.array([.bool([])])])])])
        #expect(
            throws: refused(.limitExceeded(field: "the depth of arrays in the value of key \"k\"", found: 5, limit: 4))
        ) {
            try writer.set("k", .array(deep))
        }
        let long = String(repeating: "n", count: 65)
        #expect(throws: refused(.limitExceeded(field: "the length of tensor name \"\(long)\"", found: 65, limit: 64))) {
            try writer.add(long, .f32, shape: [1], bytes: floatBytes([1]))
        }
        #expect(writer.metadata.isEmpty)
        #expect(writer.tensors.count == 1)
    }

    private func refused(_ problem: GGUFError.Problem) -> GGUFError {
        GGUFError(file: "the file to be written", problem: problem)
    }
}
