import Crypto
import Foundation

/// The list of a model's blobs: a Docker image manifest, version 2, with Ollama's media types.
///
/// ```
/// {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
///  "config": {"mediaType": "…", "digest": "sha256:…", "size": 488},
///  "layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:…", "size": 19851335840}, …]}
/// ```
public struct ModelManifest: Sendable, Equatable {
    /// A blob that the model needs.
    public struct Layer: Sendable, Equatable {
        /// The kind of content, as a media type.
        public let mediaType: String
        /// The digest that names the blob and verifies it.
        public let digest: BlobDigest
        /// Its length in bytes.
        public let size: Int
    }

    /// The image's own settings. Brigade stores this blob but does not read it.
    public let config: Layer?
    /// The model's blobs, in the manifest's order.
    public let layers: [Layer]
    /// The manifest byte for byte, since its digest depends on every byte.
    public let bytes: [UInt8]

    /// The media types that Brigade reads.
    static let model = "application/vnd.ollama.image.model", template = "application/vnd.ollama.image.template"
    static let system = "application/vnd.ollama.image.system", parameters = "application/vnd.ollama.image.params"
    static let license = "application/vnd.ollama.image.license", adapter = "application/vnd.ollama.image.adapter"
    /// The media type that a registry is asked for.
    static let mediaType = "application/vnd.docker.distribution.manifest.v2+json"
    /// Limits on a manifest's length in bytes and on its layers. The models in use have less than 2 KB and 10 layers.
    static let longest = 1 << 20, mostLayers = 256
    /// Limit on a blob's length, 1 PiB, so that sums of a manifest's sizes cannot overflow.
    private static let largestBlob = 1 << 50

    /// Parses a manifest.
    ///
    /// - Parameter source: where it came from, for error messages.
    /// - Throws: what is wrong with it.
    public init(_ bytes: [UInt8], source: String) throws(ModelStoreError) {
        struct Raw: Decodable {
            struct Layer: Decodable { var mediaType: String?, digest: String, size: Int }
            var schemaVersion: Int?, config: Layer?, layers: [Layer]
        }
        guard bytes.count <= Self.longest else {
            throw ModelStoreError("the manifest at \(source) has more than \(Self.longest) bytes.")
        }
        guard let raw = try? JSONDecoder().decode(Raw.self, from: Data(bytes)) else {
            throw ModelStoreError(
                """
                the manifest at \(source) is not one of a model: expected JSON with layers that have mediaType, digest \
                and size, found \(shown(String(decoding: bytes.prefix(60), as: UTF8.self))).
                """
            )
        }
        guard raw.schemaVersion ?? 2 == 2, (1...Self.mostLayers).contains(raw.layers.count) else {
            throw ModelStoreError(
                """
                the manifest at \(source) has schemaVersion \(raw.schemaVersion ?? 2) and \(raw.layers.count) layers, \
                expected version 2 and 1 to \(Self.mostLayers).
                """
            )
        }
        func layer(_ raw: Raw.Layer) throws(ModelStoreError) -> Layer {
            let digest: BlobDigest
            do { digest = try BlobDigest(raw.digest) } catch {
                throw ModelStoreError("in the manifest at \(source): \(error)")
            }
            guard (0...Self.largestBlob).contains(raw.size) else {
                throw ModelStoreError(
                    "in the manifest at \(source) \(digest) has \(raw.size) bytes, expected 0 to \(Self.largestBlob).")
            }
            return Layer(mediaType: raw.mediaType ?? "", digest: digest, size: raw.size)
        }
        var layers: [Layer] = []
        for one in raw.layers { layers.append(try layer(one)) }
        self.layers = layers
        config = try raw.config.map { (one) throws(ModelStoreError) in try layer(one) }
        self.bytes = bytes
    }

    /// Every blob the model needs, each once: the layers in order, then `config`.
    public var blobs: [Layer] {
        var seen = Set<BlobDigest>()
        return (layers + [config].compactMap { $0 }).filter { seen.insert($0.digest).inserted }
    }

    /// Length of all blobs together, in bytes.
    public var size: Int { blobs.reduce(0) { $0 + $1.size } }

    /// SHA-256 of the manifest's bytes, in hexadecimal: the model's ID.
    public var digest: String { hexadecimal(SHA256.hash(data: bytes)) }

    /// The only layer with weights.
    ///
    /// - Throws: when the number of such layers is not one, or when there is an adapter.
    func weights(of name: ModelName) throws(ModelStoreError) -> Layer {
        let models = layers.filter { $0.mediaType == Self.model }
        guard models.count == 1 else {
            throw ModelStoreError("\(name) has \(models.count) layers of weights, expected one GGUF file.")
        }
        guard !layers.contains(where: { $0.mediaType == Self.adapter }) else {
            throw ModelStoreError(
                "\(name) is a model with an adapter, which this version cannot apply. Use the model it was made from.")
        }
        return models[0]
    }
}
