import Foundation

/// The models that this machine has by name: Brigade's own store, which it fills and empties, and those of Ollama,
/// which it only reads.
public struct ModelLibrary: Sendable, Equatable {
    /// Brigade's own store.
    public let own: ModelDirectory
    /// Other stores, in the order they are searched, behind the own one.
    public let others: [ModelDirectory]

    /// A library of these stores.
    public init(own: ModelDirectory, others: [ModelDirectory]) {
        self.own = own
        self.others = others
    }

    /// This user's library. Brigade's own store is `BRIGADE_MODELS`, or `brigade/models` in the user's cache. Ollama's
    /// is `OLLAMA_MODELS`; where that is not set, the user's own and that of Ollama's Linux service.
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

    /// All stores in the order they are searched.
    var directories: [ModelDirectory] { [own] + others }

    /// Refuses to change a store that somebody pointed both at: Brigade never changes Ollama's.
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

    /// The model that a person means by `text`: a file, if there is one of that path, or a model of that name.
    ///
    /// - Throws: where it was looked for and how to get it.
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

    /// The model of that name, from the first store that has it whole.
    ///
    /// - Throws: what is wrong with it, when no store has it whole but one has it in part.
    public func find(_ name: ModelName) throws(ModelStoreError) -> StoredModel? {
        var problem: ModelStoreError?
        for directory in directories {
            guard let known = directory.name(matching: name) else { continue }
            do { return try StoredModel(known, in: directory) } catch { problem = problem ?? error }
        }
        if let problem { throw problem }
        return nil
    }

    /// What to add to "is not here" when a store could not be searched.
    private var closedHint: String {
        let closed = others.filter(\.isClosed).map(\.path)
        return closed.isEmpty ? "" : " (\(closed.joined(separator: ", ")) may not be read by this user)"
    }
}

/// A model that was found: where its weights are and what was packed with them.
public struct LocatedModel: Sendable, Equatable {
    /// A GGUF file; of a split one, any part.
    public var path: String
    /// The name it was found under; nil for a file.
    public var name: ModelName?
    /// What was packed with it; nothing for a file.
    public var settings = ModelSettings()

    /// A file.
    public init(path: String) { self.path = path }
}

/// A model in a store, all of it there.
public struct StoredModel: Sendable, Equatable {
    /// What it is called.
    public let name: ModelName
    /// The store it is in.
    public let directory: ModelDirectory
    /// What it consists of.
    public let manifest: ModelManifest
    /// Its weights: a GGUF file.
    public let weightsPath: String
    /// When it was put there.
    public let modified: Date

    /// Reads the manifest and checks that the weights are there.
    init(_ name: ModelName, in directory: ModelDirectory) throws(ModelStoreError) {
        self.name = name
        self.directory = directory
        manifest = try directory.manifest(name)
        weightsPath = try directory.weightsPath(manifest, of: name)
        modified = directory.modified(name)
    }

    /// What was packed with the weights.
    ///
    /// - Throws: what is missing or bad.
    public func settings() throws(ModelStoreError) -> ModelSettings { try directory.settings(manifest, of: name) }

    func located() throws(ModelStoreError) -> LocatedModel {
        var model = LocatedModel(path: weightsPath)
        model.name = name
        model.settings = try settings()
        return model
    }
}

extension ModelDirectory {
    /// When the model was put there.
    func modified(_ name: ModelName) -> Date {
        let attributes = try? FileManager.default.attributesOfItem(atPath: manifestPath(name))
        return attributes?[.modificationDate] as? Date ?? Date(timeIntervalSince1970: 0)
    }
}
