import Testing

@testable import GGUF

struct HostileTensorTests {
    static let name = "blk.0.attn_q.weight"

    @Test func rejectsABadName() {
        let long = String(repeating: "n", count: 65)
        #expect(
            RawFile.problem(tensors: [tensorLine(long, [1])])
                == .limitExceeded(field: "the name of tensor 1 of 1's length", found: 65, limit: 64))
        #expect(
            RawFile.problem(tensors: [tensorLine("", [1])], data: [0])
                == .malformed(field: "the name of tensor 1 of 1", found: "empty", expected: "1 to 64 bytes"))
        #expect(
            RawFile.problem(tensors: [tensorLine("t", [1]), tensorLine("t", [1], offset: 32)], data: floatBytes([1]))
                == .duplicateTensor("t", parts: [1, 1]))
    }

    @Test(arguments: [
        (UInt32(16), "IQ2_XXS (16)"), (23, "IQ4_XS (23)"), (4, "Q4_2 (4)"), (1000, "1000 (unknown)"),
    ])
    func rejectsATypeItDoesNotRead(type: UInt32, described: String) {
        let problem = RawFile.problem(tensors: [tensorLine(Self.name, [256], type: type)])
        #expect(problem == .unsupportedTensorType(tensor: Self.name, found: type))
        #expect("\(problem!)".contains("is of type \(described), expected one of F32, F16, "))
    }

    @Test func rejectsShapesTheFormatDoesNotAllow() {
        func refused(_ shape: [UInt64], type: UInt32 = 0) -> GGUFError.Problem? {
            RawFile.problem(tensors: [tensorLine("t", shape, type: type)])
        }
        #expect(
            refused([1, 1, 1, 1, 1])
                == .limitExceeded(field: "the number of dimensions of tensor \"t\"", found: 5, limit: 4))
        #expect(
            refused([4, 0]) == .wrongShape(tensor: "t", found: [4, 0], expected: "every dimension to be at least 1"))
        #expect(
            refused([.max]) == .limitExceeded(field: "a dimension of tensor \"t\"", found: .max, limit: UInt64(Int.max))
        )
        #expect(
            refused([48], type: 8)
                == .wrongShape(tensor: "t", found: [48], expected: "rows of a multiple of 32 weights for type Q8_0"))
        #expect(
            refused([128, 2], type: 12)
                == .wrongShape(
                    tensor: "t", found: [128, 2], expected: "rows of a multiple of 256 weights for type Q4_K"))
        #expect(
            refused([], type: 12)
                == .wrongShape(tensor: "t", found: [], expected: "rows of a multiple of 256 weights for type Q4_K"))
    }

    static let uncountable: [(shape: [UInt64], type: UInt32)] = [
        ([1 << 62], 0), ([1 << 32, 1 << 32], 0), ([1 << 20, 1 << 20, 1 << 20, 1 << 20], 1), ([1 << 62, 2], 12),
        ([1 << 40, 1 << 23], 10),
    ]

    @Test(arguments: uncountable)
    func rejectsSizesBeyondCounting(shape: [UInt64], type: UInt32) {
        #expect(
            RawFile.problem(tensors: [tensorLine("t", shape, type: type)])
                == .wrongShape(
                    tensor: "t", found: shape.map { Int($0) }, expected: "fewer than 2^63 bytes and weights in all"))
    }

    @Test(arguments: [UInt64(1), 16, 31, 33, .max])
    func rejectsAMisalignedTensor(offset: UInt64) {
        #expect(
            RawFile.problem(tensors: [tensorLine("t", [4], offset: offset)], data: [UInt8](repeating: 0, count: 128))
                == .misaligned(tensor: "t", offset: offset, alignment: 32))
    }

    static let outside: [(offset: UInt64, count: UInt64)] = [
        (0, 17), (32, 9), (64, 1), (1 << 62, 1), (UInt64.max - 31, 4), (0, 1 << 40),
    ]

    @Test(arguments: outside)
    func rejectsATensorBeyondTheFile(offset: UInt64, count: UInt64) {
        #expect(
            RawFile.problem(tensors: [tensorLine("t", [count], offset: offset)], data: [UInt8](repeating: 0, count: 64))
                == .beyondFile(tensor: "t", offset: offset, byteCount: Int(count) * 4, available: 64))
    }

    @Test func acceptsATensorThatEndsWithTheFile() {
        #expect(RawFile.problem(tensors: [tensorLine("t", [16])], data: [UInt8](repeating: 0, count: 64)) == nil)
    }

    @Test func rejectsOverlappingTensorsInAnyOrder() {
        let lines = [tensorLine("a", [16]), tensorLine("b", [1], offset: 32), tensorLine("c", [1], offset: 64)]
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            #expect(
                RawFile.problem(tensors: order.map { lines[$0] }, data: [UInt8](repeating: 0, count: 128))
                    == .overlapping(tensor: "b", offset: 32, previous: "a", previousEnd: 64))
        }
    }

    @Test func acceptsGapsBetweenTensors() throws {
        let raw = RawFile(
            tensors: [tensorLine("b", [1], offset: 64), tensorLine("a", [1])],
            data: floatBytes([1] + [Float](repeating: 9, count: 15) + [2]))
        let file = try GGUFFile(bytes: raw.bytes)
        #expect(try file.floats(of: file.tensor("a")) == [1])
        #expect(try file.floats(of: file.tensor("b")) == [2])
    }

    @Test func messagesNameFileTensorFoundAndExpected() throws {
        let raw = RawFile(tensors: [tensorLine("t", [4], offset: 8)])
        let error = try #require(throws: GGUFError.self) { try GGUFFile(bytes: raw.bytes) }
        #expect(
            error.description
                == "bytes in memory: tensor \"t\" is at offset 8, expected a multiple of the alignment 32; "
                + "the file is damaged or was made by a faulty tool, get it again")
    }

    @Test func messagesShortenAndEscapeNames() {
        #expect(quoted("a\u{1B}[31m\n\"") == #""a\u{1b}[31m\u{a}\"""#)
        #expect(quoted(String(repeating: "x", count: 1000)) == "\"" + String(repeating: "x", count: 80) + "\"…")
    }
}
