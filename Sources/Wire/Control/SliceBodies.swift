/// The shards of a slice. Each transformer block and the head is a GGUF file of its own, so that with another cut of
/// the same model only the blocks that change nodes are sent.
public struct SliceQuery: Codable, Equatable, Sendable {
    /// One shard and the length of its file.
    public struct Shard: Codable, Equatable, Sendable {
        /// `blk.12`, or `head`.
        public var name: String
        /// Length of the shard's file.
        public var byteCount: Int

        /// A `Shard` with these values.
        public init(name: String, byteCount: Int) {
            self.name = name
            self.byteCount = byteCount
        }
    }

    /// The fingerprint of the model that the shards are cut from.
    public var modelFingerprint: String
    /// The shards, in the order of the slice.
    public var shards: [Shard]

    /// A `SliceQuery` with these values.
    public init(modelFingerprint: String, shards: [Shard]) {
        self.modelFingerprint = modelFingerprint
        self.shards = shards
    }
}

/// A worker's answer to a ``SliceQuery``.
public struct SliceReply: Codable, Equatable, Sendable {
    /// Names of the shards that must be sent.
    public var missing: [String]

    /// A `SliceReply` with these values.
    public init(missing: [String]) {
        self.missing = missing
    }
}

/// The place of the payload that follows within a shard's bytes.
public struct WeightsChunk: Codable, Equatable, Sendable {
    /// The fingerprint of the model and the name of the shard.
    public var fingerprint: String, shard: String
    /// Length of the whole shard.
    public var totalBytes: Int
    /// Where the payload begins in the shard.
    public var offset: Int
    /// SHA-256, in hexadecimal, of the shard up to the end of the payload. So every chunk is checked when it arrives,
    /// and the digest of the last one is that of the whole shard. Nil without a payload.
    public var sha256: String?

    /// A `WeightsChunk` with these values.
    public init(fingerprint: String, shard: String, totalBytes: Int, offset: Int, sha256: String? = nil) {
        self.fingerprint = fingerprint
        self.shard = shard
        self.totalBytes = totalBytes
        self.offset = offset
        self.sha256 = sha256
    }
}

/// A worker's answer to a ``WeightsChunk``.
public struct WeightsReply: Codable, Equatable, Sendable {
    /// Where the next chunk must begin; below the end of the last chunk if bytes must be sent again.
    public var nextOffset: Int
    /// Whether the whole shard has arrived and was verified.
    public var complete: Bool
    /// In the answer to a chunk without payload: SHA-256 of the bytes that have arrived. The sender compares it before
    /// it goes on.
    public var sha256: String?

    /// A `WeightsReply` with these values.
    public init(nextOffset: Int, complete: Bool, sha256: String? = nil) {
        self.nextOffset = nextOffset
        self.complete = complete
        self.sha256 = sha256
    }
}
