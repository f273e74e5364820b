/// An order to a stage about KV blocks of its layers and the files of a session.
///
/// A stage carries it out after all frames that came before, and answers at once with its progress. The same order sent
/// again asks for the progress.
public struct SessionOrder: Codable, Equatable, Sendable {
    /// The kinds of order.
    public enum Action: String, Codable, Sendable {
        /// Writes the blocks of all layers of the slice.
        case save
        /// Reads the blocks back. If that fails, their contents are undefined.
        case load
        /// Removes the session's files.
        case forget
    }

    /// The epoch of the plan whose blocks are meant.
    public var epoch: UInt64
    /// The number of the order, different from that of the order before.
    public var number: UInt32
    /// What to do.
    public var action: Action
    /// The session's id, after which its files are named: 64 hexadecimal digits in small letters.
    public var session: String
    /// The KV blocks, in the order of the session's positions.
    public var blocks: [UInt32]
    /// For `load`: SHA-256 of the layers' files, in hexadecimal, from the slice's first layer on.
    public var digests: [String]

    /// A `SessionOrder` with these values.
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

/// A worker's progress with a ``SessionOrder``.
public struct SessionReply: Codable, Equatable, Sendable {
    /// The states of an order.
    public enum State: String, Codable, Sendable { case working, done, failed }

    /// The state of the order.
    public var state: State
    /// Bytes written or read so far, and in all.
    public var doneBytes: Int, totalBytes: Int
    /// After `save`: SHA-256 of the layers' files, in hexadecimal, from the slice's first layer on.
    public var digests: [String]
    /// What went wrong.
    public var problem: String?

    /// A `SessionReply` with these values.
    public init(state: State, doneBytes: Int = 0, totalBytes: Int = 0, digests: [String] = [], problem: String? = nil) {
        self.state = state
        self.doneBytes = doneBytes
        self.totalBytes = totalBytes
        self.digests = digests
        self.problem = problem
    }
}

/// The most digests in one message. With as many blocks as a frame may name, they stay within the JSON's limit.
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

/// Checks that a text is a digest. Only a digest may name a file.
private func checkDigest(_ field: String, _ text: String) throws(WireError) {
    let isDigest =
        text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    guard isDigest else {
        throw .invalidValue(
            field: field, found: "\"\(text.prefix(80))\"", expected: "64 hexadecimal digits in small letters")
    }
}
