import Crypto
import GGUF

/// A shard of a model as a GGUF file of its own: the model's metadata without the tokenizer, and the tensors of one
/// transformer block or of the head; made on the fly from the whole model, for sending.
public struct SliceFile: Sendable {
    private let image: GGUFImage
    private let file: GGUFFile
    private let tensors: [GGUFTensor]

    /// A shard with the named tensors; names that the file does not have (absent biases) are left out.
    /// `vocabulary`: the model's size of it, which a shard without the head could not know otherwise.
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

    /// Length of the whole.
    public var byteCount: Int { image.byteCount }

    /// Up to `count` bytes from `offset` on.
    public func bytes(at offset: Int, count: Int) -> [UInt8] { image.bytes(at: offset, count: count) }

    /// Gives back the memory of what was read; it stays in the system's cache.
    public func releasePages() { for tensor in tensors { file.releasePages(of: tensor) } }
}

/// Reads a shard from its beginning, with the SHA-256 of all that was read.
public struct SliceReader: Sendable {
    private let file: SliceFile
    private var hash = SHA256()
    /// Where the next chunk begins.
    public private(set) var offset = 0

    /// At the beginning of `file`.
    public init(_ file: SliceFile) { self.file = file }

    /// SHA-256 of everything before `offset`, in hexadecimal.
    public var sha256: String {
        let copy = hash
        return hexadecimal(copy.finalize())
    }

    /// The next chunk, empty at the end.
    public mutating func next(_ count: Int) -> [UInt8] {
        let bytes = file.bytes(at: offset, count: count)
        hash.update(data: bytes)
        offset += bytes.count
        return bytes
    }

    /// Reads on up to `end` without keeping anything.
    public mutating func skip(to end: Int) {
        while offset < end, !next(min(1 << 20, end - offset)).isEmpty {}
    }
}
