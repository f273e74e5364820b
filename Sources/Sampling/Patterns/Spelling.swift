/// How characters are spelled inside a JSON string, byte by byte: as UTF-8 (Unicode Standard, table 3-7) or, where
/// escapes are allowed, as any escape of RFC 8259 but surrogate pairs. A spelling ends in the character's class.
final class Spelling: Sendable {
    /// Nothing is spelled so.
    static let none = Int16.min

    /// [node * 256 + byte]: the next node, the complement of a class, or `none`. Node 0 is between two characters.
    let table: [Int16]
    /// The classes of the characters that go on from each node, and how many of each do.
    let reachable: [[(index: Int32, count: Int32)]]

    /// Control characters, the quote and the backslash have no spelling without escapes; DEL is only ever escaped.
    init(_ classes: CharacterClasses, escapes: Bool) {
        var maker = SpellingMaker(classes)
        maker.addUTF8()
        if escapes { maker.addEscapes() }
        table = maker.table
        reachable = maker.reachable.map { parts in
            parts.sorted { $0.key < $1.key }.map { (index: $0.key, count: $0.value) }
        }
    }

    /// Whether a scalar stands in a string as it is.
    static func isPlain(_ code: UInt32) -> Bool { code >= 0x20 && code != 0x22 && code != 0x5C && code != 0x7F }
}

private struct SpellingMaker {
    let classes: CharacterClasses
    var table: [Int16] = []
    var reachable: [[Int32: Int32]]
    /// Nodes by what goes on from them: alike ones are made once.
    private var known: [[Int16]: Int16] = [:]

    init(_ classes: CharacterClasses) {
        self.classes = classes
        table = [Int16](repeating: Spelling.none, count: 256)
        reachable = [[:]]  // nobody asks what goes on from between two characters
    }

    private func leaf(_ code: UInt32) -> Int16 { ~Int16(classes.index(of: code)) }

    private mutating func node(_ row: [Int16]) -> Int16 {
        if let node = known[row] { return node }
        let node = Int16(reachable.count)
        known[row] = node
        table += row
        reachable.append(
            row.reduce(into: [:]) { found, entry in
                guard entry != Spelling.none else { return }
                if entry < 0 {
                    found[Int32(~entry), default: 0] += 1
                } else {
                    found.merge(reachable[Int(entry)]) { $0 + $1 }
                }
            })
        return node
    }

    /// The one class of a range of scalars; nil: there are several, or not all of the range are scalars.
    private func only(_ range: ClosedRange<UInt32>) -> Int32? {
        guard range.upperBound <= 0x10FFFF, !range.overlaps(0xD800...0xDFFF) else { return nil }
        var low = 0, high = classes.intervals.count
        while low < high {
            let middle = (low + high) / 2
            if classes.intervals[middle].range.upperBound < range.lowerBound { low = middle + 1 } else { high = middle }
        }
        let index = classes.intervals[low].index
        while classes.intervals[low].range.upperBound < range.upperBound {
            low += 1
            guard classes.intervals[low].index == index else { return nil }
        }
        return index
    }

    mutating func addUTF8() {
        for code in UInt32(0x20)..<0x80 where Spelling.isPlain(code) { table[Int(code)] = leaf(code) }
        var uniform: [[Int32]: Int16] = [:]
        for lead in 0xC2...0xDF { table[lead] = rest(UInt32(lead & 0x1F) << 6, 1, 0x80, &uniform)! }
        for lead in 0xE0...0xEF { table[lead] = rest(UInt32(lead & 0x0F) << 12, 2, 0x800, &uniform)! }
        for lead in 0xF0...0xF4 { table[lead] = rest(UInt32(lead & 0x07) << 18, 3, 0x10000, &uniform)! }
    }

    /// The node behind the first bytes of the scalars from `first` on, with so many bytes to come; shorter ones than
    /// `least` would be spelled too long.
    private mutating func rest(_ first: UInt32, _ bytes: Int, _ least: UInt32, _ uniform: inout [[Int32]: Int16])
        -> Int16?
    {
        let size = UInt32(1) << UInt32(6 * bytes)
        guard first + size > least, first <= 0x10FFFF else { return nil }
        var key: [Int32]?
        if first >= least, let index = only(first...first + size - 1) {
            if let known = uniform[[index, Int32(bytes)]] { return known }
            key = [index, Int32(bytes)]
        }
        var row = [Int16](repeating: Spelling.none, count: 256), isEmpty = true
        for i in UInt32(0)..<64 {
            let code = first + i << UInt32(6 * (bytes - 1))
            if bytes > 1 {
                guard let below = rest(code, bytes - 1, least, &uniform) else { continue }
                row[0x80 + Int(i)] = below
            } else {
                guard code >= least, Unicode.Scalar(code) != nil else { continue }
                row[0x80 + Int(i)] = leaf(code)
            }
            isEmpty = false
        }
        guard !isEmpty else { return nil }
        let result = node(row)
        if let key { uniform[key] = result }
        return result
    }

    mutating func addEscapes() {
        var row = [Int16](repeating: Spelling.none, count: 256)
        for (letter, code) in [
            ("\"", 0x22), ("\\", 0x5C), ("/", 0x2F), ("b", 8), ("f", 0xC), ("n", 0xA), ("r", 0xD), ("t", 9),
        ] as [(Unicode.Scalar, UInt32)] {
            row[Int(letter.value)] = leaf(code)
        }
        var uniform: [[Int32]: Int16] = [:]
        row[Int(UInt8(ascii: "u"))] = digits(0, 4, &uniform)!
        table[0x5C] = node(row)
    }

    /// The node of the scalars from `first` on, with so many hexadecimal digits to come.
    private mutating func digits(_ first: UInt32, _ count: Int, _ uniform: inout [[Int32]: Int16]) -> Int16? {
        var key: [Int32]?
        if let index = only(first...first + UInt32(1) << UInt32(4 * count) - 1) {
            if let known = uniform[[index, Int32(count)]] { return known }
            key = [index, Int32(count)]
        }
        var row = [Int16](repeating: Spelling.none, count: 256), isEmpty = true
        for digit in UInt32(0)..<16 {
            let code = first + digit << UInt32(4 * (count - 1))
            var entry: Int16?
            if count > 1 {
                entry = digits(code, count - 1, &uniform)
            } else if Unicode.Scalar(code) != nil {
                entry = leaf(code)
            }
            guard let entry else { continue }
            isEmpty = false
            for text in [String(digit, radix: 16), String(digit, radix: 16, uppercase: true)] {
                row[Int(text.utf8.first!)] = entry
            }
        }
        guard !isEmpty else { return nil }
        let result = node(row)
        if let key { uniform[key] = result }
        return result
    }
}
