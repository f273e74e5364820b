/// What a stage is to do with KV blocks of its layers and the files of a session.
///
/// A stage writes or reads when it has done all frames that came before, and answers at once how far it is: the same
/// order sent again asks for that.
public struct SessionOrder: Codable, Equatable, Sendable {
    /// What is to be done.
    public enum Action: String, Codable, Sendable {
        /// Write the blocks of all layers of the slice.
        case save
        /// Read them back; they hold what the files have only when that succeeds.
        case load
        /// Remove the session's files.
        case forget
    }

    /// The plan whose blocks are meant.
    public var epoch: UInt64
    /// The order's own number, unlike that of the order before.
    public var number: UInt32
    public var action: Action
    /// The session's id: 64 hexadecimal digits in small letters. Files are named by it.
    public var session: String
    /// The KV blocks, in the order of the session's positions.
    public var blocks: [UInt32]
    /// To load: SHA-256 of the layers' files, in hexadecimal, from the slice's first layer on.
    public var digests: [String]

    /// A `SessionOrder` of these values.
    public init(
        epoch: UInt64, number: UInt32, action: Action, session: String, blocks: [UInt32] = [], digests: [String] = []
    ) {
        self.epoch = epoch
        self.number = number
        self.action = action
        self.session = session
        self.blocks = blocks
        self.digests = digests
    }
}

/// How far a worker is with a ``SessionOrder``.
public struct SessionReply: Codable, Equatable, Sendable {
    /// Where an order stands.
    public enum State: String, Codable, Sendable { case working, done, failed }

    /// How far the order is.
    public var state: State
    /// Bytes written or read, and how many there are.
    public var doneBytes: Int, totalBytes: Int
    /// When done with saving: SHA-256 of the layers' files, in hexadecimal, from the slice's first layer on.
    public var digests: [String]
    /// What went wrong.
    public var problem: String?

    /// A `SessionReply` of these values.
    public init(state: State, doneBytes: Int = 0, totalBytes: Int = 0, digests: [String] = [], problem: String? = nil) {
        self.state = state
        self.doneBytes = doneBytes
        self.totalBytes = totalBytes
        self.digests = digests
        self.problem = problem
    }
}

/// Layers of a slice whose digests one message may carry: with as many blocks as a frame may name they stay within the
/// JSON's limit.
private let mostDigests = 4096

extension SessionOrder {
    func validate(_ limits: WireLimits) throws(WireError) {
        try checkDigest("a session order's session", session)
        try WireLimits.check("a session order's number of blocks", blocks.count, limits.maxOperations)
        try WireLimits.check("a session order's number of digests", digests.count, mostDigests)
        for digest in digests { try checkDigest("a session order's digest", digest) }
    }
}

extension SessionReply {
    func validate() throws(WireError) {
        try checkSize("a session reply's doneBytes", doneBytes)
        try checkSize("a session reply's totalBytes", totalBytes)
        try WireLimits.check("a session reply's number of digests", digests.count, mostDigests)
        for digest in digests { try checkDigest("a session reply's digest", digest) }
    }
}

/// Only what is a digest may name a file.
private func checkDigest(_ field: String, _ text: String) throws(WireError) {
    let isDigest =
        text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    guard isDigest else {
        throw .invalidValue(
            field: field, found: "\"\(text.prefix(80))\"", expected: "64 hexadecimal digits in small letters")
    }
}
