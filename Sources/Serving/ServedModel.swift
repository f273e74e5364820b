import Foundation
import GGUF
import JSON
import ModelStore
import Sampling
import Tokenizer

/// The model that answers requests, and what clients learn about it.
public struct ServedModel: Sendable {
    /// The name that clients use, with its tag: `qwq:latest`.
    public let name: String
    /// The model's tokenizer.
    public let tokenizer: Tokenizer
    /// The chat template for conversations.
    public let template: ChatTemplate
    /// Default sampling settings, for requests that have none.
    public let sampling: SamplingParameters
    /// Default stop strings and limit on an answer's tokens, for requests that have none.
    public var stops: [String] = [], limit: Int?
    /// The bytes of every token, for answers that must follow a grammar.
    public let vocabulary: TokenBytes
    /// What is known about the model's file.
    public let facts: Facts

    /// What is known about a model's file.
    public struct Facts: Sendable {
        /// When the file was last changed, and its size in bytes.
        public var modified = Date(timeIntervalSince1970: 0), size = 0
        /// A SHA-256, in hexadecimal, that identifies the model.
        public var digest = ""
        /// Such as `qwen2`, `32.8B` and `Q4_K_M`.
        public var family = "", parameterSize = "", quantization = ""
        /// Context length that the model was trained for, in tokens.
        public var contextLength = 0
        /// The file's own chat template, and its metadata without most of the tokenizer's.
        public var template = "", metadata: [JSONValue.Member] = []
        /// The settings packed with the model.
        public var settings = ModelSettings()

        /// Empty facts.
        public init() {}
    }

    /// A model with the given parts. If `name` has no tag, it gets `:latest`.
    public init(name: String, tokenizer: Tokenizer, template: ChatTemplate, sampling: SamplingParameters, facts: Facts)
    {
        self.name = name.contains(":") ? name : name + ":latest"
        self.tokenizer = tokenizer
        self.template = template.with(tokenizer)
        self.sampling = sampling
        self.facts = facts
        let marks = Set(template.format.marks.compactMap { tokenizer.token(named: $0) })
        vocabulary = TokenBytes(count: tokenizer.count, ends: tokenizer.endOfGeneration) {
            tokenizer.isControl($0) && !marks.contains($0) ? [] : tokenizer.bytes(of: $0)
        }
    }

    /// A model from its file and the settings packed with it.
    ///
    /// - Parameter name: the name for clients; nil: the file's name.
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

    /// Whether `asked` names this model, with or without `:latest`, in any case.
    public func answers(to asked: String) -> Bool {
        let asked = asked.lowercased(), own = name.lowercased()
        return asked == own || asked + ":latest" == own
    }

    /// Throws when `asked` names another model.
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
    /// The facts in a file's header.
    public init(_ file: GGUFFile) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
        modified = attributes?[.modificationDate] as? Date ?? modified
        size = file.byteCount
        let details = try? ModelDetails(file)
        if let details { fill(details) }
        metadata = file.keys.filter {
            !$0.hasPrefix("tokenizer.") || $0 == "tokenizer.ggml.model" || $0 == "tokenizer.ggml.pre"
        }
        .compactMap { key in
            if let text = try? file.string(key) { return JSONValue.Member(key, .string(text)) }
            if let value = try? file.int(key) { return JSONValue.Member(key, .int(value)) }
            if let value = try? file.float(key) { return JSONValue.Member(key, .double(Double(value))) }
            return nil
        }
        // As Ollama has it; files seldom do.
        if let count = details?.parameterCount, !metadata.contains(where: { $0.name == Self.parameterCount }) {
            metadata.append(.init(Self.parameterCount, .int(count)))
        }
    }

    private static let parameterCount = "general.parameter_count"

    /// Sets the facts that a file's header states.
    mutating func fill(_ details: ModelDetails) {
        family = details.architecture
        contextLength = details.contextLength ?? 0
        parameterSize = details.parameterSize
        quantization = details.quantization
        template = details.chatTemplate ?? ""
    }
}
