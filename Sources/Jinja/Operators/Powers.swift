extension Renderer {
    /// A whole number to the power of one that is not negative.
    func power(_ base: BigInteger, _ exponent: BigInteger) throws(Failure) -> BigInteger {
        guard !exponent.limbs.isEmpty else { return BigInteger(1) }
        guard base.bitWidth > 1 else {
            let isOdd = (exponent.limbs.first ?? 0) & 1 == 1
            return base.isNegative && !isOdd ? -base : base
        }
        guard let count = exponent.int, count <= BigInteger.largest * 32,
            (base.bitWidth - 1) * count <= BigInteger.largest * 32
        else { throw Failure(.limit, "a number has more than 4300 digits") }
        return try power(base, count)
    }

    /// Quotient rounded down and the remainder with the divisor's sign, as Python has them.
    static func flooringDivide(_ a: Double, _ b: Double) -> (quotient: Double, remainder: Double) {
        var remainder = a.truncatingRemainder(dividingBy: b)
        var quotient = (a - remainder) / b
        if remainder != 0 {
            if (b < 0) != (remainder < 0) {
                remainder += b
                quotient -= 1
            }
        } else {
            remainder = Double(signOf: b, magnitudeOf: 0)
        }
        if quotient != 0 {
            let floor = quotient.rounded(.down)
            return (quotient - floor > 0.5 ? floor + 1 : floor, remainder)
        }
        return (Double(signOf: a / b, magnitudeOf: 0), remainder)
    }

    /// `a ** b` for floats: exact products rounded once where the exponent is whole, and square roots.
    func power(_ a: Double, _ b: Double) throws(Failure) -> Double {
        if b == 0 || a == 1 { return 1 }
        if a.isNaN || b.isNaN { return .nan }
        if b.isInfinite { return a.magnitude == 1 ? 1 : (a.magnitude > 1) == (b > 0) ? .infinity : 0 }
        let isWhole = b == b.rounded(), isOdd = isWhole && b.magnitude < 0x1p53 && Int(b) & 1 == 1
        if a == 0, b < 0 { throw Failure(.other, "0 cannot be raised to a negative power") }
        if a == 0 || a.isInfinite {
            let value = (a == 0) == (b > 0) ? 0 : Double.infinity
            return a.sign == .minus && isOdd ? -value : value
        }
        guard isWhole else {
            guard a > 0 else { throw Failure(.other, "a power of a negative number has no whole exponent") }
            if b == 0.5 { return a.squareRoot() }
            throw Failure(.other, "powers are known for whole exponents and 0.5 only")
        }
        if a == -1 { return isOdd ? -1 : 1 }
        let largest = 1200.0
        if b.magnitude > largest {
            guard a.exponent > 0 || a.exponent < -1 else { throw Failure(.other, "an exponent is too large") }
            if (a.exponent > 0) == (b > 0) { throw Failure(.overflow, "a power is too large for a float") }
            return a < 0 && isOdd ? -0.0 : 0
        }
        let (significand, exponent) = a.decomposed, count = Int(b.magnitude)
        let limbs = (significand.bitWidth * count) / 32 + 1
        try budget.step(limbs * limbs / 4)
        let product = try power(significand, count), scale = exponent * count
        let value =
            b > 0
            ? product.scaled(byPowerOfTwo: scale)
            : BigInteger(1).shifted(left: max(0, -scale)).dividedExactly(by: product.shifted(left: max(0, scale)))
        guard value.isFinite else { throw Failure(.overflow, "a power is too large for a float") }
        return a < 0 && isOdd ? -value : value
    }

    private func power(_ base: BigInteger, _ exponent: Int) throws(Failure) -> BigInteger {
        var result = BigInteger(1), square = base, left = exponent
        while true {
            try budget.step(square.limbs.count * square.limbs.count / 8)
            if left & 1 == 1 { result = result * square }
            left >>= 1
            guard left > 0 else { return result }
            square = square * square
        }
    }
}

extension Double {
    /// The magnitude as an odd whole number times a power of two; it must be finite and not zero.
    var decomposed: (significand: BigInteger, exponent: Int) {
        let bits = isNormal ? significandBitPattern | 1 << 52 : significandBitPattern
        let zeros = bits.trailingZeroBitCount
        let lowest = isNormal ? Int(exponent) - 52 : -1074
        return (BigInteger(Int(bits >> UInt64(zeros))), lowest + zeros)
    }
}
