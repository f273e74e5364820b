import Foundation

/// A store of models on this machine, laid out like Ollama's:
///
/// ```
/// manifests/<host>/<namespace>/<model>/<tag>   the model's list of blobs (ModelManifest)
/// blobs/sha256-<64 hexadecimal digits>         the blobs
/// ```
///
/// Reading never changes the store. Nothing in it is trusted: names, digests, lengths and kinds of files are checked.
public struct ModelDirectory: Sendable, Equatable {
    /// Which program the store belongs to. Brigade never writes to or removes models of another program's store.
    public enum Owner: String, Sendable { case brigade, ollama }

    /// The directory that holds `manifests` and `blobs`.
    public let path: String
    /// Which program the store belongs to.
    public let owner: Owner

    /// A store at `path`, which need not exist yet.
    public init(path: String, owner: Owner) {
        self.path = path
        self.owner = owner
    }

    var manifests: String { path + "/manifests" }
    var blobs: String { path + "/blobs" }

    func manifestPath(_ name: ModelName) -> String { manifests + "/" + name.path }

    func blobPath(_ digest: BlobDigest) -> String { blobs + "/" + digest.fileName }

    /// Whether the store exists but this user may not read it.
    var isClosed: Bool { access(manifests, R_OK | X_OK) != 0 && errno == EACCES }

    /// The names of all models, sorted.
    public func names() -> [ModelName] {
        func entries(_ directory: String) -> [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter { !$0.hasPrefix(".") }
        }
        var names: [ModelName] = []
        for host in entries(manifests) {
            for namespace in entries("\(manifests)/\(host)") {
                for model in entries("\(manifests)/\(host)/\(namespace)") {
                    for tag in entries("\(manifests)/\(host)/\(namespace)/\(model)") {
                        // A path that is not a valid name was not put there by a store.
                        if let name = try? ModelName(host: host, namespace: namespace, model: model, tag: tag) {
                            names.append(name)
                        }
                    }
                }
            }
        }
        return names.sorted { $0.description < $1.description }
    }

    /// The store's own spelling of `name`, which may differ in upper and lower case; nil when the store has no such
    /// model.
    func name(matching name: ModelName) -> ModelName? {
        if Self.size(ofFile: manifestPath(name)) != nil { return name }
        return names().first { $0.matches(name) }
    }

    /// Reads the manifest of the model.
    ///
    /// - Throws: when it is missing, too long or malformed.
    public func manifest(_ name: ModelName) throws(ModelStoreError) -> ModelManifest {
        let path = manifestPath(name)
        return try ModelManifest(Self.read(path, longest: ModelManifest.longest), source: path)
    }

    /// Whether the blob is here in full length.
    func has(_ layer: ModelManifest.Layer) -> Bool { Self.size(ofFile: blobPath(layer.digest)) == layer.size }

    /// The path of the model's GGUF file.
    ///
    /// - Throws: when the blob is missing or has another length than its manifest says.
    func weightsPath(_ manifest: ModelManifest, of name: ModelName) throws(ModelStoreError) -> String {
        let layer = try manifest.weights(of: name), path = blobPath(layer.digest)
        guard let size = Self.size(ofFile: path) else {
            throw ModelStoreError(
                """
                \(name) is in the store at \(self.path), but its blob \(path) is missing. Fetch it with: \
                \(owner.rawValue) pull \(name)
                """
            )
        }
        guard size == layer.size else {
            throw ModelStoreError(
                """
                \(path) has \(size) bytes, but the manifest of \(name) says \(layer.size). Fetch it with: \
                \(owner.rawValue) pull \(name)
                """
            )
        }
        return path
    }

    /// The settings packed with the weights.
    ///
    /// - Throws: when a blob is missing or malformed.
    func settings(_ manifest: ModelManifest, of name: ModelName) throws(ModelStoreError) -> ModelSettings {
        var settings = ModelSettings()
        for layer in manifest.layers {
            func bytes() throws(ModelStoreError) -> [UInt8] {
                try Self.read(blobPath(layer.digest), longest: Self.longestText)
            }
            func text() throws(ModelStoreError) -> String { String(decoding: try bytes(), as: UTF8.self) }
            switch layer.mediaType {
            case ModelManifest.template: settings.template = try text()
            case ModelManifest.system: settings.system = try text()
            case ModelManifest.license: settings.licenses.append(try text())
            case ModelManifest.parameters: try settings.setParameters(bytes(), of: name)
            default: continue
            }
        }
        return settings
    }

    /// Limit on the length of a template, system message, licence or set of parameters, in bytes.
    private static let longestText = 4 << 20

    /// The length of a regular file in bytes, following links; nil when there is none.
    static func size(ofFile path: String) -> Int? {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: real),
            attributes[.type] as? FileAttributeType == .typeRegular
        else { return nil }
        return (attributes[.size] as? NSNumber)?.intValue
    }

    /// Reads a file of at most `longest` bytes.
    static func read(_ path: String, longest: Int) throws(ModelStoreError) -> [UInt8] {
        guard let size = size(ofFile: path) else { throw ModelStoreError("\(path) is missing or not a regular file.") }
        guard size <= longest else { throw ModelStoreError("\(path) has \(size) bytes, expected \(longest) at most.") }
        do { return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) } catch {
            throw ModelStoreError("\(path) cannot be read: \(error.localizedDescription)")
        }
    }
}
