/// A whole number that does not fit an `Int`, as Python has them: sign and magnitude.
///
/// At most ``largest`` limbs: Python itself refuses to print a number of more than 4300 digits.
struct BigInteger: Hashable, Sendable {
    /// No result has more limbs of 32 bits than this (4300 decimal digits).
    static let largest = 447

    var isNegative: Bool
    /// 32 bits each, the lowest first, no zero at the end; zero has none.
    var limbs: [UInt32]

    init(isNegative: Bool, limbs: [UInt32]) {
        var limbs = limbs
        while limbs.last == 0 { limbs.removeLast() }
        self.limbs = limbs
        self.isNegative = isNegative && !limbs.isEmpty
    }

    init(_ value: Int) {
        let magnitude = value.magnitude
        self.init(
            isNegative: value < 0,
            limbs: [UInt32(truncatingIfNeeded: magnitude), UInt32(truncatingIfNeeded: magnitude >> 32)])
    }

    /// The number that digits write; nil when there are too many of them or one is not below the radix.
    init?(digits: some Sequence<UInt8>, radix: UInt32, isNegative: Bool) {
        var limbs: [UInt32] = []
        for digit in digits {
            guard digit < radix else { return nil }
            Self.multiplyAdd(&limbs, by: radix, adding: UInt32(digit))
            guard limbs.count <= Self.largest else { return nil }
        }
        self.init(isNegative: isNegative, limbs: limbs)
    }

    /// The whole part of a finite double.
    init(_ value: Double) {
        let magnitude = value.magnitude.rounded(.towardZero)
        guard magnitude >= 1 else {
            self.init(0)
            return
        }
        let exponent = Int(magnitude.exponent) - 52
        let significand = BigInteger(Int(magnitude.significandBitPattern | 1 << 52))
        self = exponent >= 0 ? significand.shifted(left: exponent) : significand.shifted(right: -exponent)
        isNegative = value < 0 && !limbs.isEmpty
    }

    /// The number as an `Int`, if it fits.
    var int: Int? {
        guard limbs.count <= 2 else { return nil }
        var magnitude: UInt = 0
        for (i, limb) in limbs.enumerated() { magnitude |= UInt(limb) << (32 * UInt(i)) }
        if isNegative { return magnitude <= UInt(Int.max) + 1 ? Int(truncatingIfNeeded: 0 &- magnitude) : nil }
        return Int(exactly: magnitude)
    }

    /// The number of bits of the magnitude.
    var bitWidth: Int { limbs.isEmpty ? 0 : limbs.count * 32 - limbs[limbs.count - 1].leadingZeroBitCount }

    /// The nearest double, ties to even; infinite when it is too large for one.
    var double: Double {
        let width = bitWidth, shift = max(0, width - 64)
        let top = shifted(right: shift)
        var bits: UInt64 = 0
        for (i, limb) in top.limbs.enumerated() { bits |= UInt64(limb) << (32 * UInt64(i)) }
        if shift > 0, !isMultiple(ofPowerOfTwo: shift) { bits |= 1 }
        guard width <= 1025 else { return isNegative ? -.infinity : .infinity }
        let value = Double(bits) * Double(sign: .plus, exponent: shift, significand: 1)
        return isNegative ? -value : value
    }

    /// The decimal digits of the magnitude, as ASCII.
    var decimalDigits: [UInt8] {
        guard !limbs.isEmpty else { return [UInt8(ascii: "0")] }
        var rest = limbs, digits: [UInt8] = []
        digits.reserveCapacity(limbs.count * 10)
        while !rest.isEmpty {
            var remainder = Self.divide(&rest, by: 1_000_000_000)
            for _ in 0..<9 {
                digits.append(UInt8(ascii: "0") + UInt8(remainder % 10))
                remainder /= 10
            }
        }
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return digits.reversed()
    }

    func isMultiple(ofPowerOfTwo exponent: Int) -> Bool {
        for (i, limb) in limbs.enumerated() where limb != 0 { return i * 32 + limb.trailingZeroBitCount >= exponent }
        return true
    }

    /// The magnitude times a power of two, with the number's sign.
    func shifted(left count: Int) -> BigInteger {
        let words = count / 32, bits = UInt32(count % 32)
        var result = [UInt32](repeating: 0, count: words)
        var carry: UInt32 = 0
        for limb in limbs {
            result.append(limb << bits | carry)
            carry = bits == 0 ? 0 : limb >> (32 - bits)
        }
        result.append(carry)
        return BigInteger(isNegative: isNegative, limbs: result)
    }

    /// The magnitude divided by a power of two, rounded down, with the number's sign.
    func shifted(right count: Int) -> BigInteger {
        let words = count / 32, bits = UInt32(count % 32)
        guard words < limbs.count else { return BigInteger(0) }
        var result: [UInt32] = []
        for i in words..<limbs.count {
            let above = i + 1 < limbs.count && bits > 0 ? limbs[i + 1] << (32 - bits) : 0
            result.append(limbs[i] >> bits | above)
        }
        return BigInteger(isNegative: isNegative, limbs: result)
    }

    static func multiplyAdd(_ limbs: inout [UInt32], by factor: UInt32, adding term: UInt32) {
        var carry = UInt64(term)
        for i in limbs.indices {
            let product = UInt64(limbs[i]) * UInt64(factor) + carry
            limbs[i] = UInt32(truncatingIfNeeded: product)
            carry = product >> 32
        }
        if carry > 0 { limbs.append(UInt32(carry)) }
    }

    /// Divides in place and returns the remainder.
    static func divide(_ limbs: inout [UInt32], by divisor: UInt32) -> UInt32 {
        var remainder: UInt64 = 0
        for i in limbs.indices.reversed() {
            let part = remainder << 32 | UInt64(limbs[i])
            limbs[i] = UInt32(truncatingIfNeeded: part / UInt64(divisor))
            remainder = part % UInt64(divisor)
        }
        while limbs.last == 0 { limbs.removeLast() }
        return UInt32(remainder)
    }
}
