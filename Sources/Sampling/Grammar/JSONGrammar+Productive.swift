extension JSONGrammar {
    /// The grammar without what nothing can satisfy: such alternatives, optional properties and items are cut out, so
    /// that no answer ever begins what it cannot end. Nil when nothing satisfies the whole.
    func productive() -> JSONGrammar? {
        let known = findProductive()
        guard known[Int(root)] else { return nil }
        var result = self
        for i in rules.indices where known[i] {
            switch rules[i] {
            case .array(let array): result.rules[i] = .array(array.keeping(known))
            case .union(let parts): result.rules[i] = .union(parts.filter { known[Int($0)] })
            case .object(let object): result.rules[i] = .object(object.keeping(known))
            default: break
            }
        }
        return result
    }

    /// A rule is productive when its parts are; begins with none and adds until nothing changes.
    private func findProductive() -> [Bool] {
        var known = [Bool](repeating: false, count: rules.count), users = [[Int32]](repeating: [], count: rules.count)
        for (i, rule) in rules.enumerated() {
            for part in rule.references { users[Int(part)].append(Int32(i)) }
        }
        var pending = Array(rules.indices)
        while let i = pending.popLast() {
            guard !known[i], holds(rules[i], known) else { continue }
            known[i] = true
            pending += users[i].map { Int($0) }
        }
        return known
    }

    private func holds(_ rule: Rule, _ known: [Bool]) -> Bool {
        switch rule {
        case .literal, .number, .textThrough: return true
        case .string(let string): return string.least <= string.most
        case .bounded(let range): return !range.isEmpty
        case .array(let array):
            let kept = array.keeping(known)
            return kept.least <= kept.most && (array.distinct.map { Int(kept.least) <= $0.capacity } ?? true)
        case .union(let parts): return parts.contains { known[Int($0)] }
        case .sequence(let parts): return parts.allSatisfy { known[Int($0)] }
        case .object(let object):
            let kept = object.keeping(known)
            return object.properties.allSatisfy { !$0.isRequired || known[Int($0.value)] }
                && kept.required[0] <= kept.most && Int(kept.least) <= kept.available(from: 0, used: 0)
                && kept.least <= kept.most
        }
    }

    /// A rule's alternatives that are no unions themselves.
    func alternatives(_ rule: Int32) -> [Int32] {
        if case .union(let parts) = rules[Int(rule)],
            !parts.contains(where: { if case .union = rules[Int($0)] { true } else { false } })
        {
            return parts
        }
        var seen: Set<Int32> = [], found: [Int32] = []
        func visit(_ rule: Int32) {
            guard seen.insert(rule).inserted else { return }
            if case .union(let parts) = rules[Int(rule)] { parts.forEach(visit) } else { found.append(rule) }
        }
        visit(rule)
        return found
    }

    func firstBytes(_ rule: Rule) -> Set<UInt8>? {
        switch rule {
        case .literal(let bytes): bytes.first.map { [$0] }
        case .string: [UInt8(ascii: "\"")]
        case .number, .bounded: Set([UInt8(ascii: "-")] + (UInt8(ascii: "0")...UInt8(ascii: "9")))
        case .array: [UInt8(ascii: "[")]
        case .object: [UInt8(ascii: "{")]
        case .union, .sequence, .textThrough: nil
        }
    }
}

extension ArrayRule {
    /// Without the items that no value can be.
    fileprivate func keeping(_ known: [Bool]) -> ArrayRule {
        let prefix = Array(self.prefix.prefix { known[Int($0)] })
        let isCut = prefix.count < self.prefix.count
        let item = isCut || item.map { !known[Int($0)] } ?? true ? nil : item
        return ArrayRule(prefix: prefix, item: item, least: least, most: most, distinct: distinct)
    }
}

extension ObjectRule {
    /// Without the properties whose values nothing can be.
    fileprivate func keeping(_ known: [Bool]) -> ObjectRule {
        var others = others
        if let all = others?.values, !all.allSatisfy({ known[Int($0)] }) {
            let labels = Set(all.indices.filter { known[Int(all[$0])] }.map { Int32($0) })
            others = self.others?.names.language.keeping(labels, escapes: false).map {
                Others(names: DistinctLanguage($0), values: all)
            }
        }
        return ObjectRule(
            properties.filter { known[Int($0.value)] }, others: others, least: least, most: most, excluded: excluded)
    }
}
