import Foundation
import GGUF

/// One entry in the list of models.
public struct ModelSummary: Sendable, Equatable {
    /// The model's name.
    public var name: ModelName
    /// The program whose store it is in.
    public var owner: ModelDirectory.Owner
    /// SHA-256 of the manifest, in hexadecimal; the first twelve digits are the model's ID. Empty when the manifest
    /// cannot be read.
    public var digest: String
    /// Length of all its blobs together, in bytes.
    public var size: Int
    /// When it was stored.
    public var modified: Date
    /// What the file's header says; nil when it cannot be read.
    public var details: ModelDetails?
    /// Why the model cannot be used; nil when it can.
    public var problem: String?
}

extension ModelLibrary {
    /// The models of all stores, the newest first. Reads only headers; a broken model is listed with its problem.
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

    /// Everything known about the model that the user names with `text`, a name or a path.
    ///
    /// - Throws: when the model is not found or is broken.
    public func show(_ text: String) throws -> ModelCard {
        let located = try locate(text)
        let file = try GGUFFile(path: located.path)
        return ModelCard(located: located, details: try ModelDetails(file), size: file.byteCount)
    }
}

/// Everything known about a model without running it.
public struct ModelCard: Sendable, Equatable {
    /// The path of the model's file, and the settings packed with it.
    public var located: LocatedModel
    /// What the file's header says.
    public var details: ModelDetails
    /// Length of the GGUF file, or of all its parts, in bytes.
    public var size: Int
}
