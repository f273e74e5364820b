/// Why bytes from a peer were refused. Every case has what was found and what was expected; `description` is the
/// sentence for the log or the peer. Decoding succeeds as a whole or changes nothing.
public enum WireError: Error, Equatable, Sendable {
    /// Fewer bytes than the fixed header of `message`.
    case tooShort(message: String, found: Int, needed: Int)
    /// The first four bytes are not the message's magic.
    case wrongMagic(message: String, found: UInt32, expected: UInt32)
    /// The sender speaks another version of the protocol.
    case unsupportedVersion(message: String, found: Int, supported: Int)
    /// This build cannot read rows of this type.
    case unknownRowType(found: UInt8)
    /// The number of a cache operation is unknown.
    case unknownOperation(found: UInt8)
    /// A field that must be zero is not.
    case reservedNotZero(message: String, field: String, found: Int)
    /// A count or size is above its limit, mostly one of ``WireLimits``.
    case limitExceeded(field: String, found: Int, limit: Int)
    /// The length of the message differs from the sum of its counts.
    case wrongLength(message: String, found: Int, expected: Int)
    /// Parts of the message contradict each other: `field` is `found`, but the rest of the message says `expected`.
    case inconsistent(field: String, found: Int, expected: Int)
    /// The JSON of a control message could not be read or written.
    case invalidJSON(message: String, reason: String)
    /// A value in a control message is not allowed.
    case invalidValue(field: String, found: String, expected: String)
}

extension WireError: CustomStringConvertible {
    /// One sentence: what was found, what was expected and what to do.
    public var description: String {
        switch self {
        case .tooShort(let message, let found, let needed):
            "a \(message) needs at least \(needed) bytes, \(found) arrived; the peer sent a cut or foreign message"
        case .wrongMagic(let message, let found, let expected):
            "a \(message) begins with \(Self.spell(expected)), found \(Self.spell(found)); "
                + "check that the peer's port belongs to a brigade node"
        case .unsupportedVersion(let message, let found, let supported):
            "a \(message) of protocol version \(found) arrived, this build reads version \(supported); "
                + "run the same brigade release on every node"
        case .unknownRowType(let found):
            "row type \(found) is unknown, this build reads \(RowType.f32.rawValue) (f32); "
                + "choose a row type every node supports"
        case .unknownOperation(let found):
            "cache operation \(found) is unknown, expected 1 (append) to 6 (seal); "
                + "run the same brigade release on every node"
        case .reservedNotZero(let message, let field, let found):
            "\(field) of a \(message) is \(found), expected 0; run the same brigade release on every node"
        case .limitExceeded(let field, let found, let limit):
            "\(field) is \(found), the limit is \(limit); send smaller messages or raise the limit on the receiver"
        case .wrongLength(let message, let found, let expected):
            "a \(message) of \(found) bytes arrived, its counts add up to \(expected); it was cut or damaged"
        case .inconsistent(let field, let found, let expected):
            "\(field) is \(found), the rest of the message says \(expected); the sender is faulty"
        case .invalidJSON(let message, let reason):
            "the JSON of a \(message) is not valid: \(reason); run the same brigade release on every node"
        case .invalidValue(let field, let found, let expected):
            "\(field) is \(found), expected \(expected); the sender is faulty"
        }
    }

    /// Four little-endian bytes as text if printable, else in hexadecimal.
    private static func spell(_ magic: UInt32) -> String {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: magic >> (8 * UInt32($0))) }
        if bytes.allSatisfy({ (0x20..<0x7f).contains($0) }) {
            return "\"" + String(decoding: bytes, as: UTF8.self) + "\""
        }
        return "0x" + String(magic, radix: 16)
    }
}
