extension Object {
    /// A whole number, in the form that fits it.
    init(_ value: BigInteger, isTrusted: Bool) {
        if let int = value.int {
            self = .int(int, isTrusted: isTrusted)
        } else {
            self = .big(value, isTrusted: isTrusted)
        }
    }

    /// The number if it is a whole one; a bool is.
    var integer: BigInteger? {
        switch self {
        case .bool(let value): BigInteger(value ? 1 : 0)
        case .int(let value, _): BigInteger(value)
        case .big(let value, _): value
        default: nil
        }
    }

    /// The number as Python's `float` takes it.
    func double() throws(Failure) -> Double {
        switch self {
        case .bool(let value): return value ? 1 : 0
        case .int(let value, _): return Double(value)
        case .double(let value, _): return value
        case .big(let value, _):
            let double = value.double
            guard double.isFinite else { throw Failure(.overflow, "a number is too large for a float") }
            return double
        case .string(let text):
            guard let value = text.double else { throw Failure(.value, "a string is no number") }
            return value
        case .undefined(let undefined): throw undefined.failure
        default: throw Failure(.type, "a \(typeName) is no number")
        }
    }

    /// The whole number that Python's `int` takes it for.
    func wholeNumber(base: Int = 10) throws(Failure) -> Object {
        switch self {
        case .bool(let value): return .int(value ? 1 : 0)
        case .int, .big: return self
        case .double(let value, let isTrusted):
            if value.isNaN { throw Failure(.value, "not a number has no whole part") }
            if value.isInfinite { throw Failure(.overflow, "infinity has no whole part") }
            return Object(BigInteger(value), isTrusted: isTrusted)
        case .string(let text):
            guard let value = text.integer(base: base) else { throw Failure(.value, "a string is no whole number") }
            return Object(value, isTrusted: text.isTrusted)
        case .undefined(let undefined): throw undefined.failure
        default: throw Failure(.type, "a \(typeName) is no whole number")
        }
    }

    /// An argument that must be a whole number.
    func argument(_ what: @autoclosure () -> String) throws(Failure) -> Int {
        if let index { return index }
        if case .undefined(let undefined) = self { throw undefined.failure }
        throw Failure(.type, "\(what()) must be a whole number, not a \(typeName)")
    }
}

extension Text {
    /// The text between white space, its digits of whatever script as ASCII; nil if it has other characters.
    private var plain: [UInt8]? {
        var result: [UInt8] = []
        for (_, scalar) in stripped().scalars {
            if scalar.isASCII {
                result.append(UInt8(scalar.value))
            } else if scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue {
                result.append(UInt8(ascii: "0") + UInt8(value))
            } else {
                return nil
            }
        }
        return result
    }

    /// The float it spells, as Python reads one.
    var double: Double? {
        guard count < 4096, let plain else { return nil }
        var digits: [UInt8] = [], previous: UInt8 = 0
        for (i, byte) in plain.enumerated() {
            if byte == UInt8(ascii: "_") {
                guard previous.isDigit, i + 1 < plain.count, plain[i + 1].isDigit else { return nil }
            } else {
                digits.append(byte)
            }
            previous = byte
        }
        let word = String(decoding: digits, as: UTF8.self)
        var name = word.lowercased()
        let isNegative = name.hasPrefix("-")
        if isNegative || name.hasPrefix("+") { name.removeFirst() }
        switch name {
        case "inf", "infinity": return isNegative ? -.infinity : .infinity
        case "nan": return .nan
        default:
            guard let first = name.utf8.first, first.isDigit || first == UInt8(ascii: "."),
                name.utf8.allSatisfy({ $0.isDigit || [0x2B, 0x2D, 0x2E, 0x65].contains($0) })
            else { return nil }
            // Python takes "1." and ".5", Swift does not take the first.
            if let value = Double(word) { return value }
            return Double(word.replacingFirst(".", with: ".0"))
        }
    }

    /// The whole number it spells in a base, as Python reads one; base 0 goes by the prefix.
    func integer(base: Int) -> BigInteger? {
        guard base == 0 || (2...36).contains(base), let plain else { return nil }
        var bytes = plain[...], base = base
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative || bytes.first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
        if bytes.count > 1, bytes.first == UInt8(ascii: "0") {
            let mark = bytes[bytes.startIndex + 1] | 0x20
            let named =
                mark == UInt8(ascii: "x") ? 16 : mark == UInt8(ascii: "o") ? 8 : mark == UInt8(ascii: "b") ? 2 : 0
            if named != 0, base == 0 || base == named {
                base = named
                bytes = bytes.dropFirst(2)
                if bytes.first == UInt8(ascii: "_") { bytes = bytes.dropFirst() }
            } else if base == 0 {
                guard bytes.allSatisfy({ $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "_") }) else { return nil }
            }
        }
        if base == 0 { base = 10 }
        var digits: [UInt8] = [], isBehindDigit = false
        for byte in bytes {
            if byte == UInt8(ascii: "_") {
                guard isBehindDigit else { return nil }
                isBehindDigit = false
                continue
            }
            guard let digit = byte.digitValue, digit < base else { return nil }
            digits.append(digit)
            isBehindDigit = true
        }
        guard isBehindDigit, digits.count <= 4300 else { return nil }
        return BigInteger(digits: digits, radix: UInt32(base), isNegative: isNegative)
    }
}

extension String {
    /// With the first occurrence of a character replaced.
    func replacingFirst(_ character: Character, with other: String) -> String {
        guard let place = firstIndex(of: character) else { return self }
        return self[..<place] + other + self[index(after: place)...]
    }
}
