import Crypto
import GGUF

/// The bytes of a slice as a GGUF file of its own: the model's metadata without the tokenizer, and the tensors that the
/// slice reads; made on the fly from the whole model, for sending.
public struct SliceFile: Sendable {
    private let image: GGUFImage

    /// A slice with the named tensors; names that the file does not have (absent biases) are left out.
    /// `vocabulary`: the model's size of it, which a slice without the head could not know otherwise.
    public init(_ file: GGUFFile, tensorNames: [String], vocabulary: Int) throws(GGUFError) {
        let wanted = Set(tensorNames)
        var writer = GGUFWriter()
        for key in file.keys where !key.hasPrefix("tokenizer.") && !key.hasPrefix("split.") {
            if let value = file.value(key) { try writer.set(key, value) }
        }
        try writer.set(file.string("general.architecture") + ".vocab_size", .uint32(UInt32(clamping: vocabulary)))
        for tensor in file.tensors where wanted.contains(tensor.name) { try writer.add(tensor, of: file) }
        image = GGUFImage(writer)
    }

    /// Length of the whole.
    public var byteCount: Int { image.byteCount }

    /// Up to `count` bytes from `offset` on.
    public func bytes(at offset: Int, count: Int) -> [UInt8] { image.bytes(at: offset, count: count) }

    /// SHA-256 of the whole, in hexadecimal; reads all of it.
    public func sha256() -> String {
        var hash = SHA256()
        for offset in stride(from: 0, to: byteCount, by: 4 << 20) { hash.update(data: bytes(at: offset, count: 4 << 20)) }
        return hexadecimal(hash.finalize())
    }
}
