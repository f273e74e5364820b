extension BigInteger: Comparable {
    static func < (a: BigInteger, b: BigInteger) -> Bool {
        if a.isNegative != b.isNegative { return a.isNegative }
        let order = compareMagnitudes(a.limbs, b.limbs)
        return a.isNegative ? order > 0 : order < 0
    }

    static prefix func - (a: BigInteger) -> BigInteger { BigInteger(isNegative: !a.isNegative, limbs: a.limbs) }

    static func + (a: BigInteger, b: BigInteger) -> BigInteger {
        if a.isNegative == b.isNegative {
            return BigInteger(isNegative: a.isNegative, limbs: addMagnitudes(a.limbs, b.limbs))
        }
        if compareMagnitudes(a.limbs, b.limbs) >= 0 {
            return BigInteger(isNegative: a.isNegative, limbs: subtractMagnitudes(a.limbs, b.limbs))
        }
        return BigInteger(isNegative: b.isNegative, limbs: subtractMagnitudes(b.limbs, a.limbs))
    }

    static func - (a: BigInteger, b: BigInteger) -> BigInteger { a + -b }

    static func * (a: BigInteger, b: BigInteger) -> BigInteger {
        guard !a.limbs.isEmpty, !b.limbs.isEmpty else { return BigInteger(0) }
        var result = [UInt32](repeating: 0, count: a.limbs.count + b.limbs.count)
        for (i, x) in a.limbs.enumerated() {
            var carry: UInt64 = 0
            for (j, y) in b.limbs.enumerated() {
                let sum = UInt64(x) * UInt64(y) + UInt64(result[i + j]) + carry
                result[i + j] = UInt32(truncatingIfNeeded: sum)
                carry = sum >> 32
            }
            result[i + b.limbs.count] = UInt32(carry)
        }
        return BigInteger(isNegative: a.isNegative != b.isNegative, limbs: result)
    }

    /// Quotient rounded towards minus infinity and a remainder with the divisor's sign, as Python's `divmod`.
    /// The divisor must not be zero.
    func dividedFlooring(by divisor: BigInteger) -> (quotient: BigInteger, remainder: BigInteger) {
        let (quotient, rest) = Self.divideMagnitudes(limbs, divisor.limbs)
        let remainder = BigInteger(isNegative: isNegative, limbs: rest)
        let truncated = BigInteger(isNegative: isNegative != divisor.isNegative, limbs: quotient)
        if remainder.limbs.isEmpty || isNegative == divisor.isNegative { return (truncated, remainder) }
        return (truncated - BigInteger(1), remainder + divisor)
    }

    /// The double nearest to the exact quotient; the divisor must not be zero.
    func dividedExactly(by divisor: BigInteger) -> Double {
        guard !limbs.isEmpty else { return divisor.isNegative ? -0.0 : 0 }
        // As many bits as a quotient of 64 to 66 bits needs; what is below them only decides ties.
        let shift = 65 - (bitWidth - divisor.bitWidth)
        let numerator = shift > 0 ? shifted(left: shift) : self
        let denominator = shift < 0 ? divisor.shifted(left: -shift) : divisor
        let (quotient, rest) = Self.divideMagnitudes(numerator.limbs, denominator.limbs)
        var top = BigInteger(isNegative: false, limbs: quotient)
        if !rest.isEmpty { top = top.shifted(left: 1) + BigInteger(1) } else { top = top.shifted(left: 1) }
        let value = top.scaled(byPowerOfTwo: -shift - 1)
        return isNegative != divisor.isNegative ? -value : value
    }

    /// The double nearest to the magnitude times a power of two.
    func scaled(byPowerOfTwo exponent: Int) -> Double {
        // Below the smallest normal number a double has fewer bits: rounding must happen once, at the right bit.
        let drop = -1074 - exponent
        guard drop > 0, bitWidth - 53 < drop else {
            let value = BigInteger(isNegative: false, limbs: limbs).double
            return Self.times(value, powerOfTwo: exponent)
        }
        guard drop <= bitWidth + 1 else { return 0 }
        var kept = shifted(right: drop)
        kept.isNegative = false
        let half = shifted(right: drop - 1).limbs.first.map { $0 & 1 == 1 } ?? false
        let isTie = isMultiple(ofPowerOfTwo: drop - 1)
        if half, !isTie || (kept.limbs.first ?? 0) & 1 == 1 { kept = kept + BigInteger(1) }
        return Double(kept.int ?? 0) * .leastNonzeroMagnitude
    }

    private static func times(_ value: Double, powerOfTwo exponent: Int) -> Double {
        guard value != 0, value.isFinite else { return value }
        let total = Int(value.exponent) + exponent
        guard total <= 1023 else { return .infinity }
        return Double(sign: .plus, exponent: total, significand: value.significand)
    }

    /// Below zero, zero or above, as the first magnitude is less, equal or greater.
    private static func compareMagnitudes(_ a: [UInt32], _ b: [UInt32]) -> Int {
        if a.count != b.count { return a.count - b.count }
        for i in a.indices.reversed() where a[i] != b[i] { return a[i] < b[i] ? -1 : 1 }
        return 0
    }

    private static func addMagnitudes(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
        let (long, short) = a.count >= b.count ? (a, b) : (b, a)
        var result = long, carry: UInt64 = 0
        for i in long.indices {
            let sum = UInt64(long[i]) + (i < short.count ? UInt64(short[i]) : 0) + carry
            result[i] = UInt32(truncatingIfNeeded: sum)
            carry = sum >> 32
        }
        if carry > 0 { result.append(UInt32(carry)) }
        return result
    }

    /// The first must not be the smaller one.
    private static func subtractMagnitudes(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
        var result = a, borrow: Int64 = 0
        for i in a.indices {
            var difference = Int64(a[i]) - (i < b.count ? Int64(b[i]) : 0) - borrow
            borrow = difference < 0 ? 1 : 0
            if difference < 0 { difference += 1 << 32 }
            result[i] = UInt32(difference)
        }
        return result
    }

    /// Schoolbook division, one quotient limb at a time (Knuth, The Art of Computer Programming 2, algorithm D).
    private static func divideMagnitudes(
        _ a: [UInt32], _ b: [UInt32]
    ) -> (quotient: [UInt32], remainder: [UInt32]) {
        guard compareMagnitudes(a, b) >= 0 else { return ([], a) }
        if b.count == 1 {
            var quotient = a
            let remainder = divide(&quotient, by: b[0])
            return (quotient, remainder == 0 ? [] : [remainder])
        }
        let shift = b[b.count - 1].leadingZeroBitCount
        let divisor = BigInteger(isNegative: false, limbs: b).shifted(left: shift).limbs
        var rest = BigInteger(isNegative: false, limbs: a).shifted(left: shift).limbs
        while rest.count <= a.count { rest.append(0) }
        let n = divisor.count, base: UInt64 = 1 << 32
        var quotient = [UInt32](repeating: 0, count: rest.count - n)
        for j in quotient.indices.reversed() {
            let top = UInt64(rest[j + n]) << 32 | UInt64(rest[j + n - 1])
            var estimate = top / UInt64(divisor[n - 1]), over = top % UInt64(divisor[n - 1])
            while estimate >= base || estimate * UInt64(divisor[n - 2]) > over << 32 | UInt64(rest[j + n - 2]) {
                estimate -= 1
                over += UInt64(divisor[n - 1])
                if over >= base { break }
            }
            var borrow: Int64 = 0, carry: UInt64 = 0
            for i in 0..<n {
                let product = estimate * UInt64(divisor[i]) + carry
                carry = product >> 32
                let difference = Int64(rest[i + j]) - borrow - Int64(product & 0xFFFF_FFFF)
                rest[i + j] = UInt32(truncatingIfNeeded: difference)
                borrow = difference < 0 ? 1 : 0
            }
            let difference = Int64(rest[j + n]) - borrow - Int64(carry)
            rest[j + n] = UInt32(truncatingIfNeeded: difference)
            if difference < 0 {
                estimate -= 1
                var back: UInt64 = 0
                for i in 0..<n {
                    let sum = UInt64(rest[i + j]) + UInt64(divisor[i]) + back
                    rest[i + j] = UInt32(truncatingIfNeeded: sum)
                    back = sum >> 32
                }
                rest[j + n] = UInt32(truncatingIfNeeded: UInt64(rest[j + n]) + back)
            }
            quotient[j] = UInt32(estimate)
        }
        return (quotient, BigInteger(isNegative: false, limbs: rest).shifted(right: shift).limbs)
    }
}
