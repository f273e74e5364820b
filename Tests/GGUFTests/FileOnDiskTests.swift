import Foundation
import Testing

@testable import GGUF

struct FileOnDiskTests {
    /// How many bytes of a mapped file are resident in this process.
    func residentBytes(of path: String) throws -> Int {
        let name = path.split(separator: "/").suffix(2).joined(separator: "/")
        // Read in pieces: files in /proc have no size and give short reads.
        let handle = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
        var text = Data()
        while let piece = try handle.read(upToCount: 1 << 16), !piece.isEmpty { text += piece }
        let maps = String(decoding: text, as: UTF8.self).split(separator: "\n")
        let start = try #require(maps.firstIndex { $0.hasSuffix(name) })
        let line = try #require(maps[start...].first { $0.hasPrefix("Rss:") })
        return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 1024
    }

    @Test func mapsAFileAndReadsReleasedPagesAgain() throws {
        try withTemporaryFolder { folder in
            let floats = (0..<100_000).map { Float($0) }
            var writer = GGUFWriter()
            try writer.set("general.architecture", .string("qwen2"))
            try writer.add("small", .f32, shape: [3], bytes: floatBytes([7, 8, 9]))
            try writer.add("large", .f32, shape: [1000, 100], bytes: floatBytes(floats))
            let path = folder + "/m.gguf"
            try writer.write(to: path)
            let file = try GGUFFile(path: path)
            #expect(file.path == path)
            #expect(file.parts == [path])
            #expect(file.byteCount == writer.serialized().count)
            let large = try file.tensor("large")
            let small = try file.tensor("small")
            #expect(try file.floats(of: large) == floats)
            #if os(Linux)
                let all = try residentBytes(of: path)
                file.releasePages(of: large, firstRows: 0)
                #expect(try residentBytes(of: path) == all)
                file.releasePages(of: large, firstRows: 50)
                let page = Int(sysconf(Int32(_SC_PAGESIZE))), end = large.offset + 50 * large.bytesPerRow
                #expect(try all - residentBytes(of: path) == (end / page - (large.offset + page - 1) / page) * page)
            #endif
            file.releasePages(of: large)
            file.releasePages(of: small)
            #expect(try file.floats(of: large) == floats)
            #expect(try file.floats(of: small) == [7, 8, 9])
        }
    }

    @Test func writesTheSameBytesToAPathAsToMemoryAndLeavesNothingElse() throws {
        try withTemporaryFolder { folder in
            let writer = try TensorAccessTests.writer()
            try writer.write(to: folder + "/m.gguf")
            try writer.write(to: folder + "/m.gguf")
            #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: folder + "/m.gguf"))) == writer.serialized())
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["m.gguf"])
        }
    }

    @Test func keepsAMappedFileWholeWhenItsPathIsWrittenAgain() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/m.gguf"
            try TensorAccessTests.writer().write(to: path)
            let old = try GGUFFile(path: path)
            try GGUFWriter().write(to: path)
            #expect(try old.floats(of: old.tensor("bias")) == [1, 2, 3, 4, 5])
            #expect(try GGUFFile(path: path).tensors.isEmpty)
        }
    }

    @Test func refusesWhatIsNotAFile() throws {
        try withTemporaryFolder { folder in
            let missing = try #require(throws: GGUFError.self) { try GGUFFile(path: folder + "/none.gguf") }
            #expect(missing.file == folder + "/none.gguf")
            #expect(missing.problem == .system(operation: "open the file", reason: "No such file or directory"))
            let pipe = folder + "/pipe"
            #expect(mkfifo(pipe, 0o600) == 0)
            for path in [folder, pipe] {
                let error = try #require(throws: GGUFError.self) { try GGUFFile(path: path) }
                #expect(error.description.contains("it is not a regular file"))
            }
            try Data().write(to: URL(fileURLWithPath: folder + "/empty.gguf"))
            let empty = try #require(throws: GGUFError.self) { try GGUFFile(path: folder + "/empty.gguf") }
            #expect(empty.problem == .notGGUF(found: "an empty file"))
        }
    }

    @Test func saysWhyAFileCannotBeWritten() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/none/m.gguf"
            let error = try #require(throws: GGUFError.self) { try GGUFWriter().write(to: path) }
            #expect(error.problem == .system(operation: "create \(path).partial", reason: "No such file or directory"))
        }
    }
}
