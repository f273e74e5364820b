/// Numbers in the notations of C's `printf`, which Python's formatting shares.
enum NumberText {
    /// A float's magnitude as `f`, `e` or `g`; `alternate` keeps the point and trailing zeros. With `isFloat`, `g`
    /// leaves one digit behind the point, as Python does where no notation is asked for.
    static func text(
        _ value: Double, _ notation: Unicode.Scalar, precision: Int, alternate: Bool = false, isFloat: Bool = false
    ) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return "inf" }
        let (digits, point) = value.exactDigits
        switch notation {
        case "f": return fixed(digits, point, precision: precision, alternate: alternate)
        case "e": return scientific(digits, point, precision: precision, alternate: alternate)
        default:
            let significant = max(precision, 1)
            let (rounded, carried) = DecimalText.rounded(digits, to: significant)
            let exponent = point - 1 + (carried ? 1 : 0)
            let isScientific = exponent < -4 || exponent >= significant - (isFloat ? 1 : 0)
            if alternate {
                if isScientific {
                    return scientific(digits, point, precision: significant - 1, alternate: true)
                }
                return fixed(digits, point, precision: significant - 1 - exponent, alternate: true)
            }
            var kept = rounded
            while kept.count > 1, kept.last == UInt8(ascii: "0") { kept.removeLast() }
            if isScientific { return DecimalText.scientific(kept, point: exponent + 1) }
            return DecimalText.fixed(kept, point: exponent + 1, minimalFraction: isFloat ? 1 : 0)
        }
    }

    private static func fixed(_ digits: [UInt8], _ point: Int, precision: Int, alternate: Bool) -> String {
        let (rounded, carried) = DecimalText.rounded(digits, to: point + precision)
        let newPoint = point + (carried ? 1 : 0)
        let kept = rounded.isEmpty ? [UInt8(ascii: "0")] : rounded
        let text = DecimalText.fixed(kept, point: rounded.isEmpty ? 1 : newPoint, minimalFraction: precision)
        return alternate && precision == 0 ? text + "." : text
    }

    private static func scientific(_ digits: [UInt8], _ point: Int, precision: Int, alternate: Bool) -> String {
        let (rounded, carried) = DecimalText.rounded(digits, to: precision + 1)
        var kept = Array(rounded.prefix(precision + 1))
        kept += Array(repeating: UInt8(ascii: "0"), count: precision + 1 - kept.count)
        return DecimalText.scientific(kept, point: point + (carried ? 1 : 0), keepsPoint: alternate)
    }

    /// A whole number's magnitude in a base.
    static func text(_ value: BigInteger, radix: UInt32) -> String {
        if radix == 10 { return DecimalText.string(value.decimalDigits) }
        var limbs = value.limbs, digits: [UInt8] = []
        while !limbs.isEmpty {
            let digit = UInt8(BigInteger.divide(&limbs, by: radix))
            digits.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
        return digits.isEmpty ? "0" : DecimalText.string(digits.reversed())
    }

    /// The digits before the point in groups, with zeros before them until there are `width` characters.
    static func grouped(_ text: String, separator: String, every size: Int, width: Int = 0) -> String {
        let whole = text.utf8.prefix { $0.isDigit || size == 4 && $0.isLetter }
        let rest = DecimalText.string(text.utf8.dropFirst(whole.count))
        var count = whole.count
        while count + (count - 1) / size + rest.utf8.count < width { count += 1 }
        let digits = Array(repeating: UInt8(ascii: "0"), count: count - whole.count) + Array(whole)
        var result: [UInt8] = []
        for (i, digit) in digits.enumerated() {
            if i > 0, (digits.count - i) % size == 0 { result += separator.utf8 }
            result.append(digit)
        }
        return DecimalText.string(result) + rest
    }

    /// A float rounded to so many decimals, half to even on its exact value; negative ones round before the point.
    static func rounded(_ value: Double, decimals: Int) -> Double {
        guard value.isFinite, value != 0 else { return value }
        let (digits, point) = value.exactDigits
        guard decimals < 400 else { return value }
        guard decimals > -400 else { return value * 0 }
        let (kept, carried) = DecimalText.rounded(digits, to: point + decimals)
        guard !kept.isEmpty else { return value < 0 ? -0.0 : 0 }
        let exponent = point + (carried ? 1 : 0) - kept.count
        let result = Double(DecimalText.string(kept) + "e\(exponent)") ?? value
        return value < 0 ? -result : result
    }
}
