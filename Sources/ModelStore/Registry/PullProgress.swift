import Foundation

/// How far a pull is, in the words of Ollama's `/api/pull`.
public struct PullProgress: Sendable, Equatable {
    /// `pulling manifest`, `pulling 6a0746a1ec1a`, `verifying sha256 digest`, `writing manifest`, `removing unused
    /// layers`, `success`.
    public var status: String
    /// The blob that it is about.
    public var digest: BlobDigest?
    /// The blob's bytes, and how many of them are done; what an earlier pull left behind counts as done.
    public var total: Int?, completed: Int?

    init(_ status: String, _ blob: ModelManifest.Layer? = nil, completed: Int? = nil) {
        self.status = status
        digest = blob?.digest
        total = blob?.size
        self.completed = completed
    }

    static func pulling(_ blob: ModelManifest.Layer, completed: Int) -> PullProgress {
        PullProgress("pulling \(blob.digest.hex.prefix(12))", blob, completed: completed)
    }
}

/// Where a pull gets its bytes from, and how patiently.
public struct PullOptions: Sendable, Equatable {
    /// The registry or mirror to ask, whatever host the name has; nil asks the name's own host.
    public var registry: RegistryURL?
    /// Parts of a blob that are fetched at the same time.
    public var parallel = 8
    /// Attempts in a row that may bring nothing before the pull gives up.
    public var attempts = 6
    /// Bytes of a part. A pull that is killed loses the parts it was at.
    public var partSize = 32 << 20
    /// The wait before the second attempt; it doubles with each, up to 16 times as long.
    public var firstPause = Duration.milliseconds(500)
    /// How long to wait for a connection, for an answer, and for the next bytes of it.
    public var connectTimeout = Duration.seconds(10), answerTimeout = Duration.seconds(60),
        idleTimeout = Duration.seconds(30)
    /// How long one request for a part may take in all. A part that is not done then goes on with another request.
    public var requestTimeout = Duration.seconds(600)

    /// How long a request for so many bytes may take where ranges are ignored: it begins at the first byte each time,
    /// so it gets as many times as long as it has parts.
    func wholeTimeout(bytes: Int) -> Duration { requestTimeout * max(1, (bytes + partSize - 1) / max(1, partSize)) }

    /// May name a proxy in `https_proxy`, and in `no_proxy` hosts that are reached without.
    public var environment: [String: String]

    /// The usual ones.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) { self.environment = environment }
}
