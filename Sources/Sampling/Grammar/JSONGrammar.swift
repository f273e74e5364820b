import JSON

/// What JSON text an answer may be: rules that refer to each other by number, so that they may be recursive.
///
/// Every rule describes one value, written compactly or with little white space: one space, or a line feed and up to 32
/// spaces or tabs, behind `{ [ , :` and before `} ]`. Numbers have at most 18 digits before and 17 behind the point and
/// an exponent of two digits, so that every number fits what programs keep them in and none goes on for ever.
public struct JSONGrammar: Sendable, Equatable {
    enum Rule: Sendable, Equatable {
        /// These bytes.
        case literal([UInt8])
        /// A string of so many characters (Unicode scalars).
        case string(least: Int32, most: Int32)
        case number(whole: Bool)
        /// Values of one rule, so many of them.
        case array(item: Int32, least: Int32, most: Int32)
        case object(ObjectRule)
        /// Any of these; none at all is a rule that nothing satisfies.
        case union([Int32])
        /// One after the other, without anything between.
        case sequence([Int32])
        /// Any text up to and including these bytes, and up to two line feeds behind it.
        case textThrough([UInt8])
    }

    /// Properties in the order in which they are written; optional ones may be left out.
    struct ObjectRule: Sendable, Equatable {
        struct Property: Sendable, Equatable {
            /// The name as it stands in JSON, with the closing quote but not the opening one.
            var key: [UInt8]
            var value: Int32, isRequired: Bool
        }

        var properties: [Property] = []
        /// The rule of properties that are not named; nil: there are none.
        var additional: Int32?
        /// Hashes of the names above: an additional property has another name.
        var names: Set<UInt64> = []
    }

    /// There is no limit.
    static let unlimited = Int32.max

    var rules: [Rule]
    var root: Int32

    mutating func add(_ rule: Rule) -> Int32 {
        rules.append(rule)
        return Int32(rules.count - 1)
    }

    /// Any JSON object.
    public static var anyObject: JSONGrammar {
        var grammar = JSONGrammar(rules: [], root: 0)
        grammar.root = grammar.addAnyObject()
        return grammar
    }

    /// Adds the rules of any JSON value; returns that of an object. The value's own is one less.
    mutating func addAnyObject() -> Int32 {
        let scalars = [
            add(.literal(Array("null".utf8))), add(.literal(Array("true".utf8))), add(.literal(Array("false".utf8))),
            add(.string(least: 0, most: Self.unlimited)), add(.number(whole: false)),
        ]
        let array = Int32(rules.count), value = array + 1, object = array + 2
        _ = add(.array(item: value, least: 0, most: Self.unlimited))
        _ = add(.union(scalars + [array, object]))
        return add(.object(ObjectRule(additional: value)))
    }

    /// This value behind what the model thinks: any text through `</think>`.
    public var afterThinking: JSONGrammar { after(thinkingThrough: "</think>") }

    /// This value behind what the model thinks: any text through the tag that ends it.
    public func after(thinkingThrough closing: String) -> JSONGrammar {
        var grammar = self
        let thought = grammar.add(.textThrough(Array(closing.utf8)))
        grammar.root = grammar.add(.sequence([thought, root]))
        return grammar
    }

    /// Takes over another grammar's rules; returns its root.
    mutating func include(_ other: JSONGrammar) -> Int32 {
        let shift = Int32(rules.count)
        for rule in other.rules {
            switch rule {
            case .array(let item, let least, let most):
                rules.append(.array(item: item + shift, least: least, most: most))
            case .union(let parts): rules.append(.union(parts.map { $0 + shift }))
            case .sequence(let parts): rules.append(.sequence(parts.map { $0 + shift }))
            case .object(var object):
                for i in object.properties.indices { object.properties[i].value += shift }
                object.additional = object.additional.map { $0 + shift }
                rules.append(.object(object))
            case .literal, .string, .number, .textThrough: rules.append(rule)
            }
        }
        return other.root + shift
    }
}

extension JSONGrammar {
    /// FNV-1a, 64 bits, of a property's name.
    static func hash(_ name: some Sequence<UInt8>) -> UInt64 { name.reduce(0xcbf2_9ce4_8422_2325, step) }

    static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
}
