extension JSONGrammar {
    /// The grammar without what nothing can satisfy: such alternatives, optional properties and items are cut out, so
    /// that no answer ever begins what it cannot end. Nil when nothing satisfies the whole.
    func productive() -> JSONGrammar? {
        // A rule is productive when its parts are; begin with none and add until nothing changes.
        var known = [Bool](repeating: false, count: rules.count), changed = true
        while changed {
            changed = false
            for (i, rule) in rules.enumerated() where !known[i] && holds(rule, known) {
                known[i] = true
                changed = true
            }
        }
        guard known[Int(root)] else { return nil }
        var result = self
        for i in rules.indices {
            switch rules[i] {
            case .array(let item, let least, _) where !known[Int(item)]:
                result.rules[i] = .array(item: item, least: least, most: 0)
            case .union(let parts): result.rules[i] = .union(parts.filter { known[Int($0)] })
            case .object(var object):
                object.properties.removeAll { !known[Int($0.value)] }
                if let additional = object.additional, !known[Int(additional)] { object.additional = nil }
                result.rules[i] = .object(object)
            default: break
            }
        }
        return result
    }

    private func holds(_ rule: Rule, _ known: [Bool]) -> Bool {
        switch rule {
        case .literal, .number, .textThrough: true
        case .string(let least, let most): least <= most
        case .array(let item, let least, let most): least <= most && (least == 0 || known[Int(item)])
        case .union(let parts): parts.contains { known[Int($0)] }
        case .sequence(let parts): parts.allSatisfy { known[Int($0)] }
        case .object(let object): object.properties.allSatisfy { !$0.isRequired || known[Int($0.value)] }
        }
    }

    /// Whether it is certain that no text satisfies both rules; looks at a few levels of required
    /// properties only. `effort` is how much may still be compared: when none is left, nothing is certain.
    func areDisjoint(_ a: Int32, _ b: Int32, effort: inout Int, depth: Int = 0) -> Bool {
        guard depth < 4 else { return false }
        let left = alternatives(a, effort: &effort), right = alternatives(b, effort: &effort)
        for l in left {
            for r in right {
                effort -= Self.costOfPair
                guard effort > 0, l != r, areDisjoint(rules[Int(l)], rules[Int(r)], &effort, depth) else {
                    return false
                }
            }
        }
        return effort > 0
    }

    /// What comparing two rules costs, where comparing two properties' names costs 1.
    private static let costOfPair = 32
    /// The most that is compared for one schema: a million pairs, which takes about a second.
    static let mostEffort = costOfPair << 20

    private func areDisjoint(_ a: Rule, _ b: Rule, _ effort: inout Int, _ depth: Int) -> Bool {
        if case .literal(let x) = a, case .literal(let y) = b {
            return x.first != y.first || x != y && !(Self.isNumber(x) && Self.isNumber(y))
        }
        if let left = firstBytes(a), let right = firstBytes(b), left.isDisjoint(with: right) { return true }
        switch (a, b) {
        case (.string(let least, let most), .string(let other, let otherMost)): return most < other || otherMost < least
        case (.object(let x), .object(let y)):
            for p in x.properties {
                effort -= 1
                for q in y.properties where p.isRequired {
                    effort -= 1
                    guard effort > 0 else { return false }
                    if q.isRequired && p.key == q.key
                        && areDisjoint(p.value, q.value, effort: &effort, depth: depth + 1)
                    {
                        return true
                    }
                }
            }
            return false
        default: return false
        }
    }

    private static func isNumber(_ text: [UInt8]) -> Bool {
        text.first.map { $0 == 0x2D || (0x30...0x39).contains($0) } ?? false
    }

    /// A rule's alternatives that are no unions themselves.
    func alternatives(_ rule: Int32) -> [Int32] {
        var effort = Int.max
        return alternatives(rule, effort: &effort)
    }

    private func alternatives(_ rule: Int32, effort: inout Int) -> [Int32] {
        if case .union(let parts) = rules[Int(rule)],
            !parts.contains(where: { if case .union = rules[Int($0)] { true } else { false } })
        {
            effort -= parts.count
            return parts
        }
        var seen: Set<Int32> = [], found: [Int32] = []
        func visit(_ rule: Int32) {
            guard seen.insert(rule).inserted else { return }
            if case .union(let parts) = rules[Int(rule)] { parts.forEach(visit) } else { found.append(rule) }
        }
        visit(rule)
        effort -= seen.count
        return found
    }

    func firstBytes(_ rule: Rule) -> Set<UInt8>? {
        switch rule {
        case .literal(let bytes): bytes.first.map { [$0] }
        case .string: [UInt8(ascii: "\"")]
        case .number: Set([UInt8(ascii: "-")] + (UInt8(ascii: "0")...UInt8(ascii: "9")))
        case .array: [UInt8(ascii: "[")]
        case .object: [UInt8(ascii: "{")]
        case .union, .sequence, .textThrough: nil
        }
    }
}
