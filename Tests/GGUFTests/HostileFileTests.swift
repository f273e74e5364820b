import Testing

@testable import GGUF

struct HostileFileTests {
    @Test(arguments: [
        ("GGML", "\"GGML\""), ("gguf", "\"gguf\""), ("\u{1}\n\"\\", #""\u{1}\u{a}\"\\""#),
    ])
    func rejectsAForeignMagic(magic: String, found: String) {
        #expect(RawFile(magic: magic).problem == .notGGUF(found: found))
    }

    @Test func rejectsAnEmptyFileAndAGitPointer() {
        #expect(problem(of: []) == .notGGUF(found: "an empty file"))
        #expect(problem(of: [0x47]) == .notGGUF(found: "\"G\""))
        let pointer = [UInt8]("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n".utf8)
        #expect(problem(of: pointer) == .notGGUF(found: "a Git LFS pointer instead of the file it stands for"))
    }

    @Test(arguments: [UInt32(0), 1, 4, 1000])
    func rejectsAVersionItDoesNotKnow(version: UInt32) {
        #expect(RawFile(version: version).problem == .unsupportedVersion(found: version))
    }

    @Test(arguments: [UInt32(2), 3])
    func rejectsABigEndianFile(version: UInt32) {
        #expect(RawFile(version: version.byteSwapped).problem == .bigEndian(version: version))
    }

    @Test(arguments: [UInt64(1), 1 << 32, .max])
    func rejectsCountsTheFileCannotHold(count: UInt64) {
        #expect(
            RawFile(tensorCount: count, alignment: 1).problem
                == .limitExceeded(field: "the number of tensors", found: count, limit: 0))
        #expect(
            RawFile(entryCount: count, alignment: 1).problem
                == .limitExceeded(field: "the number of metadata keys", found: count, limit: 0))
    }

    @Test func rejectsEveryTruncationOfAValidFile() throws {
        let bytes = try fixture("written.bin")
        let padding = 32 - 2 * 2 * 34 % 32  // after the last tensor; it may be missing
        let accepted = (0..<bytes.count - padding).filter { problem(of: [UInt8](bytes[..<$0])) == nil }
        #expect(accepted.isEmpty)
        #expect(problem(of: [UInt8](bytes.dropLast(padding))) == nil)
    }

    @Test func rejectsBadKeys() {
        let number = "metadata key 1 of 1"
        #expect(
            RawFile.problem(entries: [entry("", 0, [1])])
                == .malformed(field: number, found: "empty", expected: "1 to 65535 bytes"))
        let long = String(repeating: "k", count: 65536)
        #expect(
            RawFile.problem(entries: [entry(long, 0, [1])])
                == .limitExceeded(field: number + "'s length", found: 65536, limit: 65535))
        #expect(
            RawFile.problem(entries: [text("k", length: 40000) + little(UInt32(0)) + [1]])
                == .truncated(field: number, needed: 40000, remaining: 32))
        #expect(
            RawFile.problem(entries: [little(UInt64(2)) + [0xC3, 0x28] + little(UInt32(0)) + [1]])
                == .malformed(field: number, found: "not UTF-8", expected: "UTF-8 text"))
        #expect(RawFile.problem(entries: [entry("k", 0, [1]), entry("k", 4, little(UInt32(1)))]) == .duplicateKey("k"))
    }

    @Test func rejectsBadValues() {
        let value = "the value of key \"k\""
        let types = "a type from 0 to 12"
        #expect(
            RawFile.problem(entries: [entry("k", 13, [1])])
                == .malformed(field: "the type of " + value, found: "13", expected: types))
        #expect(
            RawFile.problem(entries: [entry("k", 7, [2])])
                == .malformed(field: value, found: "a bool of 2", expected: "0 or 1"))
        #expect(
            RawFile.problem(entries: [entry("k", 8, little(UInt64.max))])
                == .truncated(field: value, needed: .max, remaining: 19))
        #expect(
            RawFile.problem(entries: [entry("k", 9, little(UInt32(99)) + little(UInt64(0)))])
                == .malformed(field: "the type of " + value, found: "99", expected: types))
        #expect(
            RawFile.problem(entries: [entry("k", 9, little(UInt32(7)) + little(UInt64(2)) + [1, 3])])
                == .malformed(field: value, found: "a bool of 3", expected: "0 or 1"))
    }

    @Test(arguments: [(UInt32(0), UInt64(1)), (4, 4), (6, 4), (8, 8), (9, 12), (12, 8)])
    func rejectsAnArrayTheFileCannotHold(type: UInt32, size: UInt64) {
        let field = "the number of elements of key \"k\""
        for count in [UInt64.max, 1 << 61, 1000] {
            let found = RawFile(
                entries: [entry("k", 9, little(type) + little(count) + [UInt8](repeating: 0, count: 48))], alignment: 1
            ).problem
            #expect(found == .limitExceeded(field: field, found: count, limit: 48 / size))
        }
    }

    @Test func rejectsArraysNestedBeyondTheLimit() throws {
        func nested(_ depth: Int) -> [UInt8] {
            let levels = (1..<depth).flatMap { _ in little(UInt32(9)) + little(UInt64(1)) }
            return entry("k", 9, levels + little(UInt32(0)) + little(UInt64(1)) + [42])
        }
        #expect(RawFile.problem(entries: [nested(4)]) == nil)
        for depth in [5, 1000] {
            #expect(
                RawFile.problem(entries: [nested(depth)])
                    == .limitExceeded(field: "the depth of arrays in the value of key \"k\"", found: 5, limit: 4))
        }
    }

    @Test(arguments: [UInt32(0), 3, 48, .max])
    func rejectsAnAlignmentThatIsNoPowerOfTwo(alignment: UInt32) {
        #expect(
            RawFile.problem(entries: [entry("general.alignment", 4, little(alignment))])
                == .wrongValue(key: "general.alignment", found: "\(alignment)", expected: "a power of two"))
    }

    @Test func rejectsAnAlignmentOfAnotherType() {
        #expect(
            RawFile.problem(entries: [entry("general.alignment", 8, text("32"))])
                == .wrongType(key: "general.alignment", found: "string", expected: "uint32"))
    }

    @Test func honoursALargeAlignment() throws {
        let raw = RawFile(
            entries: [entry("general.alignment", 4, little(UInt32(4096)))], tensors: [tensorLine("t", [2])],
            alignment: 4096, data: floatBytes([1, 2]))
        let file = try GGUFFile(bytes: raw.bytes)
        #expect(file.tensors[0].offset == 4096)
        #expect(try file.floats(of: file.tensors[0]) == [1, 2])
    }

    private func problem(of bytes: [UInt8]) -> GGUFError.Problem? {
        do throws(GGUFError) {
            _ = try GGUFFile(bytes: bytes)
            return nil
        } catch { return error.problem }
    }
}
