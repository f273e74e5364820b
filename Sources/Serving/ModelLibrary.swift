import Foundation

/// Models on this machine's disk, and how more of them come.
public protocol ModelLibrary: Sendable {
    /// What is there.
    func list() async throws -> [LibraryModel]
    /// One model; nil when it is not there.
    func show(_ name: String) async throws -> LibraryModel?
    /// Fetches a model, telling how far it is; ending the stream's consumption ends the transfer.
    func pull(_ name: String) async throws -> AsyncThrowingStream<PullProgress, any Error>
    /// Removes a model; false when it is not there.
    func remove(_ name: String) async throws -> Bool
}

/// A model as lists show it.
public struct LibraryModel: Sendable {
    /// With its tag: `qwq:32b`.
    public var name: String
    public var facts: ServedModel.Facts

    public init(name: String, facts: ServedModel.Facts) {
        self.name = name
        self.facts = facts
    }
}

/// How far a pull is.
public enum PullProgress: Sendable, Equatable {
    /// What is being done now: `pulling manifest`, `verifying sha256 digest`.
    case status(String)
    /// Bytes of a layer.
    case bytes(digest: String, done: Int, of: Int)
}

/// A library of nothing: only the model that is served is known.
public struct NoLibrary: ModelLibrary {
    public init() {}
    public func list() -> [LibraryModel] { [] }
    public func show(_ name: String) -> LibraryModel? { nil }
    public func pull(_ name: String) throws -> AsyncThrowingStream<PullProgress, any Error> {
        throw ServingError(400, "this server has no library of models to pull into", code: "not_supported")
    }
    public func remove(_ name: String) throws -> Bool {
        throw ServingError(400, "this server has no library of models to remove from", code: "not_supported")
    }
}
