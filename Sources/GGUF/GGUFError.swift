/// Why a GGUF file was refused, or why a key or tensor of it could not be read.
///
/// `description` is one sentence that names the key or tensor, what was found, what was expected and what to do.
public struct GGUFError: Error, Equatable, Sendable {
    /// The path of the file, or of the part of a split file; `bytes in memory` where there is no path.
    public var file: String
    /// What is wrong.
    public var problem: Problem

    /// An error about `file`.
    public init(file: String, problem: Problem) {
        self.file = file
        self.problem = problem
    }

    /// The kinds of problem. Offsets, sizes and lengths are in bytes.
    public enum Problem: Error, Equatable, Sendable {
        /// The operating system would not open, map or write the file.
        case system(operation: String, reason: String)
        /// The first bytes are not `GGUF`; `found` shows them.
        case notGGUF(found: String)
        /// The file's version is not 2 or 3.
        case unsupportedVersion(found: UInt32)
        /// The version is 2 or 3 when its bytes are swapped.
        case bigEndian(version: UInt32)
        /// `field` needs more bytes than are left in the file.
        case truncated(field: String, needed: UInt64, remaining: Int)
        /// A count or length is beyond what ``GGUFLimits`` or the format allows.
        case limitExceeded(field: String, found: UInt64, limit: UInt64)
        /// A field holds something the format does not allow.
        case malformed(field: String, found: String, expected: String)
        /// The metadata has the key twice.
        case duplicateKey(String)
        /// The metadata lacks the key; `expected` is the type wanted.
        case missingKey(String, expected: String)
        /// The key's value is not of the type wanted.
        case wrongType(key: String, found: String, expected: String)
        /// The key's value has the right type but cannot be used.
        case wrongValue(key: String, found: String, expected: String)
        /// Two tensors have the same name; `parts` are the parts they are in, counted from 1.
        case duplicateTensor(String, parts: [Int])
        /// No tensor has this name; `count` is how many tensors the file has.
        case missingTensor(String, count: Int)
        /// The tensor's shape (fastest dimension first) is not the one wanted, or the format does not allow it.
        case wrongShape(tensor: String, found: [Int], expected: String)
        /// This build does not read the tensor's ggml type.
        case unsupportedTensorType(tensor: String, found: UInt32)
        /// The tensor's offset is not a multiple of the file's alignment.
        case misaligned(tensor: String, offset: UInt64, alignment: Int)
        /// The tensor's bytes go beyond the end of the file's data section.
        case beyondFile(tensor: String, offset: UInt64, byteCount: Int, available: Int)
        /// The bytes of `tensor` begin before those of `previous` end. Offsets count from the data section's start.
        case overlapping(tensor: String, offset: Int, previous: String, previousEnd: Int)
        /// A tensor was given more or fewer bytes than its type and shape need.
        case wrongByteCount(tensor: String, found: Int, expected: Int)
        /// A part of a split file does not belong to the others.
        case wrongPart(field: String, found: String, expected: String)
    }
}
