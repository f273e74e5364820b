/// A JSON value that keeps the order of an object's members and the spelling of numbers. The order matters because
/// models answer the properties of a schema in its order; the spelling, because a number must not change in transit.
public indirect enum JSONValue: Sendable, Equatable {
    /// A member of an object.
    public struct Member: Sendable, Equatable {
        /// The member's name and value.
        public var name: String, value: JSONValue

        /// A member with this name and value.
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    case null
    case bool(Bool)
    /// A number, in a spelling that JSON allows.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// An object. If it was parsed, no name occurs twice.
    case object([Member])

    /// A whole number.
    public static func int(_ value: Int) -> JSONValue { .number(String(value)) }

    /// A number, or null if JSON cannot express it (infinity, NaN).
    public static func double(_ value: Double) -> JSONValue { value.isFinite ? .number("\(value)") : .null }

    /// The value of an object's member; nil if this is not an object or has no such member.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The kind of value, with the name that messages and schemas use.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The text, if this is a string.
    public var string: String? { if case .string(let text) = self { text } else { nil } }
    /// The truth value, if this is a bool.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements, if this is an array.
    public var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
    /// The members in order, if this is an object.
    public var members: [Member]? { if case .object(let members) = self { members } else { nil } }
    /// Whether this is null.
    public var isNull: Bool { self == .null }

    /// The number, if this is one and a `Double` can hold it.
    public var double: Double? {
        guard case .number(let text) = self, let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// The number, if this is a whole one; `3.0` and `3e2` are. Spelled with a point or exponent, it must be below
    /// 2^53.
    public var int: Int? {
        guard case .number(let text) = self else { return nil }
        if let value = Int(text) { return value }
        guard let value = Double(text), value == value.rounded(), abs(value) < 0x1p53 else { return nil }
        return Int(value)
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByNilLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A string from a literal.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A bool from a literal.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A whole number from a literal.
    public init(integerLiteral value: Int) { self = .int(value) }
    /// A number from a literal.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Null from the literal `nil`.
    public init(nilLiteral: ()) { self = .null }
    /// An array from a literal.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object from a literal, in its order.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(elements.map { Member($0, $1) }) }
}
