import Crypto
import GGUF

/// A shard of a model as a GGUF file of its own: the model's metadata without the tokenizer, and the tensors of one
/// transformer block or of the head. Its bytes are made on demand from the whole model, for sending.
public struct SliceFile: Sendable {
    private let image: GGUFImage
    private let file: GGUFFile
    private let tensors: [GGUFTensor]

    /// A shard with the named tensors; names that the file lacks, such as absent biases, are ignored.
    ///
    /// - Parameter vocabulary: the model's vocabulary size, which only the head's tensors would show.
    public init(_ file: GGUFFile, tensorNames: [String], vocabulary: Int) throws(GGUFError) {
        let wanted = Set(tensorNames)
        var writer = GGUFWriter()
        for key in file.keys where !key.hasPrefix("tokenizer.") && !key.hasPrefix("split.") {
            if let value = file.value(key) { try writer.set(key, value) }
        }
        try writer.set(file.string("general.architecture") + ".vocab_size", .uint32(UInt32(clamping: vocabulary)))
        tensors = file.tensors.filter { wanted.contains($0.name) }
        for tensor in tensors { try writer.add(tensor, of: file) }
        self.file = file
        image = GGUFImage(writer)
    }

    /// Length of the shard in bytes.
    public var byteCount: Int { image.byteCount }

    /// Up to `count` bytes from `offset`.
    public func bytes(at offset: Int, count: Int) -> [UInt8] { image.bytes(at: offset, count: count) }

    /// Releases the memory of the pages read so far; they stay in the system's page cache.
    public func releasePages() { for tensor in tensors { file.releasePages(of: tensor) } }
}

/// Reads a shard from its beginning, hashing all that is read.
public struct SliceReader: Sendable {
    private let file: SliceFile
    private var hash = SHA256()
    /// Offset of the next chunk.
    public private(set) var offset = 0

    /// Starts at the beginning of `file`.
    public init(_ file: SliceFile) { self.file = file }

    /// SHA-256 of everything before `offset`, in hexadecimal.
    public var sha256: String {
        let copy = hash
        return hexadecimal(copy.finalize())
    }

    /// The next chunk, of at most `count` bytes; empty at the end.
    public mutating func next(_ count: Int) -> [UInt8] {
        let bytes = file.bytes(at: offset, count: count)
        hash.update(data: bytes)
        offset += bytes.count
        return bytes
    }

    /// Hashes the bytes up to `end` without returning them.
    public mutating func skip(to end: Int) {
        while offset < end, !next(min(1 << 20, end - offset)).isEmpty {}
    }
}
