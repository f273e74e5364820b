/// Why a text is not valid JSON.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The place of the error in bytes from the start, and what was expected there.
    public var offset: Int, expected: String

    /// One sentence: the place and what was expected.
    public var description: String { "the text is not valid JSON: at byte \(offset) expected \(expected)" }
}

extension JSONValue {
    /// Parses a JSON text (RFC 8259, UTF-8); only white space may follow the value.
    ///
    /// Refused as well: more than 128 levels, a name twice in one object, bytes that are not UTF-8, an escape of half a
    /// surrogate pair.
    public init(parsing bytes: some Collection<UInt8>) throws(JSONError) {
        var parser = JSONParser(Array(bytes))
        self = try parser.whole()
    }

    /// Parses a JSON text with the same rules.
    public init(parsing text: String) throws(JSONError) { try self.init(parsing: Array(text.utf8)) }
}

struct JSONParser {
    private static let deepest = 128
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func whole() throws(JSONError) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard place == bytes.count else { throw error("nothing more") }
        return value
    }

    private func error(_ expected: String) -> JSONError { JSONError(offset: place, expected: expected) }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x0A, 0x0D, 0x09].contains(byte) { place += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < Self.deepest else { throw error("at most \(Self.deepest) levels of nesting") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try array(depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte):
            return .number(try number())
        default: throw error("a value")
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[place...].starts(with: word.utf8) else { throw error("a value") }
        place += word.utf8.count
        return value
    }

    private mutating func array(_ depth: Int) throws(JSONError) -> JSONValue {
        place += 1
        var values: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array([]) }
        while true {
            values.append(try value(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(values) }
            guard take(UInt8(ascii: ",")) else { throw error("a comma or the array's end") }
        }
    }

    private mutating func object(_ depth: Int) throws(JSONError) -> JSONValue {
        place += 1
        var members: [JSONValue.Member] = [], names: Set<String> = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object([]) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error("a member's name") }
            let name = try string()
            guard names.insert(name).inserted else {
                throw error("each name only once in an object, found \"\(name.prefix(40))\" again")
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("a colon") }
            members.append(JSONValue.Member(name, try value(depth: depth + 1)))
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw error("a comma or the object's end") }
        }
    }

    private mutating func number() throws(JSONError) -> String {
        let start = place
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func digits() throws(JSONError) {
        let start = place
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { place += 1 }
        guard place > start else { throw error("a digit") }
    }

    private mutating func string() throws(JSONError) -> String {
        let start = place
        place += 1
        var text: [UInt8] = []
        while let byte = next {
            place += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let result = String(validating: text, as: UTF8.self) else {
                    throw JSONError(offset: start, expected: "a string of valid UTF-8")
                }
                return result
            case UInt8(ascii: "\\"): try escape(to: &text)
            case ..<0x20:
                place -= 1
                throw error("no control character in a string")
            default: text.append(byte)
            }
        }
        throw error("the string's end")
    }

    private mutating func escape(to text: inout [UInt8]) throws(JSONError) {
        guard let byte = next else { throw error("an escape") }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code) {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
                    throw error("the second half of a surrogate pair")
                }
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw error("the second half of a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("a character, not half a surrogate pair") }
            text += UTF8.encode(scalar)!
        default:
            place -= 1
            throw error("an escape")
        }
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        guard place + 4 <= bytes.count,
            let code = UInt32(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16),
            bytes[place] != UInt8(ascii: "+"), bytes[place] != UInt8(ascii: "-")
        else { throw error("four hexadecimal digits") }
        place += 4
        return code
    }
}
