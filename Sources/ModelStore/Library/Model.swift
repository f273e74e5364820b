import Crypto
import GGUF
import Sampling
import Tokenizer

/// A model file, opened and identified.
public final class Model: Sendable {
    /// The mapped file.
    public let file: GGUFFile
    /// Tells whether two machines have the same model: SHA-256, in hexadecimal, over the headers of all parts and
    /// samples of every tensor's bytes (its first and last 4096 and those in the middle). Reading all 20 GB to be sure
    /// would take longer than loading them; two different trainings of one model differ in nearly every block.
    public let fingerprint: String

    /// What was packed with it; nothing for a file that is no store's.
    public let settings: ModelSettings
    private let storedName: ModelName?

    /// `general.name`, or what it was found under: a name or a path.
    public var name: String { (try? file.string("general.name")) ?? storedName?.description ?? file.path }

    /// Opens the file and reads a few kilobytes of each tensor.
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

    /// Opens the model that a person means by `text`: a GGUF file, or a name such as `qwq:32b`.
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
            // Around a byte that is touched the system maps what it has at hand: hundreds of megabytes over all
            // samples.
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

    /// The chat template: the one named, or the one recognised from the file's own, or from the one packed with it.
    public func chatTemplate(named name: String?) throws -> ChatTemplate {
        if let name { return try ChatTemplate.named(name) }
        guard file.contains("tokenizer.chat_template") else {
            guard let packed = settings.template else {
                throw ModelStoreError(
                    """
                    the file has no tokenizer.chat_template, so how to speak with the model is unknown. Name one with \
                    --chat-template.
                    """
                )
            }
            return try Self.packedTemplate(packed)
        }
        do { return try ChatTemplate.recognise(file.string("tokenizer.chat_template")) } catch {
            guard let packed = settings.template.flatMap({ try? Self.packedTemplate($0) }) else { throw error }
            return packed
        }
    }

    /// A template in Go's language. It cannot cut thinking out of earlier turns: whoever runs it does.
    private static func packedTemplate(_ text: String) throws(TokenizerError) -> ChatTemplate {
        var template = try ChatTemplate.recognise(text)
        if template.opensThinking { template.dropsThinking = true }
        return template
    }

    /// Tokens of context that are packed with it as a setting, at most those it was made for; nil when nothing is said.
    public var packedContextLength: Int? {
        guard let length = settings.contextLength else { return nil }
        let most = (try? file.string("general.architecture")).flatMap { try? file.int($0 + ".context_length") }
        return min(length, most ?? length)
    }

    /// The sampling settings packed with it, over those its makers recommend, or Ollama's where none are known.
    public var recommendedSampling: SamplingParameters {
        settings.sampling(over: SamplingParameters.recommended(modelName: name))
    }
}

/// Why a model cannot be used; one sentence that says what was found and what to do.
public struct ModelStoreError: Error, Equatable, CustomStringConvertible, Sendable {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// A digest as 64 small hexadecimal digits.
public func hexadecimal(_ digest: SHA256.Digest) -> String {
    let digits = Array("0123456789abcdef")
    return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
