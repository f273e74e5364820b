import JSON

/// What a template is given under a name.
///
/// Trust says who wrote a text: what the model's own files say (the names of its special tokens, the roles a caller
/// has checked) may become control tokens, what a user, a tool or a client wrote may not.
public enum Value: Sendable {
    /// What somebody outside wrote: none of its texts, names and numbers is trusted.
    case data(JSONValue)
    /// What the model's files or the caller's own code say: all of it is trusted.
    case trusted(JSONValue)
    /// A list of values of which some are trusted.
    case list([Value])
    /// Names and values of which some are trusted; the names of this dict itself are.
    case dict([Member])

    /// A name and its value.
    public struct Member: Sendable {
        /// The name.
        public var name: String
        /// What stands under it.
        public var value: Value

        /// A name and its value.
        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }
}

extension Object {
    /// A given value as the template sees it.
    init(_ value: Value, depth: Int) throws(Failure) {
        try Self.check(depth)
        switch value {
        case .data(let json): self = try Object(json, isTrusted: false, depth: depth)
        case .trusted(let json): self = try Object(json, isTrusted: true, depth: depth)
        case .list(let values):
            var objects: [Object] = []
            objects.reserveCapacity(values.count)
            for value in values { objects.append(try Object(value, depth: depth + 1)) }
            self = .list(objects)
        case .dict(let members):
            var entries: [Mapping.Entry] = []
            entries.reserveCapacity(members.count)
            for member in members {
                let value = try Object(member.value, depth: depth + 1)
                entries.append((.string(Text(member.name, isTrusted: true)), value))
            }
            self = .dict(try Self.mapping(entries))
        }
    }

    private init(_ json: JSONValue, isTrusted: Bool, depth: Int) throws(Failure) {
        try Self.check(depth)
        switch json {
        case .null: self = .none
        case .bool(let value): self = .bool(value)
        case .number(let text): self = try Self.number(text, isTrusted: isTrusted)
        case .string(let string): self = .string(Text(string, isTrusted: isTrusted))
        case .array(let values):
            var objects: [Object] = []
            objects.reserveCapacity(values.count)
            for value in values { objects.append(try Object(value, isTrusted: isTrusted, depth: depth + 1)) }
            self = .list(objects)
        case .object(let members):
            var entries: [Mapping.Entry] = []
            entries.reserveCapacity(members.count)
            for member in members {
                let value = try Object(member.value, isTrusted: isTrusted, depth: depth + 1)
                entries.append((.string(Text(member.name, isTrusted: isTrusted)), value))
            }
            self = .dict(try Self.mapping(entries))
        }
    }

    /// Less deep than a template's own values may be, for it puts those it is given into others.
    private static func check(_ depth: Int) throws(Failure) {
        guard depth <= Budget.deepestValue * 3 / 4 else {
            throw Failure(.limit, "a given value nests more than \(Budget.deepestValue * 3 / 4) deep")
        }
    }

    /// Of a few names, which are mostly distinct, without hashing them all.
    private static func mapping(_ entries: [Mapping.Entry]) throws(Failure) -> Mapping {
        guard entries.count <= 8 else { return try Mapping(entries) }
        for (i, entry) in entries.enumerated() {
            for other in entries[..<i] where entry.key.text == other.key.text { return try Mapping(entries) }
        }
        return Mapping(distinct: entries)
    }

    /// A number as Python's `json` reads it: with a fraction or an exponent it is a float.
    private static func number(_ text: String, isTrusted: Bool) throws(Failure) -> Object {
        if let value = Int(text) { return .int(value, isTrusted: isTrusted) }
        if text.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }) {
            guard let value = Double(text) else {
                throw Failure(.value, "a given number is none: '\(text.prefix(40))'")
            }
            return .double(value, isTrusted: isTrusted)
        }
        let isNegative = text.hasPrefix("-"), digits = text.utf8.dropFirst(isNegative ? 1 : 0)
        guard digits.count <= 4300 else { throw Failure(.limit, "a given number has more than 4300 digits") }
        guard !digits.isEmpty, digits.allSatisfy(\.isDigit),
            let value = BigInteger(digits: digits.lazy.map { $0 - 0x30 }, radix: 10, isNegative: isNegative)
        else { throw Failure(.value, "a given number is none: '\(text.prefix(40))'") }
        return Object(value, isTrusted: isTrusted)
    }
}
