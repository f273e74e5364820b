import Foundation
import GGUF

/// One line of a list of models.
public struct ModelSummary: Sendable, Equatable {
    /// What it is called.
    public var name: ModelName
    /// Who keeps it.
    public var owner: ModelDirectory.Owner
    /// SHA-256 of its manifest, in hexadecimal; its first twelve digits are its ID. Empty when the manifest is
    /// unreadable.
    public var digest: String
    /// Bytes of all its blobs.
    public var size: Int
    /// When it was put there.
    public var modified: Date
    /// What its file says; nil when the file cannot be read.
    public var details: ModelDetails?
    /// Why it cannot be used, if it cannot.
    public var problem: String?
}

extension ModelLibrary {
    /// All models of all stores, the latest first. Only headers are read; a model that is broken is listed with its
    /// problem.
    public func list() -> [ModelSummary] {
        directories.flatMap { directory in directory.names().map { Self.summary(of: $0, in: directory) } }
            .sorted { ($1.modified, $0.name.description) < ($0.modified, $1.name.description) }
    }

    private static func summary(of name: ModelName, in directory: ModelDirectory) -> ModelSummary {
        var summary = ModelSummary(
            name: name, owner: directory.owner, digest: "", size: 0, modified: directory.modified(name), details: nil,
            problem: nil)
        do {
            let manifest = try directory.manifest(name)
            summary.digest = manifest.digest
            summary.size = manifest.size
            let path = try directory.weightsPath(manifest, of: name)
            summary.details = try ModelDetails(GGUFFile(path: path))
        } catch { summary.problem = "\(error)" }
        return summary
    }

    /// Everything known about the model that a person means by `text`, a name or a path.
    ///
    /// - Throws: where it was looked for, or what is wrong with it.
    public func show(_ text: String) throws -> ModelCard {
        let located = try locate(text)
        let file = try GGUFFile(path: located.path)
        return ModelCard(located: located, details: try ModelDetails(file), size: file.byteCount)
    }
}

/// Everything known about a model without running it.
public struct ModelCard: Sendable, Equatable {
    /// Where it is, and what was packed with it.
    public var located: LocatedModel
    /// What its file says.
    public var details: ModelDetails
    /// Bytes of the weights' file or files.
    public var size: Int
}
