import Foundation
import GGUF
import Testing

/// A GGUF file put together byte by byte without any check, so that a test can damage any field.
struct RawFile {
    var magic = "GGUF"
    var version: UInt32 = 3
    var tensorCount: UInt64?
    var entryCount: UInt64?
    var entries: [[UInt8]] = []
    var tensors: [[UInt8]] = []
    var alignment = 32
    var data: [UInt8] = []

    var bytes: [UInt8] {
        var out = [UInt8](magic.utf8)
        out +=
            little(version) + little(tensorCount ?? UInt64(tensors.count)) + little(entryCount ?? UInt64(entries.count))
        out += entries.joined()
        out += tensors.joined()
        out += [UInt8](repeating: 0, count: (alignment - out.count % alignment) % alignment)
        return out + data
    }

    /// Why the bytes are refused, or nil if they are accepted.
    var problem: GGUFError.Problem? {
        do throws(GGUFError) {
            _ = try GGUFFile(bytes: bytes)
            return nil
        } catch { return error.problem }
    }

    /// The problem of a file with these entries and tensors.
    static func problem(
        entries: [[UInt8]] = [], tensors: [[UInt8]] = [], data: [UInt8] = [], alignment: Int = 32
    ) -> GGUFError.Problem? {
        RawFile(entries: entries, tensors: tensors, alignment: alignment, data: data).problem
    }
}

func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) } }

/// A string in the file format. `length` replaces the true length.
func text(_ string: String, length: UInt64? = nil) -> [UInt8] {
    little(length ?? UInt64(string.utf8.count)) + [UInt8](string.utf8)
}

/// A metadata entry of any type number with any payload.
func entry(_ key: String, _ type: UInt32, _ payload: [UInt8]) -> [UInt8] { text(key) + little(type) + payload }

/// An entry of the tensor table.
func tensorLine(_ name: String, _ shape: [UInt64], type: UInt32 = 0, offset: UInt64 = 0) -> [UInt8] {
    text(name) + little(UInt32(shape.count)) + shape.flatMap { little($0) } + little(type) + little(offset)
}

func floatBytes(_ floats: [Float]) -> [UInt8] { floats.flatMap { little($0.bitPattern) } }

/// A file of the Fixtures folder.
func fixture(_ name: String) throws -> [UInt8] {
    let url = try #require(Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Fixtures"))
    return [UInt8](try Data(contentsOf: url))
}

/// Runs `body` with the path of an empty folder that is removed afterwards.
func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gguf-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
}

/// Small random numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
