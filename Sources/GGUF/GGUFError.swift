/// Why a GGUF file was refused, or why a question about it has no answer: which file, and what is wrong with it.
///
/// `description` is one sentence that names the key or tensor, what was found, what was expected and what to do.
public struct GGUFError: Error, Equatable, Sendable {
    /// The path of the file (of a split file: the part) the problem is in; `bytes in memory` where there is no path.
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
        /// The version reads as 2 or 3 once its bytes are swapped.
        case bigEndian(version: UInt32)
        /// `field` needs more bytes than are left in the file.
        case truncated(field: String, needed: UInt64, remaining: Int)
        /// A count or length is beyond what ``GGUFLimits`` or the format allows.
        case limitExceeded(field: String, found: UInt64, limit: UInt64)
        /// A field holds something the format does not allow.
        case malformed(field: String, found: String, expected: String)
        /// The key stands twice in the metadata.
        case duplicateKey(String)
        /// The key is not there; `expected` is the type wanted.
        case missingKey(String, expected: String)
        /// The key's value has another type than wanted.
        case wrongType(key: String, found: String, expected: String)
        /// The key's value has the right type but a value that cannot be used.
        case wrongValue(key: String, found: String, expected: String)
        /// Two tensors have the same name; `parts` are the numbers (from 1) of the parts they are in.
        case duplicateTensor(String, parts: [Int])
        /// There is no tensor of this name; `count` tensors have other names.
        case missingTensor(String, count: Int)
        /// The tensor's shape (fastest dimension first) is not the one wanted, or not one the format allows.
        case wrongShape(tensor: String, found: [Int], expected: String)
        /// The tensor's ggml type is one this build does not read.
        case unsupportedTensorType(tensor: String, found: UInt32)
        /// The tensor's offset is not a multiple of the file's alignment.
        case misaligned(tensor: String, offset: UInt64, alignment: Int)
        /// The tensor's bytes end behind the end of the file's data section.
        case beyondFile(tensor: String, offset: UInt64, byteCount: Int, available: Int)
        /// The bytes of `tensor` begin before those of `previous` end. Offsets count from the data section's start.
        case overlapping(tensor: String, offset: Int, previous: String, previousEnd: Int)
        /// The bytes given for a tensor are not as many as its type and shape make.
        case wrongByteCount(tensor: String, found: Int, expected: Int)
        /// A part of a split file does not belong to the others.
        case wrongPart(field: String, found: String, expected: String)
    }
}
