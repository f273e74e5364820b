import JSON
import Foundation
import GGUF
import ModelStore
import Sampling
import Tokenizer

/// The model that answers, and what clients are told of it.
public struct ServedModel: Sendable {
    /// What clients ask for, with its tag: `qwq:latest`.
    public let name: String
    public let tokenizer: Tokenizer
    public let template: ChatTemplate
    /// Settings where a request names none.
    public let sampling: SamplingParameters
    /// Texts that end an answer and its most tokens, where a request names none.
    public var stops: [String] = [], limit: Int?
    /// The tokens' bytes, for answers that must have a form.
    public let vocabulary: TokenBytes
    public let facts: Facts

    /// What lists of models show.
    public struct Facts: Sendable {
        /// When the file was made, and its size in bytes.
        public var modified = Date(timeIntervalSince1970: 0), size = 0
        /// SHA-256 in hexadecimal that tells the file from others.
        public var digest = ""
        /// As in `qwen2`, `32.8B`, `Q4_K_M`.
        public var family = "", parameterSize = "", quantization = ""
        /// Positions the model was made for.
        public var contextLength = 0
        /// The file's own template, and its metadata without the tokenizer's lists.
        public var template = "", metadata: [JSONValue.Member] = []
        /// What was packed with the file.
        public var settings = ModelSettings()

        /// The usual settings.
        public init() {}
    }

    /// A `ServedModel` of these values.
    public init(name: String, tokenizer: Tokenizer, template: ChatTemplate, sampling: SamplingParameters, facts: Facts)
    {
        self.name = name.contains(":") ? name : name + ":latest"
        self.tokenizer = tokenizer
        self.template = template
        self.sampling = sampling
        self.facts = facts
        vocabulary = TokenBytes(count: tokenizer.count, ends: tokenizer.endOfGeneration) {
            tokenizer.isControl($0) ? [] : tokenizer.bytes(of: $0)
        }
    }

    /// What a file and the settings packed with it say. `name`: what clients call it; nil takes the file's name.
    public init(_ model: Model, name: String?, template: ChatTemplate) throws {
        var template = template, facts = Facts(model.file)
        if let system = model.settings.system, !system.isEmpty { template.defaultSystem = system }
        facts.digest = model.fingerprint
        facts.settings = model.settings
        self.init(
            name: name ?? Self.name(ofFile: model.file.path), tokenizer: try model.tokenizer(), template: template,
            sampling: model.recommendedSampling, facts: facts)
        stops = model.settings.stops
        limit = model.settings.answerLimit
    }

    /// Whether a client that asks for `asked` means this model: its name, with or without `:latest`, in any case.
    public func answers(to asked: String) -> Bool {
        let asked = asked.lowercased(), own = name.lowercased()
        return asked == own || asked + ":latest" == own
    }

    /// Throws when a client asks for another model.
    func check(_ asked: String) throws(ServingError) {
        guard answers(to: asked) else {
            throw ServingError(
                404,
                """
                the model '\(asked.prefix(100))' is not served here, only '\(name)'. Ask for that, or start brigade \
                serve with the other one
                """,
                code: "model_not_found", param: "model")
        }
    }

    private static func name(ofFile path: String) -> String {
        let file = (path as NSString).lastPathComponent
        let stem = (file.lowercased().hasSuffix(".gguf") ? String(file.dropLast(5)) : file).lowercased()
        let allowed = stem.map { $0.isLetter || $0.isNumber || "._-".contains($0) ? $0 : "-" }
        return allowed.isEmpty ? "model" : String(allowed)
    }
}

extension ServedModel.Facts {
    /// Read from a file's header.
    public init(_ file: GGUFFile) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
        modified = attributes?[.modificationDate] as? Date ?? modified
        size = file.byteCount
        if let details = try? ModelDetails(file) { fill(details) }
        metadata = file.keys.filter {
            !$0.hasPrefix("tokenizer.") || $0 == "tokenizer.ggml.model" || $0 == "tokenizer.ggml.pre"
        }
        .compactMap { key in
            if let text = try? file.string(key) { return JSONValue.Member(key, .string(text)) }
            if let value = try? file.int(key) { return JSONValue.Member(key, .int(value)) }
            if let value = try? file.float(key) { return JSONValue.Member(key, .double(Double(value))) }
            return nil
        }
    }

    /// What a file says of itself, as the library tells it.
    mutating func fill(_ details: ModelDetails) {
        family = details.architecture
        contextLength = details.contextLength ?? 0
        parameterSize = details.parameterSize
        quantization = details.quantization
        template = details.chatTemplate ?? ""
    }
}
