import Foundation
import Testing

@testable import GGUF

struct SplitFileTests {
    /// Three parts with one tensor each; only the first has the metadata.
    static func parts(
        _ edit: (Int, inout GGUFWriter) throws -> Void = { _, _ in }
    ) throws -> [GGUFWriter] {
        try (0..<3).map { part in
            var writer = GGUFWriter()
            if part == 0 { try writer.set("general.architecture", .string("qwen2")) }
            try writer.set("split.no", .uint16(UInt16(part)))
            try writer.set("split.count", .uint16(3))
            try writer.set("split.tensors.count", .int32(3))
            try writer.add("t\(part)", .f32, shape: [2], bytes: floatBytes([Float(part), 10]))
            try edit(part, &writer)
            return writer
        }
    }

    static func write(_ parts: [GGUFWriter], _ folder: String) throws -> [String] {
        try parts.enumerated().map { index, writer in
            let path = folder + "/model-0000\(index + 1)-of-0000\(parts.count).gguf"
            try writer.write(to: path)
            return path
        }
    }

    static func problem(_ parts: [GGUFWriter]) -> GGUFError.Problem? {
        do throws(GGUFError) {
            _ = try GGUFFile(parts: parts.map { $0.serialized() })
            return nil
        } catch { return error.problem }
    }

    @Test(arguments: 0..<3)
    func openingAnyPartOpensAll(opened: Int) throws {
        try withTemporaryFolder { folder in
            let parts = try Self.parts()
            let paths = try Self.write(parts, folder)
            let file = try GGUFFile(path: paths[opened])
            #expect(file.path == paths[opened])
            #expect(file.parts == paths)
            #expect(file.byteCount == parts.reduce(0) { $0 + $1.serialized().count })
            #expect(try file.string("general.architecture") == "qwen2")
            #expect(file.tensors.map(\.name) == ["t0", "t1", "t2"])
            #expect(file.tensors.map(\.part) == [0, 1, 2])
            for part in 0..<3 {
                #expect(try file.floats(of: file.tensor("t\(part)")) == [Float(part), 10])
                let header = file.withHeaderBytes(ofPart: part) { [UInt8]($0) }
                #expect(parts[part].serialized().starts(with: header))
            }
        }
    }

    @Test func namesTheMissingPart() throws {
        try withTemporaryFolder { folder in
            let paths = try Self.write(Self.parts(), folder)
            try FileManager.default.removeItem(atPath: paths[1])
            let error = try #require(throws: GGUFError.self) { try GGUFFile(path: paths[2]) }
            #expect(error.file == paths[1])
            #expect(error.problem == .system(operation: "open the file", reason: "No such file or directory"))
        }
    }

    @Test(arguments: ["model.gguf", "model-00002-of-00003.gguf", "model-00001-of-00004.gguf", "model-1-of-3.gguf"])
    func rejectsAPartUnderAnotherName(name: String) throws {
        try withTemporaryFolder { folder in
            try Self.parts()[0].write(to: folder + "/" + name)
            let error = try #require(throws: GGUFError.self) { try GGUFFile(path: folder + "/" + name) }
            #expect(
                error.problem
                    == .wrongPart(
                        field: "the file's name", found: "\"\(name)\"",
                        expected: "a name that ends in -00001-of-00003.gguf"))
        }
    }

    @Test func rejectsPartsThatDoNotBelongTogether() throws {
        #expect(Self.problem(try Self.parts()) == nil)
        let swapped = try Self.parts()
        #expect(
            Self.problem([swapped[0], swapped[2], swapped[1]])
                == .wrongPart(field: "key \"split.no\"", found: "2", expected: "1"))
        #expect(
            Self.problem(Array(swapped[..<2])) == .wrongPart(field: "key \"split.count\"", found: "3", expected: "2"))
        #expect(Self.problem([swapped[0]]) == .wrongPart(field: "key \"split.count\"", found: "3", expected: "1"))
        let foreign = [swapped[0], swapped[1], try TensorAccessTests.writer()]
        #expect(Self.problem(foreign) == .wrongPart(field: "key \"split.count\"", found: "missing", expected: "3"))
        let duplicate = try Self.parts { part, writer in
            if part == 2 { try writer.add("t0", .f32, shape: [1], bytes: floatBytes([1])) }
            try writer.set("split.tensors.count", .int32(4))
        }
        #expect(Self.problem(duplicate) == .duplicateTensor("t0", parts: [1, 3]))
        let short = try Self.parts { _, writer in try writer.set("split.tensors.count", .int32(5)) }
        #expect(
            Self.problem(short)
                == .wrongPart(
                    field: "the number of tensors in all parts", found: "3",
                    expected: "5 as key \"split.tensors.count\" says"))
        let mistyped = try Self.parts { part, writer in if part == 1 { try writer.set("split.no", .string("1")) } }
        #expect(Self.problem(mistyped) == .wrongType(key: "split.no", found: "string", expected: "an integer"))
    }

    @Test func filesWithSomeOfTheTensorsEachAreJoined() throws {
        try withTemporaryFolder { folder in
            var paths: [String] = []
            for (index, names) in [["a", "both"], ["b", "both"]].enumerated() {
                var writer = GGUFWriter()
                try writer.set("general.name", .string("file \(index)"))
                for name in names { try writer.add(name, .f32, shape: [1], bytes: floatBytes([Float(index)])) }
                paths.append("\(folder)/\(index).gguf")
                try writer.write(to: paths[index])
            }
            let file = try GGUFFile(joining: paths)
            #expect(file.tensors.map(\.name) == ["a", "both", "b"])
            #expect(try file.string("general.name") == "file 0")
            for (name, value) in [("a", Float(0)), ("both", 0), ("b", 1)] {
                #expect(try file.floats(of: file.tensor(name)) == [value])
            }
            #expect(throws: GGUFError.self) { try GGUFFile(joining: [paths[0], folder + "/nowhere.gguf"]) }
        }
    }

    @Test func takesPartNamesApart() throws {
        let name = try #require(SplitName("a/b-00002-of-00005.gguf"))
        #expect(name.stem == "a/b")
        #expect((name.number, name.count) == (2, 5))
        #expect(name.path(ofPart: 5) == "a/b-00005-of-00005.gguf")
        for wrong in [
            "", "b.gguf", "b-00000-of-00005.gguf", "b-00006-of-00005.gguf", "b-+0001-of-00005.gguf",
            "b-00001-of-00005.GGUF", "b-0001é-of-00005.gguf",
        ] {
            #expect(SplitName(wrong) == nil)
        }
    }
}
