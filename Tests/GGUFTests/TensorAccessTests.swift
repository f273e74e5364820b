import Testing

@testable import GGUF

struct TensorAccessTests {
    /// `ramp`: 3 rows of 4 floats; `quants`: 2 rows of 64 in Q8_0, row `r` all `(r + 1) * 0.5`; `bias`: a vector.
    static func writer() throws -> GGUFWriter {
        var writer = GGUFWriter()
        try writer.add("ramp", .f32, shape: [4, 3], bytes: floatBytes((0..<12).map(Float.init)))
        let block: (UInt8) -> [UInt8] = { little(UInt16(0x3800)) + [UInt8](repeating: $0, count: 32) }
        try writer.add("quants", .q8_0, shape: [64, 2], bytes: block(1) + block(1) + block(2) + block(2))
        try writer.add("bias", .f32, shape: [5, 1], bytes: floatBytes([1, 2, 3, 4, 5]))
        return writer
    }

    @Test func describesTensors() throws {
        let file = try GGUFFile(bytes: Self.writer().serialized())
        let quants = try file.tensor("quants")
        #expect(quants.type == .q8_0)
        #expect(quants.shape == [64, 2])
        #expect((quants.rowLength, quants.rowCount) == (64, 2))
        #expect((quants.bytesPerRow, quants.byteCount) == (68, 136))
        #expect(file.tensors.map(\.name) == ["ramp", "quants", "bias"])
        #expect(file.tensors.allSatisfy { $0.part == 0 && $0.offset % 32 == 0 })
    }

    @Test func dequantizesSingleRowsIntoReusedStorage() throws {
        let file = try GGUFFile(bytes: Self.writer().serialized())
        let ramp = try file.tensor("ramp")
        let quants = try file.tensor("quants")
        var out: [Float] = []
        for row in 0..<3 {
            file.row(row, of: ramp, into: &out)
            #expect(out == (0..<4).map { Float(row * 4 + $0) })
        }
        let before = out.withUnsafeBufferPointer { $0.baseAddress }
        file.row(0, of: ramp, into: &out)
        #expect(out.withUnsafeBufferPointer { $0.baseAddress } == before)
        file.row(1, of: quants, into: &out)
        #expect(out == [Float](repeating: 1, count: 64))
    }

    @Test func dequantizesWholeTensors() throws {
        let file = try GGUFFile(bytes: Self.writer().serialized())
        #expect(try file.floats(of: file.tensor("ramp")) == (0..<12).map(Float.init))
        #expect(try file.floats(of: file.tensor("quants")) == (0..<128).map { $0 < 64 ? 0.5 : 1 })
    }

    @Test func lendsAndCopiesBytes() throws {
        let file = try GGUFFile(bytes: Self.writer().serialized())
        let bias = try file.tensor("bias")
        #expect(file.withBytes(of: bias) { [UInt8]($0) } == floatBytes([1, 2, 3, 4, 5]))
        #expect(file.copyBytes(of: bias, 4..<12) == floatBytes([2, 3]))
        #expect(file.copyBytes(of: bias, 20..<20) == [])
    }

    @Test func checksShapesButNotTrailingOnes() throws {
        let file = try GGUFFile(bytes: Self.writer().serialized())
        #expect(try file.tensor("ramp", shape: [4, 3]).name == "ramp")
        #expect(try file.tensor("bias", shape: [5]).name == "bias")
        #expect(try file.tensor("ramp", shape: [4, 3, 1]).name == "ramp")
        for wrong in [[3, 4], [4], [12], [4, 3, 2], [1, 4, 3], []] {
            #expect(throws: error(.wrongShape(tensor: "ramp", found: [4, 3], expected: "\(wrong)"))) {
                try file.tensor("ramp", shape: wrong)
            }
        }
    }

    @Test func namesAMissingTensor() throws {
        let file = try GGUFFile(bytes: Self.writer().serialized())
        #expect(throws: error(.missingTensor("output.weight", count: 3))) { try file.tensor("output.weight") }
        #expect(throws: error(.missingTensor("output.weight", count: 3))) {
            try file.tensor("output.weight", shape: [4])
        }
        #expect(try file.optionalTensor("output.weight", shape: [4]) == nil)
        #expect(try file.optionalTensor("bias", shape: [5])?.name == "bias")
        #expect(throws: GGUFError.self) { try file.optionalTensor("bias", shape: [6]) }
    }

    @Test func lendsTheHeaderUpToTheEndOfTheTensorTable() throws {
        let bytes = try Self.writer().serialized()
        let file = try GGUFFile(bytes: bytes)
        let header = file.withHeaderBytes(ofPart: 0) { [UInt8]($0) }
        #expect(header == [UInt8](bytes[..<header.count]))
        // The last field is the last tensor's offset.
        #expect([UInt8](header.suffix(8)) == little(UInt64(file.tensors[2].offset - file.tensors[0].offset)))
    }

    @Test func givesErrorsOfTheBodyOnUnchanged() throws {
        struct Stop: Error {}
        let file = try GGUFFile(bytes: Self.writer().serialized())
        #expect(throws: Stop.self) { try file.withBytes(of: file.tensors[0]) { (_) throws(Stop) in throw Stop() } }
    }

    private func error(_ problem: GGUFError.Problem) -> GGUFError {
        GGUFError(file: "bytes in memory", problem: problem)
    }
}
