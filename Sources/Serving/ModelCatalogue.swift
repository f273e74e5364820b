import Foundation
import GGUF
import ModelStore

/// The models on this machine's disk, and how to add and remove some.
public protocol ModelCatalogue: Sendable {
    /// All models.
    func list() async throws -> [CatalogueModel]
    /// One model; nil when it does not exist.
    func show(_ name: String) async throws -> CatalogueModel?
    /// Fetches a model and reports the progress; the last status is `success`. Cancelling the task ends the transfer.
    func pull(_ name: String, onProgress: @escaping @Sendable (PullProgress) -> Void) async throws
    /// Removes a model; false when it does not exist.
    func remove(_ name: String) async throws -> Bool
}

/// A model in the catalogue.
public struct CatalogueModel: Sendable {
    /// The name with its tag: `qwq:32b`.
    public var name: String
    /// What is known about the model.
    public var facts: ServedModel.Facts

    /// A model with the given facts.
    public init(name: String, facts: ServedModel.Facts) {
        self.name = name
        self.facts = facts
    }
}

/// An empty catalogue: only the served model is known.
public struct NoCatalogue: ModelCatalogue {
    /// An empty catalogue.
    public init() {}
    /// See `ModelCatalogue`.
    public func list() -> [CatalogueModel] { [] }
    /// See `ModelCatalogue`.
    public func show(_ name: String) -> CatalogueModel? { nil }
    /// See `ModelCatalogue`.
    public func pull(_ name: String, onProgress: @escaping @Sendable (PullProgress) -> Void) throws {
        throw ServingError(400, "this server has no library of models to pull into", code: "not_supported")
    }
    /// See `ModelCatalogue`.
    public func remove(_ name: String) throws -> Bool {
        throw ServingError(400, "this server has no library of models to remove from", code: "not_supported")
    }
}

/// The models of this user's library.
public struct LibraryCatalogue: ModelCatalogue {
    private let library: ModelLibrary, options: PullOptions

    /// A catalogue of `library`, which pulls with `options`.
    public init(_ library: ModelLibrary, options: PullOptions) {
        self.library = library
        self.options = options
    }

    /// See `ModelCatalogue`.
    public func list() -> [CatalogueModel] {
        library.list().filter { $0.problem == nil }.map { summary in
            var facts = ServedModel.Facts()
            facts.modified = summary.modified
            facts.size = summary.size
            facts.digest = summary.digest
            if let details = summary.details { facts.fill(details) }
            return CatalogueModel(name: "\(summary.name)", facts: facts)
        }
    }

    /// See `ModelCatalogue`.
    public func show(_ name: String) throws -> CatalogueModel? {
        guard let model = try library.find(try Self.name(name)) else { return nil }
        var facts = ServedModel.Facts(try GGUFFile(path: model.weightsPath))
        facts.modified = model.modified
        facts.digest = model.manifest.digest
        facts.size = model.manifest.size
        facts.settings = try model.settings()
        return CatalogueModel(name: "\(model.name)", facts: facts)
    }

    /// See `ModelCatalogue`.
    public func pull(_ name: String, onProgress: @escaping @Sendable (PullProgress) -> Void) async throws {
        try await library.pull(try Self.name(name), options: options, onProgress: onProgress)
    }

    /// See `ModelCatalogue`.
    public func remove(_ name: String) throws -> Bool {
        let name = try Self.name(name)
        guard try library.find(name) != nil else { return false }
        _ = try library.remove(name)
        return true
    }

    private static func name(_ text: String) throws(ServingError) -> ModelName {
        do { return try ModelName(text) } catch { throw .invalid("model", error.description) }
    }
}
