/// The protocol version of everything that this module writes. Decoders accept no other version.
public enum WireProtocol {
    /// The version in the header of frames, results and control messages.
    public static let version: UInt16 = 3
}

/// The largest counts that a decoder accepts. Each is checked before memory is allocated for it.
public struct WireLimits: Equatable, Sendable {
    /// Rows of one frame, and outputs of one result.
    public var maxRows: Int
    /// Elements of one row.
    public var maxWidth: Int
    /// Segments of one frame.
    public var maxSegments: Int
    /// Cache operations of one frame; also the blocks that all its `share` operations may name together.
    public var maxOperations: Int
    /// Output requests of one frame.
    public var maxRequests: Int
    /// Best candidates of one output.
    public var maxTop: Int
    /// Extra ids of one output.
    public var maxExtra: Int
    /// Logits of one output with the whole vocabulary.
    public var maxVocabulary: Int
    /// Bytes of a whole message. 256 MiB is three times 4096 rows of width 5120.
    public var maxMessageBytes: Int
    /// Bytes of the JSON of a control message.
    public var maxControlJSONBytes: Int

    /// The limits that every node uses by default.
    public static let standard = WireLimits()

    /// A `WireLimits` with these values.
    public init(
        maxRows: Int = 4096,
        maxWidth: Int = 65536,
        maxSegments: Int = 1024,
        maxOperations: Int = 65536,
        maxRequests: Int = 4096,
        maxTop: Int = 65536,
        maxExtra: Int = 65536,
        maxVocabulary: Int = 1 << 20,
        maxMessageBytes: Int = 256 << 20,
        maxControlJSONBytes: Int = 1 << 20
    ) {
        self.maxRows = maxRows
        self.maxWidth = maxWidth
        self.maxSegments = maxSegments
        self.maxOperations = maxOperations
        self.maxRequests = maxRequests
        self.maxTop = maxTop
        self.maxExtra = maxExtra
        self.maxVocabulary = maxVocabulary
        self.maxMessageBytes = maxMessageBytes
        self.maxControlJSONBytes = maxControlJSONBytes
    }

    /// Throws `limitExceeded` when `found` is above `limit`.
    static func check(_ field: String, _ found: Int, _ limit: Int) throws(WireError) {
        guard found <= limit else { throw .limitExceeded(field: field, found: found, limit: limit) }
    }
}
