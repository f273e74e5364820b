extension Double {
    /// The shortest decimal digits that read back as the magnitude, and how many of them stand before the point.
    /// It must be finite.
    var shortestDigits: (digits: [UInt8], point: Int) {
        var digits: [UInt8] = [], point: Int?, exponent = 0
        let text = Array(magnitude.description.utf8)
        for (i, byte) in text.enumerated() {
            if byte == UInt8(ascii: ".") {
                point = digits.count
            } else if byte == UInt8(ascii: "e") {
                exponent = Int(String(decoding: text[(i + 1)...], as: UTF8.self)) ?? 0
                break
            } else {
                digits.append(byte)
            }
        }
        var place = (point ?? digits.count) + exponent
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        if zeros == digits.count { return ([UInt8(ascii: "0")], 1) }
        digits.removeFirst(zeros)
        place -= zeros
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, place)
    }

    /// All decimal digits of the exact magnitude, and how many of them stand before the point. It must be finite.
    var exactDigits: (digits: [UInt8], point: Int) {
        guard self != 0 else { return ([UInt8(ascii: "0")], 1) }
        let (significand, exponent) = decomposed
        if exponent >= 0 {
            let digits = significand.shifted(left: exponent).decimalDigits
            return (digits, digits.count)
        }
        // m / 2^k is m * 5^k / 10^k.
        var limbs = significand.limbs
        for _ in 0..<(-exponent / 13) { BigInteger.multiplyAdd(&limbs, by: 1_220_703_125, adding: 0) }
        for _ in 0..<(-exponent % 13) { BigInteger.multiplyAdd(&limbs, by: 5, adding: 0) }
        let digits = BigInteger(isNegative: false, limbs: limbs).decimalDigits
        return (digits, digits.count + exponent)
    }

    /// What finding all its digits costs, in steps of a rendering.
    var digitSteps: Int { isFinite ? 20 + abs(Int(exponent == .min ? -1074 : exponent)) : 1 }

    /// As Python's `repr` writes it.
    var pythonText: String {
        if isNaN { return "nan" }
        let sign = self.sign == .minus ? "-" : ""
        if isInfinite { return sign + "inf" }
        let (digits, point) = shortestDigits
        guard point > -4, point <= 16 else { return sign + DecimalText.scientific(digits, point: point) }
        return sign + DecimalText.fixed(digits, point: point, minimalFraction: 1)
    }
}

/// Decimal digits as text.
enum DecimalText {
    static func string(_ digits: some Collection<UInt8>) -> String { String(decoding: Array(digits), as: UTF8.self) }

    /// Without an exponent, with at least so many digits behind the point.
    static func fixed(_ digits: [UInt8], point: Int, minimalFraction: Int) -> String {
        var whole = "0", fraction = ""
        if point > 0 {
            whole = string(digits.prefix(point)) + String(repeating: "0", count: max(0, point - digits.count))
            fraction = string(digits.dropFirst(point))
        } else {
            fraction = String(repeating: "0", count: -point) + string(digits)
        }
        fraction += String(repeating: "0", count: max(0, minimalFraction - fraction.utf8.count))
        return fraction.isEmpty ? whole : whole + "." + fraction
    }

    /// With an exponent of at least two digits.
    static func scientific(_ digits: [UInt8], point: Int, mark: String = "e", keepsPoint: Bool = false) -> String {
        let exponent = point - 1, size = String(exponent.magnitude)
        let fraction = digits.count > 1 ? "." + string(digits.dropFirst()) : keepsPoint ? "." : ""
        return string(digits.prefix(1)) + fraction + mark + (exponent < 0 ? "-" : "+")
            + (size.utf8.count < 2 ? "0" : "") + size
    }

    /// The digits cut behind so many of them, rounded half to even; `carried` tells that there is one more before.
    static func rounded(_ digits: [UInt8], to count: Int) -> (digits: [UInt8], carried: Bool) {
        if count >= digits.count { return (digits, false) }
        if count < 0 { return ([], false) }
        var kept = Array(digits.prefix(count))
        let rest = digits[count...], half = UInt8(ascii: "5")
        let isTie = rest.first == half && rest.dropFirst().allSatisfy { $0 == UInt8(ascii: "0") }
        let isOdd = (kept.last ?? UInt8(ascii: "0")) & 1 == 1
        guard let first = rest.first, first > half || (first == half && (!isTie || isOdd)) else { return (kept, false) }
        var place = kept.count - 1
        while place >= 0 {
            if kept[place] != UInt8(ascii: "9") {
                kept[place] += 1
                return (kept, false)
            }
            kept[place] = UInt8(ascii: "0")
            place -= 1
        }
        return ([UInt8(ascii: "1")] + kept, true)
    }
}
