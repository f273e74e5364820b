import Crypto
import GGUF
import Sampling
import Tokenizer

/// A model file, opened and identified.
public final class Model: Sendable {
    /// The mapped file.
    public let file: GGUFFile
    /// Identifies the model, so that two machines can tell whether they have the same one: SHA-256, in hexadecimal,
    /// over the headers of all parts and the first, middle and last 4096 bytes of every tensor. Hashing all 20 GB would
    /// take longer than loading them, and two trainings of one model differ in nearly every block.
    public let fingerprint: String

    /// Settings packed with the model; empty for a file that is not in a store.
    public let settings: ModelSettings
    private let storedName: ModelName?

    /// `general.name`, or else the name or path under which the model was found.
    public var name: String { (try? file.string("general.name")) ?? storedName?.description ?? file.path }

    /// Opens a GGUF file. Reads a few kilobytes of each tensor, for the fingerprint.
    public convenience init(path: String) throws(GGUFError) {
        try self.init(LocatedModel(path: path))
    }

    /// Opens a model that was found by its name or path.
    public init(_ located: LocatedModel) throws(GGUFError) {
        file = try GGUFFile(path: located.path)
        settings = located.settings
        storedName = located.name
        fingerprint = Self.fingerprint(of: file)
    }

    /// Opens the model that the user names with `text`: a path to a GGUF file, or a name such as `qwq:32b`.
    public convenience init(named text: String, in library: ModelLibrary = .standard()) throws {
        try self.init(library.locate(text))
    }

    private static func fingerprint(of file: GGUFFile) -> String {
        var hash = SHA256()
        for part in file.parts.indices { file.withHeaderBytes(ofPart: part) { hash.update(bufferPointer: $0) } }
        for tensor in file.tensors {
            let size = min(4096, tensor.byteCount)
            for offset in [0, (tensor.byteCount - size) / 2, tensor.byteCount - size] {
                hash.update(data: file.copyBytes(of: tensor, offset..<offset + size))
            }
            // Touching a byte makes the system map the cached pages around it: hundreds of megabytes over all samples.
            file.releasePages(of: tensor)
        }
        return hexadecimal(hash.finalize())
    }

    /// The tokenizer that the file's metadata describes.
    public func tokenizer() throws -> Tokenizer {
        let model = try file.string("tokenizer.ggml.model")
        guard model == "gpt2" else {
            throw ModelStoreError(
                """
                tokenizer.ggml.model is "\(model)", expected "gpt2" (byte-level BPE), the only kind this version reads.
                """
            )
        }
        func id(_ key: String) throws -> Int? { file.contains(key) ? try file.int(key) : nil }
        return try Tokenizer(
            Vocabulary(
                tokens: file.strings("tokenizer.ggml.tokens"), types: file.ints("tokenizer.ggml.token_type"),
                merges: file.strings("tokenizer.ggml.merges"), preTokenizer: file.string("tokenizer.ggml.pre"),
                bos: id("tokenizer.ggml.bos_token_id"), eos: id("tokenizer.ggml.eos_token_id"),
                pad: id("tokenizer.ggml.padding_token_id"),
                addBOS: file.contains("tokenizer.ggml.add_bos_token")
                    ? try file.bool("tokenizer.ggml.add_bos_token") : nil))
    }

    /// The context length, in tokens, that is packed with the model, at most the length it was trained for; nil when
    /// none is packed.
    public var packedContextLength: Int? {
        guard let length = settings.contextLength else { return nil }
        let most = (try? file.string("general.architecture")).flatMap { try? file.int($0 + ".context_length") }
        return min(length, most ?? length)
    }

    /// The sampling settings: those packed with the model override those its makers recommend. Where neither says
    /// anything, Ollama's defaults apply.
    public var recommendedSampling: SamplingParameters {
        settings.sampling(over: SamplingParameters.recommended(modelName: name))
    }
}

/// Why a model cannot be used: one sentence that says what was found and what to do.
public struct ModelStoreError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The sentence.
    public let description: String
    /// An error with the given sentence.
    public init(_ description: String) { self.description = description }
}

/// The digest as 64 lower-case hexadecimal digits.
public func hexadecimal(_ digest: SHA256.Digest) -> String {
    let digits = Array("0123456789abcdef")
    return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
