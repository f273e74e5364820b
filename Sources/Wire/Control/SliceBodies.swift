/// The shards of a slice: each transformer block, and the head, is a GGUF file of its own, so that another cut of the
/// same model moves only the blocks that change hands.
public struct SliceQuery: Codable, Equatable, Sendable {
    /// One shard and the length of its file.
    public struct Shard: Codable, Equatable, Sendable {
        /// `blk.12`, or `head`.
        public var name: String
        public var byteCount: Int

        /// A `Shard` of these values.
        public init(name: String, byteCount: Int) {
            self.name = name
            self.byteCount = byteCount
        }
    }

    /// The model the shards are cut from.
    public var modelFingerprint: String
    public var shards: [Shard]

    /// A `SliceQuery` of these values.
    public init(modelFingerprint: String, shards: [Shard]) {
        self.modelFingerprint = modelFingerprint
        self.shards = shards
    }
}

/// A worker's answer to a ``SliceQuery``.
public struct SliceReply: Codable, Equatable, Sendable {
    /// Names of the shards that have to be sent.
    public var missing: [String]

    /// A `SliceReply` of these values.
    public init(missing: [String]) {
        self.missing = missing
    }
}

/// Says where the payload that follows belongs in a shard's bytes.
public struct WeightsChunk: Codable, Equatable, Sendable {
    /// The fingerprint of the model and the name of the shard.
    public var fingerprint: String, shard: String
    /// Length of the whole shard.
    public var totalBytes: Int
    /// Where the payload begins in the whole.
    public var offset: Int
    /// SHA-256, in hexadecimal, of everything up to the payload's end: so every chunk is checked as it comes, and the
    /// last one's is that of the whole. Nil without a payload.
    public var sha256: String?

    /// A `WeightsChunk` of these values.
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
    /// Where the next chunk has to begin; less than what was sent when a part has to come again.
    public var nextOffset: Int
    /// Whether the whole has arrived and was verified.
    public var complete: Bool
    /// SHA-256 of what has arrived, to a chunk without payload: the sender compares it before it goes on.
    public var sha256: String?

    /// A `WeightsReply` of these values.
    public init(nextOffset: Int, complete: Bool, sha256: String? = nil) {
        self.nextOffset = nextOffset
        self.complete = complete
        self.sha256 = sha256
    }
}
