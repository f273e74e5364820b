#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The header before the JSON of a control message.
///
/// Layout, little-endian, offsets in bytes:
///
/// | at | size | field |
/// |---|---|---|
/// | 0 | 4 | magic `BRGC` |
/// | 4 | 2 | protocol version |
/// | 6 | 2 | zero |
/// | 8 | 4 | length of the JSON |
/// | 12 | 4 | zero |
/// | 16 | 8 | counter |
/// | 24 | 16 | authenticator: see ``Authenticator`` |
public struct ControlHeader: Equatable, Sendable {
    /// Rises with every request of a connection, so that none can be replayed; a reply repeats its request's.
    public var counter: UInt64
    /// Proves that the sender knows the plan's secret.
    public var authenticator: Authenticator

    /// A header with these values.
    public init(counter: UInt64 = 0, authenticator: Authenticator = .none) {
        self.counter = counter
        self.authenticator = authenticator
    }

    /// Reads the header of a message.
    ///
    /// - Throws: `WireError` if it is not a control message of this protocol version.
    public init(of message: RawSpan, limits: WireLimits = .standard) throws(WireError) {
        try checkPrologue(
            message, message: "control message", magic: ControlCoding.magic, headerSize: ControlCoding.headerSize,
            limits)
        var offset = 16
        counter = message.load(UInt64.self, at: &offset)
        authenticator = message.loadAuthenticator(at: &offset)
    }
}

/// Encodes and decodes the header and JSON of control messages.
enum ControlCoding {
    static let magic: UInt32 = 0x4347_5242  // "BRGC", little-endian
    static let headerSize = 40

    static func encode<Body: Encodable>(
        _ body: Body, _ header: ControlHeader, payload: [UInt8], message: String, _ limits: WireLimits
    ) throws(WireError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // JSON has no infinity, but a rate over a time of zero must not make a health report fail.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let json: [UInt8]
        do {
            json = Array(try encoder.encode(body))
        } catch {
            throw .invalidJSON(message: message, reason: "\(error)")
        }
        try WireLimits.check("a \(message)'s JSON length", json.count, limits.maxControlJSONBytes)
        let length = headerSize + json.count + payload.count
        try WireLimits.check("a \(message)'s length", length, limits.maxMessageBytes)
        var buffer = [UInt8](repeating: 0, count: length)
        var span = buffer.mutableSpan
        var bytes = span.mutableBytes
        var offset = 0
        bytes.store(magic, at: &offset)
        bytes.store(WireProtocol.version, at: &offset)
        bytes.store(UInt16(0), at: &offset)
        bytes.store(UInt32(json.count), at: &offset)
        bytes.store(UInt32(0), at: &offset)
        bytes.store(header.counter, at: &offset)
        bytes.store(header.authenticator, at: &offset)
        bytes.copy(json.span.bytes, at: &offset)
        bytes.copy(payload.span.bytes, at: &offset)
        return buffer
    }

    /// The body, and the offset of the payload after it.
    static func decode<Body: Decodable>(
        _ type: Body.Type, from bytes: RawSpan, message: String, _ limits: WireLimits
    ) throws(WireError) -> (body: Body, payload: Int) {
        try checkPrologue(bytes, message: message, magic: magic, headerSize: headerSize, limits)
        var offset = 6
        let reserved = bytes.load(UInt16.self, at: &offset), jsonLength = bytes.loadCount(at: &offset)
        let zero = bytes.load(UInt32.self, at: &offset)
        guard reserved == 0, zero == 0 else {
            throw .reservedNotZero(
                message: message, field: "bytes 6, 7 and 12 to 15", found: reserved == 0 ? Int(zero) : Int(reserved))
        }
        try WireLimits.check("a \(message)'s JSON length", jsonLength, limits.maxControlJSONBytes)
        guard jsonLength <= bytes.byteCount - headerSize else {
            throw .wrongLength(message: message, found: bytes.byteCount, expected: headerSize + jsonLength)
        }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let end = headerSize + jsonLength
        do {
            let body = try decoder.decode(type, from: Data(bytes.extracting(headerSize..<end).array))
            return (body, end)
        } catch {
            throw .invalidJSON(message: message, reason: reason(of: error))
        }
    }

    /// The body that the kind of the message needs.
    static func require<Body>(_ body: Body?, _ key: String, _ message: String) throws(WireError) -> Body {
        guard let body else {
            throw .invalidJSON(message: message, reason: "the key \"\(key)\" that its kind needs is missing")
        }
        return body
    }

    /// Checks that no bytes follow the JSON; only `weights` and `discard` have a payload.
    static func requireEnd(_ payload: Int, _ length: Int, _ message: String) throws(WireError) {
        guard payload == length else {
            throw .wrongLength(message: message, found: length, expected: payload)
        }
    }

    /// The place and kind of a decoding error, at most 200 characters whatever the peer sent.
    private static func reason(of error: any Error) -> String {
        let (context, what): (DecodingError.Context, String) =
            switch error as? DecodingError {
            case .keyNotFound(let key, let context): (context, "the key \"\(key.stringValue)\" is missing")
            case .typeMismatch(let type, let context): (context, "expected a value of type \(type)")
            case .valueNotFound(let type, let context): (context, "expected a value of type \(type), found null")
            case .dataCorrupted(let context) where context.codingPath.isEmpty:
                // Foundation gives no detail here, not even for a number that is too large for its field.
                (context, "it is not JSON, or a number in it is outside its field's range")
            case .dataCorrupted(let context): (context, context.debugDescription)
            default: (DecodingError.Context(codingPath: [], debugDescription: ""), "it could not be read")
            }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return String((path.isEmpty ? what : "at \(path): \(what)").prefix(200))
    }
}
