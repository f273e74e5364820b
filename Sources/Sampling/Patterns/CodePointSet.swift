/// A set of Unicode scalars (code points without surrogates), as ascending ranges that do not touch.
struct CodePointSet: Hashable, Sendable {
    private(set) var ranges: [ClosedRange<UInt32>]

    static let none = CodePointSet([])
    static let all = CodePointSet([0...0xD7FF, 0xE000...0x10FFFF])

    /// The union of ranges in any order; surrogates in them are left out.
    init(_ given: [ClosedRange<UInt32>]) {
        var merged: [ClosedRange<UInt32>] = []
        for range in given.flatMap(Self.withoutSurrogates).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        ranges = merged
    }

    /// The characters of a text.
    init(_ characters: String) { self.init(characters.unicodeScalars.map { $0.value...$0.value }) }

    private static func withoutSurrogates(_ range: ClosedRange<UInt32>) -> [ClosedRange<UInt32>] {
        guard range.overlaps(0xD800...0xDFFF) else { return [range] }
        var parts: [ClosedRange<UInt32>] = []
        if range.lowerBound < 0xD800 { parts.append(range.lowerBound...0xD7FF) }
        if range.upperBound > 0xDFFF { parts.append(0xE000...range.upperBound) }
        return parts
    }

    var isEmpty: Bool { ranges.isEmpty }

    var count: Int { ranges.reduce(0) { $0 + $1.count } }

    func union(_ other: CodePointSet) -> CodePointSet { CodePointSet(ranges + other.ranges) }

    var complement: CodePointSet {
        var gaps: [ClosedRange<UInt32>] = [], next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { gaps.append(next...0x10FFFF) }
        return CodePointSet(gaps)
    }

    func intersection(_ other: CodePointSet) -> CodePointSet {
        complement.union(other.complement).complement
    }

    func contains(_ code: UInt32) -> Bool {
        var low = 0, high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < code { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(code)
    }
}

/// The classes that patterns name. Dialects differ in what they hold: in ECMA-262 `\d` is 0 to 9, in Python's `re` and
/// in Rust every decimal digit. The narrow reading holds what all of them accept, the wide one what any does; where a
/// class is negated the wide one is, so that an answer is right for whoever checks it.
extension CodePointSet {
    static let digit = CodePointSet([0x30...0x39])
    static let wideDigit = digit.union(.category("Nd")!)
    static let word = CodePointSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    /// Letters, marks, numbers and connectors, and code points that a newer Unicode may make letters.
    static let wideWord = ["L", "M", "N", "Pc", "Cn"].reduce(word) { $0.union(.category($1)!) }
        .union(CodePointSet([0x200C...0x200D]))
    static let space = CodePointSet([
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000,
    ])
    static let wideSpace = space.union(CodePointSet([0x1C...0x1F, 0x85...0x85, 0x180E...0x180E, 0xFEFF...0xFEFF]))
    static let dot = CodePointSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029]).complement
    static let wideDot = CodePointSet([0x0A...0x0A]).complement

    /// A general category by its short name, `Lu`, or all that begin alike, `L`; nil when there is none.
    static func category(_ name: String) -> CodePointSet? {
        if let exact = UnicodeCategories.sets[name] { return exact }
        guard name.count == 1 else { return nil }
        let parts = UnicodeCategories.sets.filter { $0.key.hasPrefix(name) }
        return parts.isEmpty ? nil : CodePointSet(parts.flatMap(\.value.ranges))
    }
}

/// Which scalars are in which general category, as the standard library knows them; found once, when first asked for.
private enum UnicodeCategories {
    static let sets: [String: CodePointSet] = {
        var ranges: [Unicode.GeneralCategory: [ClosedRange<UInt32>]] = [:]
        var start: UInt32 = 0, last: Unicode.GeneralCategory?
        for code in UInt32(0)...0x110000 {
            let now = Unicode.Scalar(code)?.properties.generalCategory
            guard now != last else { continue }
            if let last { ranges[last, default: []].append(start...code - 1) }
            (start, last) = (code, now)
        }
        return Dictionary(uniqueKeysWithValues: ranges.map { (shortName($0.key), CodePointSet($0.value)) })
    }()

    private static func shortName(_ category: Unicode.GeneralCategory) -> String {
        switch category {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        case .unassigned: "Cn"
        @unknown default: "Cn"
        }
    }
}
