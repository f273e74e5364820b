extension JSONGrammar {
    /// One of many values that begin with known bytes.
    struct Opening: Sendable {
        /// The bytes, and the rules that come behind them.
        var text: [UInt8], then: [Int32] = []
    }

    /// More alternatives that begin with the same byte than these cannot be followed beside each other.
    static let mostAlternatives = 64

    /// The grammar with what alternatives have in common at their beginnings written once, so that however many strings
    /// are listed, few are followed at a time. The values are the same.
    func factored() -> JSONGrammar {
        var result = self, added = 0
        // Only where a value begins: a union that is no more than a part of others is read as theirs.
        for rule in valueRules().sorted() {
            guard case .union = rules[Int(rule)] else { continue }
            let all = alternatives(rule)
            var openings: [Opening] = [], rest: [Int32] = []
            for alternative in all {
                if case .literal(let text) = rules[Int(alternative)] {
                    openings.append(Opening(text: text))
                } else {
                    rest.append(alternative)
                }
            }
            // Schemas that refer to each other may list the same values again and again; there is an end to what that
            // may cost.
            added += openings.count
            guard openings.count > Set(openings.map(\.text.first)).count, added < 1 << 20 else { continue }
            let choice = result.addChoice(openings)
            guard case .union(let parts) = result.rules[Int(choice)] else { continue }
            result.rules[Int(rule)] = .union(rest + parts)
        }
        return result
    }

    /// Adds a union of these, as a tree: every union in it has at most two alternatives that begin with the same byte,
    /// save for openings whose whole texts are the same.
    mutating func addChoice(_ openings: [Opening]) -> Int32 {
        let sorted = openings.sorted { $0.text.lexicographicallyPrecedes($1.text) }
        let root = add(.union([]))
        var pending = [(range: sorted.indices, place: 0, union: root)]
        while let (range, place, union) = pending.popLast() {
            var parts: [Int32] = [], first = range.lowerBound
            while first < range.upperBound {
                let text = sorted[first].text
                guard place < text.count else {
                    // Nothing can be told apart by no bytes; only an empty text in the list comes here.
                    first += 1
                    continue
                }
                let last = sorted[first..<range.upperBound].partitioningIndex { $0.text[place] > text[place] }
                // What the first and the last of a sorted list share, all between them share.
                let end = zip(text, sorted[last - 1].text).prefix { $0 == $1 }.count
                let edge = add(.literal(Array(text[place..<end])))
                let longer = sorted[first..<last].partitioningIndex { $0.text.count > end }
                for ended in sorted[first..<longer] {
                    parts.append(ended.then.isEmpty ? edge : add(.sequence([edge] + ended.then)))
                }
                if longer < last {
                    let below = add(.union([]))
                    parts.append(add(.sequence([edge, below])))
                    pending.append((longer..<last, end, below))
                }
                first = last
            }
            rules[Int(union)] = .union(parts)
        }
        return root
    }

    /// Whether so many alternatives of a rule begin with the same byte that they cannot all be followed.
    func isTooWide(_ rule: Int32) -> Bool {
        var counts = [Int](repeating: 0, count: 256)
        for alternative in alternatives(rule) {
            for byte in firstBytes(rules[Int(alternative)]) ?? [] { counts[Int(byte)] += 1 }
        }
        return counts.contains { $0 > Self.mostAlternatives }
    }

    /// The rules of which a value may begin.
    private func valueRules() -> Set<Int32> {
        var found: Set<Int32> = [root]
        for rule in rules {
            if case .union = rule { continue }
            found.formUnion(rule.references)
        }
        return found
    }
}

extension ArraySlice {
    /// The first place whose element is `behind`, in a list where all such come last.
    fileprivate func partitioningIndex(_ behind: (Element) -> Bool) -> Int {
        var low = startIndex, high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if behind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
