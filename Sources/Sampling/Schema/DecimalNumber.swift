/// A number exactly as JSON spells it: digits and a power of ten.
struct DecimalNumber: Hashable, Comparable, Sendable {
    let isNegative: Bool
    /// Without zeros at either end; none for 0.
    let digits: [UInt8]
    /// The number is 0.digits × 10^exponent.
    let exponent: Int

    static let zero = DecimalNumber("0")!

    /// Nil when the text is no JSON number, or its exponent has more than nine digits.
    init?(_ text: String) {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative { rest = rest.dropFirst() }
        let mark = rest.firstIndex { $0 == "e" || $0 == "E" }
        var power = 0
        if let mark {
            guard let value = Int(rest[rest.index(after: mark)...]), abs(value) < 1_000_000_000 else { return nil }
            power = value
            rest = rest[..<mark]
        }
        let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let all = parts.flatMap { $0.utf8.map { $0 &- 0x30 } }
        guard !all.isEmpty, all.allSatisfy({ $0 < 10 }) else { return nil }
        let leading = all.prefix { $0 == 0 }.count
        var significant = Array(all[leading...])
        while significant.last == 0 { significant.removeLast() }
        digits = significant
        self.isNegative = isNegative && !significant.isEmpty
        exponent = significant.isEmpty ? 0 : parts[0].utf8.count - leading + power
    }

    var isZero: Bool { digits.isEmpty }

    /// How many digits stand behind the point.
    var places: Int { max(digits.count - exponent, 0) }

    var isWhole: Bool { digits.count <= exponent || isZero }

    static func < (a: DecimalNumber, b: DecimalNumber) -> Bool {
        if a.isNegative != b.isNegative { return a.isNegative }
        return a.isNegative ? b.isSmaller(than: a) : a.isSmaller(than: b)
    }

    /// Whether the magnitude is smaller.
    private func isSmaller(than other: DecimalNumber) -> Bool {
        if isZero || other.isZero { return isZero && !other.isZero }
        if exponent != other.exponent { return exponent < other.exponent }
        return digits.lexicographicallyPrecedes(other.digits)
    }

    /// The magnitude in units of 10^-places, rounded down, and whether something was cut off; nil when it has more than
    /// 38 digits.
    func units(places: Int) -> (value: UInt128, isRounded: Bool)? {
        let count = exponent + places
        guard count > 0 else { return (0, !isZero) }
        guard count <= 38 else { return nil }
        var value: UInt128 = 0
        for i in 0..<count { value = value * 10 + UInt128(i < digits.count ? digits[i] : 0) }
        return (value, digits.count > count)
    }
}
