extension NumberRange {
    /// The numbers between a shape's bounds.
    init(_ shape: SchemaShape, isWhole: Bool) throws(JSONSchemaError) {
        self.init()
        try setStep(shape.multiples, isWhole)
        // Without a bound the digits are one.
        var digits = 18
        for bound in [shape.least, shape.most].compactMap(\.self) where bound.value.exponent <= 38 {
            let isFar = bound.value.isNegative == (bound.keyword.hasSuffix("aximum"))
            digits = max(digits, bound.value.exponent + (isFar && bound.value.exponent > 17 ? 1 : 0))
        }
        if !divisors.isEmpty { digits = 15 - Int(places) }
        digits = min(digits, 38)
        if divisors.isEmpty && places > 0 { places = UInt8(min(17, 38 - digits)) }
        wholeDigits = UInt8(digits)
        let largest = Self.powers[digits + Int(places)] - 1
        // Numbers below 0 are mirrored: their least magnitude is that of the upper bound.
        let least = try magnitude(shape.least, isLeast: true, largest),
            most = try magnitude(shape.most, isLeast: false, largest)
        hasLeast = shape.least != nil
        hasMost = shape.most != nil
        positive = Self.range(least.above, most.above)
        negative = Self.range(most.below, least.below)
    }

    private static func range(_ low: UInt128?, _ high: UInt128?) -> ClosedRange<UInt128>? {
        guard let low, let high, low <= high else { return nil }
        return low...high
    }

    /// Sets the step in units of the places it needs; else those of numbers.
    private mutating func setStep(_ multiples: [SchemaShape.Bound], _ isWhole: Bool) throws(JSONSchemaError) {
        places = isWhole ? 0 : 17
        guard let first = multiples.first else { return }
        func refuse(_ bound: SchemaShape.Bound, _ problem: String) -> JSONSchemaError {
            JSONSchemaError(path: bound.path, keyword: "multipleOf", problem: problem)
        }
        let most = multiples.map(\.value.places).max()!
        guard most <= 12, multiples.allSatisfy({ $0.value.exponent <= 18 }) else {
            throw refuse(first, "has more digits than are supported: at most 18 before the point and 12 behind it")
        }
        places = UInt8(most)
        // In their shortest spelling: the digits and their power.
        divisors = Set(multiples.map(\.value)).filter { !$0.isWhole }.compactMap { value in
            Double(value.digits.map { String($0) }.joined() + "e\(value.exponent - value.digits.count)")
        }
        step = isWhole ? Self.powers[most] : 1
        for bound in multiples {
            let units = bound.value.units(places: most)!.value
            let (product, overflow) = (step / Self.divisor(step, units)).multipliedReportingOverflow(by: units)
            guard !overflow, product < Self.powers[38] else { throw refuse(bound, "has no common multiple that fits") }
            step = product
        }
        if step % Self.powers[most] == 0 {
            step /= Self.powers[most]
            places = 0
        }
    }

    private static func divisor(_ a: UInt128, _ b: UInt128) -> UInt128 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }

    /// What a bound is to the magnitudes of numbers of 0 or more, and of numbers below; nil: there are none.
    private func magnitude(_ bound: SchemaShape.Bound?, isLeast: Bool, _ largest: UInt128) throws(JSONSchemaError)
        -> (above: UInt128?, below: UInt128?)
    {
        // No lower bound: from 0 up, and as far below as there are digits. No upper bound: the contrary.
        let open: (above: UInt128?, below: UInt128?) = isLeast ? (0, largest) : (largest, 1)
        guard let bound else { return open }
        let isAway = bound.value.isNegative == isLeast || bound.value.isZero
        guard let (units, isRounded) = bound.value.units(places: Int(places)) else {
            if isAway { return open }
            throw JSONSchemaError(
                path: bound.path, keyword: bound.keyword, problem: "has more than the 38 digits that a number may have")
        }
        let margin = margin(bound)
        if !bound.value.isNegative && !(bound.value.isZero && !isLeast) {
            // 0 or more; the least of it is rounded up, the most down.
            if isLeast { return (units + (isRounded ? 1 : bound.isExclusive ? margin : 0), nil) }
            if bound.isExclusive && !isRounded { return (units < margin ? 0 : min(units - margin, largest), 1) }
            return (min(units, largest), 1)
        }
        if bound.value.isZero {
            return (bound.isExclusive ? nil : 0, 1)  // at most 0
        }
        if isLeast {
            if bound.isExclusive && !isRounded { return (0, units < margin + 1 ? nil : min(units - margin, largest)) }
            return (0, units == 0 ? nil : min(units, largest))
        }
        return (nil, units + (isRounded ? 1 : bound.isExclusive ? margin : 0))
    }

    /// How far a number keeps from a bound it must not reach: so far that it does not become the bound when both are
    /// read as doubles, which have 15 digits and a half.
    private func margin(_ bound: SchemaShape.Bound) -> UInt128 {
        guard places > 0, divisors.isEmpty, !bound.value.isZero else { return 1 }
        let power = bound.value.exponent - 16 + Int(places)
        return power < 0 ? 1 : 3 * Self.powers[min(power, 37)]
    }
}
