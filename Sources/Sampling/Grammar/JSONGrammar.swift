import JSON

/// What JSON text an answer may be: rules that refer to each other by number, so that they may be recursive.
///
/// Every rule describes one value, written compactly or with little white space: one space, or a line feed and up to 32
/// spaces or tabs, behind `{ [ , :` and before `} ]`. Numbers have at most 18 digits before and 17 behind the point
/// (more only where a bound has more) and, where there is neither bound nor divisor, an exponent of two digits, so that
/// every number fits what programs keep them in and none goes on for ever. No name stands twice in an object.
public struct JSONGrammar: Sendable {
    enum Rule: Sendable {
        /// These bytes.
        case literal([UInt8])
        case string(StringRule)
        /// A number without bounds, perhaps a whole one.
        case number(whole: Bool)
        case bounded(NumberRange)
        case array(ArrayRule)
        case object(ObjectRule)
        /// Any of these; none at all is a rule that nothing satisfies.
        case union([Int32])
        /// One after the other, without anything between.
        case sequence([Int32])
        /// Any text up to and including these bytes, and up to two line feeds behind it.
        case textThrough([UInt8])
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
            add(.string(StringRule())), add(.number(whole: false)),
        ]
        let array = Int32(rules.count), value = array + 1, object = array + 2
        _ = add(.array(ArrayRule(item: value)))
        _ = add(.union(scalars + [array, object]))
        return add(.object(ObjectRule([], others: ObjectRule.Others(values: [value]))))
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
        rules += other.rules.map { $0.referring { $0 + shift } }
        return other.root + shift
    }
}

extension JSONGrammar.Rule {
    /// The same rule, the numbers of those it refers to changed.
    func referring(_ change: (Int32) -> Int32) -> JSONGrammar.Rule {
        switch self {
        case .array(let array):
            .array(
                ArrayRule(
                    prefix: array.prefix.map(change), item: array.item.map(change), least: array.least,
                    most: array.most,
                    distinct: array.distinct))
        case .object(let object):
            .object(
                ObjectRule(
                    object.properties.map { property in
                        var property = property
                        property.value = change(property.value)
                        return property
                    },
                    others: object.others.map { others in
                        var others = others
                        others.values = others.values.map(change)
                        return others
                    }, least: object.least, most: object.most, excluded: object.excluded))
        case .union(let parts): .union(parts.map(change))
        case .sequence(let parts): .sequence(parts.map(change))
        case .literal, .string, .number, .bounded, .textThrough: self
        }
    }

    /// The rules it refers to.
    var references: [Int32] {
        switch self {
        case .array(let array): array.prefix + (array.item.map { [$0] } ?? [])
        case .object(let object): object.properties.map(\.value) + (object.others?.values ?? [])
        case .union(let parts), .sequence(let parts): parts
        case .literal, .string, .number, .bounded, .textThrough: []
        }
    }
}
