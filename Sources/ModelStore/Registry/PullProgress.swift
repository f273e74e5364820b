import Foundation

/// The progress of a pull, worded as in Ollama's `/api/pull`.
public struct PullProgress: Sendable, Equatable {
    /// `pulling manifest`, `pulling 6a0746a1ec1a`, `verifying sha256 digest`, `writing manifest`, `removing unused
    /// layers`, `success`.
    public var status: String
    /// The blob that the status is about, if any.
    public var digest: BlobDigest?
    /// The blob's length in bytes, and how many of them are done, including what an earlier pull has fetched.
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

/// Settings of a pull: the registry, the parallelism, and the patience.
public struct PullOptions: Sendable, Equatable {
    /// The registry or mirror to use in place of the host in the model's name; nil uses that host.
    public var registry: RegistryURL?
    /// Number of parts of a blob that are fetched at the same time.
    public var parallel = 8
    /// Number of attempts in a row, each bringing too few bytes, after which the pull gives up.
    public var attempts = 6
    /// Length of a part in bytes.
    public var partSize = 32 << 20
    /// The pause before the second attempt. It doubles with each further attempt, up to 16 times its length.
    public var firstPause = Duration.milliseconds(500)
    /// How long to wait for a connection, for an answer, and for the next bytes of an answer.
    public var connectTimeout = Duration.seconds(10), answerTimeout = Duration.seconds(30),
        idleTimeout = Duration.seconds(20)
    /// How long nothing at all may come, over all attempts, before the pull gives up. An attempt that waits is not cut
    /// short for it.
    public var silence = Duration.seconds(60)
    /// How long one request for a part may take. A part that is not complete then continues with another request.
    public var requestTimeout = Duration.seconds(600)

    /// The time limit of a request for a whole blob, where the server ignores ranges. Such a request always starts at
    /// the first byte, so it gets the time of as many requests as the blob has parts.
    func wholeTimeout(bytes: Int) -> Duration { requestTimeout * max(1, (bytes + partSize - 1) / max(1, partSize)) }

    /// Environment variables that may name a proxy (`https_proxy`) and hosts to reach without it (`no_proxy`).
    public var environment: [String: String]

    /// The default settings.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) { self.environment = environment }
}
