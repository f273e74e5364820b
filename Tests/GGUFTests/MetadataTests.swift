import Testing

@testable import GGUF

struct MetadataTests {
    /// One value of every type, and arrays of them.
    static let values: [GGUFValue] = [
        .uint8(200), .int8(-100), .uint16(60000), .int16(-30000), .uint32(4_000_000_000), .int32(-2_000_000_000),
        .uint64(.max), .int64(.min), .float32(1e-6), .float64(1e-300), .bool(true), .bool(false), .string(""),
        .string("Löscheimer 🪣"), .array(.uint8([1, 255])), .array(.int8([-1, 1])), .array(.uint16([1, 65535])),
        .array(.int16([-1])), .array(.uint32([7])), .array(.int32([-7, 7])), .array(.uint64([.max])),
        .array(.int64([.min, .max])), .array(.float32([0.5, -0.25])), .array(.float64([1e300])),
        .array(.bool([true, false])), .array(.string(["", "a", "Ġthe"])), .array(.string([])),
        .array(.array([.int32([1, 2]), .string(["x"]), .array([.array([.uint8([9])])])])),
    ]

    static func file(_ values: [(String, GGUFValue)]) throws -> GGUFFile {
        var writer = GGUFWriter()
        for (key, value) in values { try writer.set(key, value) }
        return try GGUFFile(bytes: writer.serialized())
    }

    @Test(arguments: [UInt32(2), 3])
    func readsBackEveryTypeOfValueInOrder(version: UInt32) throws {
        var writer = GGUFWriter()
        writer.version = version
        for (index, value) in Self.values.enumerated() { try writer.set("key.\(index)", value) }
        let file = try GGUFFile(bytes: writer.serialized())
        #expect(file.version == version)
        #expect(file.keys == Self.values.indices.map { "key.\($0)" })
        #expect(file.keys.compactMap(file.value) == Self.values)
        #expect(file.keys.compactMap(file.type(of:)) == Self.values.map(\.type))
    }

