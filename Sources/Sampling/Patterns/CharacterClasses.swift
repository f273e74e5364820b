/// Unicode's scalars in classes: characters that no set of some patterns tells apart are of one class.
struct CharacterClasses: Sendable {
    /// What a character is to the assertion `\b`: part of a word for everyone, for some, or for nobody.
    enum Kind: UInt8, Sendable { case other, letter, word }

    /// All scalars, ascending, each range with its class.
    let intervals: [(range: ClosedRange<UInt32>, index: Int32)]
    let count: Int
    /// Of each class, when the patterns ask for the boundaries of words; else all are `other`.
    let kinds: [Kind]

    private static let mostClasses = 1024, mostEffort = 1 << 22

    /// The coarsest classes that tell these sets apart.
    init(of patterns: [Pattern]) throws(PatternError) {
        var sets: Set<CodePointSet> = [], asksForWords = false
        for pattern in patterns { pattern.collect(&sets, &asksForWords) }
        if asksForWords { sets.formUnion([.word, .wideWord]) }
        let distinct = Array(sets)
        var cuts: Set<UInt32> = [0, 0xD800, 0xE000, 0x110000]
        for set in distinct {
            for range in set.ranges { cuts.formUnion([range.lowerBound, range.upperBound + 1]) }
        }
        guard cuts.count * (distinct.count / 64 + 1) < Self.mostEffort else { throw .tooLarge }
        let bounds = cuts.sorted()
        // One bit for each set, for each elementary range.
        var signatures = [[UInt64]](
            repeating: [UInt64](repeating: 0, count: distinct.count / 64 + 1), count: bounds.count)
        var places: [UInt32: Int] = [:]
        for (i, bound) in bounds.enumerated() { places[bound] = i }
        var effort = 0
        for (i, set) in distinct.enumerated() {
            for range in set.ranges {
                for at in places[range.lowerBound]!..<places[range.upperBound + 1]! {
                    signatures[at][i / 64] |= 1 << UInt64(i % 64)
                    effort += 1
                }
            }
            guard effort < Self.mostEffort else { throw .tooLarge }
        }
        var known: [[UInt64]: Int32] = [:], intervals: [(range: ClosedRange<UInt32>, index: Int32)] = []
        var kinds: [Kind] = []
        for at in bounds.indices.dropLast() where bounds[at] != 0xD800 {
            let index = known[signatures[at]] ?? Int32(known.count)
            if known.updateValue(index, forKey: signatures[at]) == nil {
                let isWord = asksForWords && CodePointSet.word.contains(bounds[at])
                let isLetter = asksForWords && CodePointSet.wideWord.contains(bounds[at])
                kinds.append(isWord ? .word : isLetter ? .letter : .other)
            }
            intervals.append((bounds[at]...bounds[at + 1] - 1, index))
        }
        guard known.count <= Self.mostClasses else { throw .tooLarge }
        self.intervals = intervals
        self.kinds = kinds
        count = known.count
    }

    /// Which classes a set consists of; it must be one of those that the classes were made for.
    func members(of set: CodePointSet) -> [Bool] {
        var result = [Bool](repeating: false, count: count)
        for interval in intervals where !result[Int(interval.index)] && set.contains(interval.range.lowerBound) {
            result[Int(interval.index)] = true
        }
        return result
    }

    /// The class of a scalar.
    func index(of code: UInt32) -> Int32 {
        var low = 0, high = intervals.count
        while low < high {
            let middle = (low + high) / 2
            if intervals[middle].range.upperBound < code { low = middle + 1 } else { high = middle }
        }
        return intervals[low].index
    }
}

extension Pattern {
    fileprivate func collect(_ sets: inout Set<CodePointSet>, _ asksForWords: inout Bool) {
        switch self {
        case .set(let set): sets.insert(set)
        case .sequence(let parts), .choice(let parts): for part in parts { part.collect(&sets, &asksForWords) }
        case .repetition(let part, _, _), .ahead(let part, _): part.collect(&sets, &asksForWords)
        case .boundary: asksForWords = true
        case .start, .end: break
        }
    }
}
