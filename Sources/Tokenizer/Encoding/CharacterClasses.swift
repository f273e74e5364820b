/// The character classes that the pre-tokenizer distinguishes.
enum CharacterClass: UInt8, Sendable {
    /// Neither letter, number nor white space.
    case other
    /// Unicode general category L: `\p{L}`.
    case letter
    /// Unicode general category N: `\p{N}`.
    case number
    /// White space (`\s`) that does not end a line.
    case space
    /// Carriage return or line feed.
    case newline
}

/// The class of every Unicode scalar, in a two-level table: pages of 256 scalars, with equal pages stored once.
struct CharacterClasses: Sendable {
    /// The start in `classes` of each page `scalar >> 8`.
    private var pageStarts: [Int32] = []
    private var classes: [CharacterClass] = []

    /// The only table, made on first use from the standard library's Unicode properties.
    static let shared = CharacterClasses()

    private init() {
        // Planes 4 to 13 are unassigned, and 15 and 16 are for private use: they have no letters, numbers or spaces.
        let assigned = 0x40000
        var known: [[CharacterClass]: Int32] = [:]
        for start in stride(from: 0, to: 0x11_0000, by: 256) {
            let page =
                start < assigned
                ? (start..<start + 256).map { Self.classify(UInt32($0)) }
                : [CharacterClass](repeating: .other, count: 256)
            if let place = known[page] {
                pageStarts.append(place)
            } else {
                let place = Int32(classes.count)
                known[page] = place
                pageStarts.append(place)
                classes.append(contentsOf: page)
            }
        }
    }

    /// The class of a scalar; `scalar` must be below 0x110000.
    @inline(__always)
    subscript(scalar: UInt32) -> CharacterClass {
        classes[Int(pageStarts[Int(scalar >> 8)]) + Int(scalar & 0xFF)]
    }

    private static func classify(_ value: UInt32) -> CharacterClass {
        // Surrogates are not scalars and do not occur in a String.
        guard let scalar = Unicode.Scalar(value) else { return .other }
        if scalar == "\r" || scalar == "\n" { return .newline }
        if scalar.properties.isWhitespace { return .space }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
        case .decimalNumber, .letterNumber, .otherNumber: return .number
        default: return .other
        }
    }
}