    @Test func readsWhatThePythonPackageWrote() throws {
        let file = try GGUFFile(bytes: fixture("written.bin"))
        #expect(try file.architecture(oneOf: ["qwen2"]) == "qwen2")
        #expect(
            file.keys.dropFirst().compactMap(file.value) == Array(Self.values[..<11]) + [
                .string("Löscheimer 🪣"), .array(.string(["", "a", "Ġthe"])), .array(.int32([1, -2, 3])),
                .array(.float32([0.5, -0.25])), .array(.bool([true, false, true])),
            ])
        #expect(file.tensors.map(\.name) == ["vector", "halves", "quantized"])
        #expect(file.tensors.map(\.shape) == [[5], [3, 2], [64, 2]])
        #expect(try file.floats(of: file.tensor("vector")) == [0, 1, 2, 3, 4])
        #expect(try file.floats(of: file.tensor("halves", shape: [3, 2])) == [0, 1, 2, 3, 4, 5])
        let ramp = try file.floats(of: file.tensor("quantized"))
        #expect(ramp.count == 128)
        let off = ramp.enumerated().filter { abs($1 - (-1 + Float($0) * 2 / 127)) > 1 / 127 }
        #expect(off.isEmpty)
    }

    @Test func readsAnyIntegerTypeAsAnInt() throws {
        let file = try Self.file(Self.values.enumerated().map { ("key.\($0)", $1) })
        #expect(
            try (0..<6).map { try file.int("key.\($0)") }
                == [200, -100, 60000, -30000, 4_000_000_000, -2_000_000_000])
        #expect(try file.int("key.7") == .min)
        #expect(try file.ints("key.14") == [1, 255])
        #expect(try file.ints("key.21") == [.min, .max])
        #expect(
            throws: error(
                .wrongValue(key: "key.6", found: "\(UInt64.max) at index 0", expected: "integers of at most 63 bits"))
        ) {
            try file.int("key.6")
        }
        #expect(throws: GGUFError.self) { try file.ints("key.20") }
    }

    @Test func readsFloatsBoolsAndStrings() throws {
        let file = try Self.file(Self.values.enumerated().map { ("key.\($0)", $1) })
        #expect(try file.float("key.8") == 1e-6)
        #expect(try file.float("key.9") == 0)
        #expect(try file.bool("key.10"))
        #expect(try !file.bool("key.11"))
        #expect(try file.string("key.13") == "Löscheimer 🪣")
        #expect(try file.floats("key.22") == [0.5, -0.25])
        #expect(try file.floats("key.23") == [.infinity])
        #expect(try file.strings("key.25") == ["", "a", "Ġthe"])
        #expect(try file.strings("key.26") == [])
        #expect(file.contains("key.0"))
        #expect(!file.contains("key.99"))
        #expect(file.value("key.99") == nil)
    }

    @Test func namesAMissingKeyAndWhatWasExpected() throws {
        let file = try Self.file([("there", .bool(true))])
        #expect(throws: error(.missingKey("qwen2.block_count", expected: "an integer"))) {
            try file.int("qwen2.block_count")
        }
        #expect(throws: error(.missingKey("a", expected: "float32 or float64"))) { try file.float("a") }
        #expect(throws: error(.missingKey("a", expected: "bool"))) { try file.bool("a") }
        #expect(throws: error(.missingKey("a", expected: "string"))) { try file.string("a") }
        #expect(throws: error(.missingKey("a", expected: "array of string"))) { try file.strings("a") }
        #expect(throws: error(.missingKey("a", expected: "an array of integers"))) { try file.ints("a") }
        #expect(throws: error(.missingKey("a", expected: "an array of float32 or float64"))) { try file.floats("a") }
    }

    @Test func namesAMistypedKeyWithFoundAndExpected() throws {
        let file = try Self.file([("s", .string("x")), ("n", .uint32(1)), ("l", .array(.string(["x"])))])
        #expect(throws: error(.wrongType(key: "s", found: "string", expected: "an integer"))) { try file.int("s") }
        #expect(throws: error(.wrongType(key: "n", found: "uint32", expected: "string"))) { try file.string("n") }
        #expect(throws: error(.wrongType(key: "l", found: "array of string", expected: "string"))) {
            try file.string("l")
        }
        #expect(throws: error(.wrongType(key: "l", found: "array of string", expected: "an array of integers"))) {
            try file.ints("l")
        }
        #expect(throws: error(.wrongType(key: "n", found: "uint32", expected: "float32 or float64"))) {
            try file.float("n")
        }
        #expect(throws: error(.wrongType(key: "n", found: "uint32", expected: "bool"))) { try file.bool("n") }
        #expect(throws: error(.wrongType(key: "s", found: "string", expected: "array of string"))) {
            try file.strings("s")
        }
    }

    @Test func refusesAForeignArchitecture() throws {
        let file = try Self.file([("general.architecture", .string("mamba"))])
        #expect(
            throws: error(
                .wrongValue(key: "general.architecture", found: "\"mamba\"", expected: "\"qwen2\" or \"llama\""))
        ) {
            try file.architecture(oneOf: ["qwen2", "llama"])
        }
    }

    @Test func refusesTextThatIsNotUTF8WhenItIsAskedFor() throws {
        let bad = little(UInt64(2)) + [0xC3, 0x28]
        let raw = RawFile(entries: [entry("s", 8, bad), entry("l", 9, little(UInt32(8)) + little(UInt64(1)) + bad)])
        let file = try GGUFFile(bytes: raw.bytes)
        #expect(file.value("s") == .string("\u{FFFD}("))
        #expect(throws: error(.malformed(field: "string 0 of key \"s\"", found: "not UTF-8", expected: "UTF-8 text"))) {
            try file.string("s")
        }
        #expect(throws: GGUFError.self) { try file.strings("l") }
    }

    private func error(_ problem: GGUFError.Problem) -> GGUFError {
        GGUFError(file: "bytes in memory", problem: problem)
    }
}
