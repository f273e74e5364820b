/// A string of a language and of so many characters (Unicode scalars).
final class StringRule: Sendable {
    let language: TextLanguage
    let least: Int32, most: Int32
    /// [state * (least + 1) + n]: the fewest characters, n or more, from a state to a text's end; empty where simpler
    /// reckoning will do. `TextLanguage.unlimited`: there is no such text.
    private let fewest: [Int32]
    /// Whether every text belongs to the language.
    let isFree: Bool
    /// Whether a text that is not of the rule breaks the schema; else it may only be one that is never written.
    let isExact: Bool

    /// Where inside a string a text stands: the language's state, how much of a character has come, and how many are
    /// complete.
    struct Place: Hashable, Sendable {
        var state: Int32 = 0, node: Int16 = 0, count: Int32 = 0
    }

    /// Any string of so many characters.
    init(least: Int32 = 0, most: Int32 = JSONGrammar.unlimited) {
        language = .all
        self.least = least
        self.most = most
        fewest = []
        isFree = true
        isExact = true
    }

    /// The texts of a language that are so long; nil when there are none.
    init?(_ language: TextLanguage, least: Int32, most: Int32, isExact: Bool, effort: inout Int) throws(PatternError) {
        self.language = language
        self.least = least
        self.most = most
        isFree = false
        self.isExact = isExact
        if least > 0 && most != JSONGrammar.unlimited {
            fewest = try Self.fewest(language, Int(least), &effort)
        } else {
            fewest = []
        }
        guard canEnd(0, 0) else { return nil }
    }

    private static func fewest(_ language: TextLanguage, _ least: Int, _ effort: inout Int) throws(PatternError)
        -> [Int32]
    {
        let width = language.classes.count, count = language.labels.count
        let work = language.transitions.count.multipliedReportingOverflow(by: least + 1)
        guard !work.overflow, work.partialValue < effort else { throw .tooLarge }
        effort -= work.partialValue
        var table = [Int32](repeating: TextLanguage.unlimited, count: count * (least + 1))
        for state in 0..<count { table[state * (least + 1)] = language.shortest[state] }
        // A text of n characters or more is one character and a text of n - 1 or more.
        for n in stride(from: 1, through: least, by: 1) {
            for state in 0..<count {
                var best = TextLanguage.unlimited
                for target in language.transitions[state * width..<(state + 1) * width] where target >= 0 {
                    best = min(best, table[Int(target) * (least + 1) + n - 1])
                }
                table[state * (least + 1) + n] = best == TextLanguage.unlimited ? best : best + 1
            }
        }
        return table
    }

    /// Whether a string that has come so far can end within the limits.
    private func canEnd(_ state: Int32, _ count: Int32) -> Bool {
        if isFree { return count <= most }
        if count >= least {
            return most == JSONGrammar.unlimited || Int(count) + Int(language.shortest[Int(state)]) <= Int(most)
        }
        let missing = least - count
        if most == JSONGrammar.unlimited { return language.longest[Int(state)] >= missing }
        return Int(count) + Int(fewest[Int(state) * Int(least + 1) + Int(missing)]) <= Int(most)
    }

    /// Whether the closing quote may come.
    func mayEnd(_ place: Place) -> Bool {
        place.node == 0 && place.count >= least && language.labels[Int(place.state)] >= 0
    }

    /// The place after a byte that is not the closing quote; nil when it cannot stand here.
    func next(_ place: Place, _ byte: UInt8) -> Place? {
        let entry = language.spelling.table[Int(place.node) << 8 | Int(byte)]
        if entry == Spelling.none { return nil }
        var place = place
        if entry >= 0 {
            guard isFree ? place.count < most : reaches(place, entry) else { return nil }
            place.node = entry
            return place
        }
        place.node = 0
        if !isFree {
            place.state = language.transitions[Int(place.state) * language.classes.count + Int(~entry)]
            guard place.state >= 0 else { return nil }
        }
        let count = place.count + 1
        // Beyond the least, only a limit makes it worth counting: ways that go on alike should be the same.
        place.count = most == JSONGrammar.unlimited ? min(count, least) : count
        return canEnd(place.state, count) ? place : nil
    }

    /// Whether one of the characters that go on so may stand here.
    private func reaches(_ place: Place, _ node: Int16) -> Bool {
        language.spelling.reachable[Int(node)].contains { part in
            let target = language.transitions[Int(place.state) * language.classes.count + Int(part.index)]
            return target >= 0 && canEnd(target, place.count + 1)
        }
    }
}
