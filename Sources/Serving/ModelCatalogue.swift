import Foundation
import GGUF
import ModelStore

/// Models on this machine's disk, and how more of them come.
public protocol ModelShelf: Sendable {
    /// What is there.
    func list() async throws -> [ShelvedModel]
    /// One model; nil when it is not there.
    func show(_ name: String) async throws -> ShelvedModel?
    /// Fetches a model, telling how far it is; the last line is `success`. Cancelling the task ends the transfer.
    func pull(_ name: String, onProgress: @escaping @Sendable (PullProgress) -> Void) async throws
    /// Removes a model; false when it is not there.
    func remove(_ name: String) async throws -> Bool
}

/// A model as lists show it.
public struct ShelvedModel: Sendable {
    /// With its tag: `qwq:32b`.
    public var name: String
    public var facts: ServedModel.Facts

    /// A `ShelvedModel` of these values.
    public init(name: String, facts: ServedModel.Facts) {
        self.name = name
        self.facts = facts
    }
}

/// A shelf of nothing: only the model that is served is known.
public struct NoShelf: ModelShelf {
    public init() {}
    public func list() -> [ShelvedModel] { [] }
    public func show(_ name: String) -> ShelvedModel? { nil }
    public func pull(_ name: String, onProgress: @escaping @Sendable (PullProgress) -> Void) throws {
        throw ServingError(400, "this server has no library of models to pull into", code: "not_supported")
    }
    /// See `ModelShelf`.
    public func remove(_ name: String) throws -> Bool {
        throw ServingError(400, "this server has no library of models to remove from", code: "not_supported")
    }
}

/// The models of this user's library.
public struct LibraryShelf: ModelShelf {
    private let library: ModelLibrary, options: PullOptions

    /// The models of `library`, and pulls with `options`.
    public init(_ library: ModelLibrary, options: PullOptions) {
        self.library = library
        self.options = options
    }

    /// See `ModelShelf`.
    public func list() -> [ShelvedModel] {
        library.list().filter { $0.problem == nil }.map { summary in
            var facts = ServedModel.Facts()
            facts.modified = summary.modified
            facts.size = summary.size
            facts.digest = summary.digest
            if let details = summary.details { facts.fill(details) }
            return ShelvedModel(name: "\(summary.name)", facts: facts)
        }
    }

    /// See `ModelShelf`.
    public func show(_ name: String) throws -> ShelvedModel? {
        guard let model = try library.find(try Self.name(name)) else { return nil }
        var facts = ServedModel.Facts(try GGUFFile(path: model.weightsPath))
        facts.modified = model.modified
        facts.digest = model.manifest.digest
        facts.size = model.manifest.size
        facts.settings = try model.settings()
        return ShelvedModel(name: "\(model.name)", facts: facts)
    }

    /// See `ModelShelf`.
    public func pull(_ name: String, onProgress: @escaping @Sendable (PullProgress) -> Void) async throws {
        try await library.pull(try Self.name(name), options: options, onProgress: onProgress)
    }

    /// See `ModelShelf`.
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
