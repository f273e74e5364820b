#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Header and JSON of control messages.
enum ControlCoding {
    static let magic: UInt32 = 0x4347_5242  // "BRGC", little-endian
    static let headerSize = 12

    static func encode<Body: Encodable>(
        _ body: Body, payload: [UInt8], message: String, _ limits: WireLimits
    ) throws(WireError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // JSON has no infinity; a rate divided by a zero time must not make a health report impossible.
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
        bytes.copy(json.span.bytes, at: &offset)
        bytes.copy(payload.span.bytes, at: &offset)
        return buffer
    }

    static func decode<Body: Decodable>(
        _ type: Body.Type, from buffer: [UInt8], message: String, _ limits: WireLimits
    ) throws(WireError) -> (body: Body, payload: ArraySlice<UInt8>) {
        let bytes = buffer.span.bytes
        try checkPrologue(bytes, message: message, magic: magic, headerSize: headerSize, limits)
        var offset = 6
        let reserved = bytes.load(UInt16.self, at: &offset)
        guard reserved == 0 else {
            throw .reservedNotZero(message: message, field: "bytes 6 and 7", found: Int(reserved))
        }
        let jsonLength = bytes.loadCount(at: &offset)
        try WireLimits.check("a \(message)'s JSON length", jsonLength, limits.maxControlJSONBytes)
        guard jsonLength <= buffer.count - headerSize else {
            throw .wrongLength(message: message, found: buffer.count, expected: headerSize + jsonLength)
        }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let end = headerSize + jsonLength
        do {
            return (try decoder.decode(type, from: Data(buffer[headerSize..<end])), buffer[end...])
        } catch {
            throw .invalidJSON(message: message, reason: reason(of: error))
        }
    }

    /// The body the kind of the message promises.
    static func require<Body>(_ body: Body?, _ key: String, _ message: String) throws(WireError) -> Body {
        guard let body else {
            throw .invalidJSON(message: message, reason: "the key \"\(key)\" that its kind needs is missing")
        }
        return body
    }

    /// Only weights carry bytes behind the JSON.
    static func requireEnd(_ payload: ArraySlice<UInt8>, _ length: Int, _ message: String) throws(WireError) {
        guard payload.isEmpty else {
            throw .wrongLength(message: message, found: length, expected: length - payload.count)
        }
    }

    /// A decoding error in few words: where and what. Never longer than a log line, whatever the peer sent.
    private static func reason(of error: any Error) -> String {
        let (context, what): (DecodingError.Context, String) =
            switch error as? DecodingError {
            case .keyNotFound(let key, let context): (context, "the key \"\(key.stringValue)\" is missing")
            case .typeMismatch(let type, let context): (context, "expected a value of type \(type)")
            case .valueNotFound(let type, let context): (context, "expected a value of type \(type), found null")
            case .dataCorrupted(let context) where context.codingPath.isEmpty:
                // Foundation says no more than this, not even for a number too large for its field.
                (context, "it is not JSON, or a number in it is outside its field's range")
            case .dataCorrupted(let context): (context, context.debugDescription)
            default: (DecodingError.Context(codingPath: [], debugDescription: ""), "it could not be read")
            }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return String((path.isEmpty ? what : "at \(path): \(what)").prefix(200))
    }
}
