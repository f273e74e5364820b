/// Where inside a number without bounds a text stands, with how many digits of this part have come.
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
