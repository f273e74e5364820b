import JSON

/// Whether answers to one rule can satisfy the schema that another one stands for, as `oneOf` has to know.
struct Exclusion {
    let grammar: JSONGrammar
    /// How much may still be compared: when none is left, nothing is certain.
    private(set) var effort = mostEffort

    /// What comparing two rules costs, and looking up a property's name.
    private static let costOfPair = 32, costOfName = 16
    /// The most that is compared for one schema: a million pairs, which takes about a second.
    private static let mostEffort = costOfPair << 20

    init(_ grammar: JSONGrammar) { self.grammar = grammar }

    /// Whether it is certain that no answer to rule `a` satisfies the schema of rule `b`; looks at a few levels of
    /// properties only.
    mutating func excludes(_ a: Int32, _ b: Int32, depth: Int = 0) -> Bool {
        guard depth < 4 else { return false }
        var left = grammar.alternatives(a), right = grammar.alternatives(b)
        effort -= left.count + right.count
        // Listed values are many, and told apart at once.
        let mine = Set(left.compactMap(value)), theirs = Set(right.compactMap(value))
        guard mine.isDisjoint(with: theirs) else { return false }
        let areListed = left.allSatisfy { value($0) != nil }
        if right.allSatisfy({ value($0) != nil }) { left.removeAll { value($0) != nil } }
        if areListed { right.removeAll { value($0) != nil } }
        for l in left {
            for r in right {
                effort -= Self.costOfPair
                guard effort > 0, l != r, excludes(grammar.rules[Int(l)], grammar.rules[Int(r)], depth) else {
                    return false
                }
            }
        }
        return effort > 0
    }

    private mutating func excludes(_ a: JSONGrammar.Rule, _ b: JSONGrammar.Rule, _ depth: Int) -> Bool {
        if case .literal(let x) = a, case .literal(let y) = b { return x != y && Self.identity(x) != Self.identity(y) }
        if let left = grammar.firstBytes(a), let right = grammar.firstBytes(b), left.isDisjoint(with: right) {
            return true
        }
        switch (a, b) {
        case (.string(let x), .string(let y)):
            if x.most < y.least || y.isExact && y.most < x.least { return true }
            return y.isExact && x.language.meets(y.language, effort: &effort) == false
        case (.string(let string), .literal(let text)), (.literal(let text), .string(let string)):
            guard string.isExact, let text = (try? JSONValue(parsing: text))?.string else { return false }
            let count = text.unicodeScalars.count
            return string.language.label(of: text) < 0 || count < string.least || count > string.most
        case (.bounded(let x), .bounded(let y)): return x.lies(below: y) || y.lies(below: x)
        case (.object(let x), .object(let y)): return excludes(x, y, depth)
        default: return false
        }
    }

    /// An answer lacks a name that the other schema demands, or has one whose value cannot be the other's.
    private mutating func excludes(_ a: ObjectRule, _ b: ObjectRule, _ depth: Int) -> Bool {
        var names: [[UInt8]: ObjectRule.Property] = [:]
        for property in a.properties { names[property.key] = property }
        effort -= Self.costOfName * (a.properties.count + b.properties.count)
        for property in b.properties {
            if let mine = names[property.key] {
                if mine.isRequired && excludes(mine.value, property.value, depth: depth + 1) { return true }
            } else if property.isDemanded {
                let name = property.key.dropLast()
                guard let others = a.others else { return true }
                if a.excluded.contains(DistinctText.hash(of: name)) { return true }
                let text = String(decoding: name, as: UTF8.self)
                if !text.contains("\\") && others.names.language.label(of: text) < 0 { return true }
            }
            guard effort > 0 else { return false }
        }
        return false
    }

    /// A listed value, such that equal ones are equal texts; nil for another rule.
    private func value(_ rule: Int32) -> String? {
        if case .literal(let text) = grammar.rules[Int(rule)] { Self.identity(text) } else { nil }
    }

    private static func identity(_ text: [UInt8]) -> String? { (try? JSONValue(parsing: text))?.identity }
}

extension NumberRange {
    /// Whether bounds that were given keep all of these numbers below all of those.
    fileprivate func lies(below other: NumberRange) -> Bool {
        guard hasMost, other.hasLeast else { return false }
        if let mine = positive {
            guard other.negative == nil, let theirs = other.positive else { return false }
            // In the same units.
            let scale = Int(places) - Int(other.places)
            guard abs(scale) <= 38 else { return false }
            let factor = Self.powers[abs(scale)]
            if scale < 0 {
                let scaled = mine.upperBound.multipliedReportingOverflow(by: factor)
                return !scaled.overflow && scaled.partialValue < theirs.lowerBound
            }
            let scaled = theirs.lowerBound.multipliedReportingOverflow(by: factor)
            return scaled.overflow || mine.upperBound < scaled.partialValue
        }
        guard let mine = negative else { return false }
        guard let theirs = other.negative else { return true }
        guard places == other.places else { return false }
        return mine.lowerBound > theirs.upperBound
    }
}
