import Foundation

/// The models on this machine: Brigade's own store, which it fills and empties, and Ollama's stores, which it only
/// reads.
public struct ModelLibrary: Sendable, Equatable {
    /// Brigade's own store.
    public let own: ModelDirectory
    /// Other stores, searched in this order after Brigade's own.
    public let others: [ModelDirectory]

    /// A library of the given stores.
    public init(own: ModelDirectory, others: [ModelDirectory]) {
        self.own = own
        self.others = others
    }

    /// This user's library. Brigade's own store is `BRIGADE_MODELS`, or else `brigade/models` in the user's cache.
    /// Ollama's is `OLLAMA_MODELS`, or else two: the user's own and that of Ollama's Linux service.
    public static func standard(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> ModelLibrary {
        func set(_ name: String) -> String? { UserCache.variable(name, environment) }
        let home = set("HOME") ?? NSHomeDirectory()
        let own = set("BRIGADE_MODELS") ?? UserCache.directory(environment) + "/brigade/models"
        let others =
            set("OLLAMA_MODELS").map { [$0] } ?? [home + "/.ollama/models", "/usr/share/ollama/.ollama/models"]
        return ModelLibrary(
            own: ModelDirectory(path: own, owner: .brigade),
            others: others.map { ModelDirectory(path: $0, owner: .ollama) })
    }

    /// All stores, in the order they are searched.
    var directories: [ModelDirectory] { [own] + others }

    /// Refuses to change Brigade's own store when it is the same directory as one of Ollama's, which Brigade never
    /// changes.
    func checkOwnStore() throws(ModelStoreError) {
        func real(_ path: String) -> String {
            URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
        }
        guard !others.contains(where: { real($0.path) == real(own.path) }) else {
            throw ModelStoreError(
                "\(own.path) is Ollama's store, which Brigade does not change. Set BRIGADE_MODELS to another directory."
            )
        }
    }

    /// The model that the user names with `text`: the file at that path if there is one, else the model of that name.
    ///
    /// - Throws: when there is no such model; the message says where it was looked for and how to get it.
    public func locate(_ text: String) throws(ModelStoreError) -> LocatedModel {
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: text, isDirectory: &isDirectory)
        if exists && !isDirectory.boolValue { return LocatedModel(path: text) }
        let isPath = text.isEmpty || ["/", "./", "../", "~"].contains { text.hasPrefix($0) }
        guard !isPath, let name = try? ModelName(text) else {
            let found = exists ? "is a directory" : "does not exist"
            throw ModelStoreError(
                """
                \(text.isEmpty ? "\"\"" : text) \(found), expected a GGUF file or the name of a model, as in qwq or \
                qwq:32b.
                """
            )
        }
        if let model = try find(name) { return try model.located() }
        if text.lowercased().hasSuffix(".gguf") {
            throw ModelStoreError("\(text) does not exist, expected a GGUF file or the name of a model.")
        }
        throw ModelStoreError(
            "\(text) is neither a file nor a model that is here\(closedHint). Fetch it with: brigade pull \(text)")
    }

    /// The model of that name, from the first store that has all of it; nil when no store has any of it.
    ///
    /// - Throws: what is wrong, when a store has the model but none has all of it.
    public func find(_ name: ModelName) throws(ModelStoreError) -> StoredModel? {
        var problem: ModelStoreError?
        for directory in directories {
            guard let known = directory.name(matching: name) else { continue }
            do { return try StoredModel(known, in: directory) } catch { problem = problem ?? error }
        }
        if let problem { throw problem }
        return nil
    }

    /// The addition to "is not here" when some store could not be searched.
    private var closedHint: String {
        let closed = others.filter(\.isClosed).map(\.path)
        return closed.isEmpty ? "" : " (\(closed.joined(separator: ", ")) may not be read by this user)"
    }
}

/// A model that was found: the path of its weights and the settings packed with them.
public struct LocatedModel: Sendable, Equatable {
    /// A GGUF file; for a split model, any of its parts.
    public var path: String
    /// The name it was found under; nil when it was found by its path.
    public var name: ModelName?
    /// The settings packed with it; empty when it was found by its path.
    public var settings = ModelSettings()

    /// A model found by its path.
    public init(path: String) { self.path = path }
}

/// A model in a store, with its weights in full length.
public struct StoredModel: Sendable, Equatable {
    /// The model's name.
    public let name: ModelName
    /// The store it is in.
    public let directory: ModelDirectory
    /// Its list of blobs.
    public let manifest: ModelManifest
    /// Path of its GGUF file.
    public let weightsPath: String
    /// When it was stored.
    public let modified: Date

    /// Reads the manifest and checks that the weights have their full length.
    init(_ name: ModelName, in directory: ModelDirectory) throws(ModelStoreError) {
        self.name = name
        self.directory = directory
        manifest = try directory.manifest(name)
        weightsPath = try directory.weightsPath(manifest, of: name)
        modified = directory.modified(name)
    }

    /// The settings packed with the weights.
    ///
    /// - Throws: when a blob is missing or malformed.
    public func settings() throws(ModelStoreError) -> ModelSettings { try directory.settings(manifest, of: name) }

    func located() throws(ModelStoreError) -> LocatedModel {
        var model = LocatedModel(path: weightsPath)
        model.name = name
        model.settings = try settings()
        return model
    }
}

extension ModelDirectory {
    /// When the model was stored; 1970 when there is no such model.
    func modified(_ name: ModelName) -> Date {
        let attributes = try? FileManager.default.attributesOfItem(atPath: manifestPath(name))
        return attributes?[.modificationDate] as? Date ?? Date(timeIntervalSince1970: 0)
    }
}
