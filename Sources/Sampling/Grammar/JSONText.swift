/// Where inside a JSON string a text stands: between characters, in an escape, or within a character's UTF-8 bytes
/// (Unicode Standard, table 3-7).
enum StringState: UInt8, Sendable {
    case plain, escape
    /// `\u`, and how many digits are still to come; a code that begins with `d` must go on with 0 to 7, or it would be
    /// half a surrogate pair.
    case hex4, hex3, hex2, hex1, hexAfterD
    /// Continuation bytes still to come, the next of them any or of a smaller range.
    case more1, more2, more3, afterE0, afterED, afterF0, afterF4

    /// The state after `byte`, nil when it cannot stand here. The closing quote is the caller's.
    func next(_ byte: UInt8) -> StringState? {
        switch self {
        case .plain: Self.begin(byte)
        case .escape:
            switch byte {
            case UInt8(ascii: "u"): .hex4
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
                UInt8(ascii: "n"),
                UInt8(ascii: "r"), UInt8(ascii: "t"):
                .plain
            default: nil
            }
        case .hex4: Self.isHex(byte) ? (byte | 0x20 == UInt8(ascii: "d") ? .hexAfterD : .hex3) : nil
        case .hexAfterD: (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(byte) ? .hex2 : nil
        case .hex3: Self.isHex(byte) ? .hex2 : nil
        case .hex2: Self.isHex(byte) ? .hex1 : nil
        case .hex1: Self.isHex(byte) ? .plain : nil
        case .more1: (0x80...0xBF).contains(byte) ? .plain : nil
        case .more2: (0x80...0xBF).contains(byte) ? .more1 : nil
        case .more3: (0x80...0xBF).contains(byte) ? .more2 : nil
        case .afterE0: (0xA0...0xBF).contains(byte) ? .more1 : nil
        case .afterED: (0x80...0x9F).contains(byte) ? .more1 : nil
        case .afterF0: (0x90...0xBF).contains(byte) ? .more2 : nil
        case .afterF4: (0x80...0x8F).contains(byte) ? .more2 : nil
        }
    }

    private static func begin(_ byte: UInt8) -> StringState? {
        switch byte {
        case UInt8(ascii: "\\"): .escape
        case UInt8(ascii: "\""): nil
        case 0x20..<0x7F: .plain
        case 0xC2...0xDF: .more1
        case 0xE0: .afterE0
        case 0xED: .afterED
        case 0xE1...0xEF: .more2
        case 0xF0: .afterF0
        case 0xF1...0xF3: .more3
        case 0xF4: .afterF4
        default: nil
        }
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}

/// Where inside a number a text stands, with how many digits of this part have come.
enum NumberState: Hashable, Sendable {
    case minus, zero, integer(UInt8), point, fraction(UInt8), exponentMark, exponentSign, exponent(UInt8)

    /// The state after a number's first byte.
    init?(first byte: UInt8) {
        switch byte {
        case UInt8(ascii: "-"): self = .minus
        case UInt8(ascii: "0"): self = .zero
        case UInt8(ascii: "1")...UInt8(ascii: "9"): self = .integer(1)
        default: return nil
        }
    }

    var mayEnd: Bool {
        switch self {
        case .zero, .integer, .fraction, .exponent: true
        case .minus, .point, .exponentMark, .exponentSign: false
        }
    }

    func next(_ byte: UInt8, whole: Bool) -> NumberState? {
        let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        switch self {
        case .minus: return byte == UInt8(ascii: "0") ? .zero : isDigit ? .integer(1) : nil
        case .zero: return whole ? nil : Self.tail(byte)
        case .integer(let count):
            if isDigit { return count < 18 ? .integer(count + 1) : nil }
            return whole ? nil : Self.tail(byte)
        case .point: return isDigit ? .fraction(1) : nil
        case .fraction(let count):
            if isDigit { return count < 17 ? .fraction(count + 1) : nil }
            return byte | 0x20 == UInt8(ascii: "e") ? .exponentMark : nil
        case .exponentMark:
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { return .exponentSign }
            return isDigit ? .exponent(1) : nil
        case .exponentSign: return isDigit ? .exponent(1) : nil
        case .exponent(let count): return isDigit && count < 2 ? .exponent(count + 1) : nil
        }
    }

    private static func tail(_ byte: UInt8) -> NumberState? {
        byte == UInt8(ascii: ".") ? .point : byte | 0x20 == UInt8(ascii: "e") ? .exponentMark : nil
    }
}
