/// Numbers between two bounds, perhaps only the multiples of one: written without an exponent, in exact decimals.
///
/// Magnitudes are counted in units of 10^-`places`, so that a number and a bound are whole numbers of at most 38
/// digits, whatever a `Double` would make of them.
struct NumberRange: Sendable, Equatable {
    /// The magnitudes of the numbers below 0, and of the others; nil: there are none.
    var negative: ClosedRange<UInt128>?, positive: ClosedRange<UInt128>?
    /// Digits behind the point, at most; 0: whole numbers only.
    var places: UInt8 = 0
    /// Digits before the point, at most; with `places` at most 38.
    var wholeDigits: UInt8 = 18
    /// Every number is a multiple of so many units.
    var step: UInt128 = 1
    /// What a number must be a multiple of and checks divide by in doubles: what is no whole number.
    var divisors: [Double] = []
    /// Whether a bound was given; else it is only that of the digits.
    var hasLeast = false, hasMost = false

    /// Where inside a number a text stands: the digits so far as one number, how many of them stand before and behind
    /// the point.
    struct State: Hashable, Sendable {
        var isNegative = false, hasPoint = false
        var whole: UInt8 = 0, places: UInt8 = 0
        var digits: UInt128 = 0
    }

    static let powers: [UInt128] = (0...38).map { (0..<$0).reduce(UInt128(1)) { power, _ in power * 10 } }

    /// The state after a number's first byte; nil when none begins so.
    func begin(_ byte: UInt8) -> State? {
        if byte == UInt8(ascii: "-") {
            guard let negative, hasMultiple(negative) else { return nil }
            return State(isNegative: true)
        }
        return next(State(), byte)
    }

    /// The state after `byte`; nil when no number of the range goes on so.
    func next(_ state: State, _ byte: UInt8) -> State? {
        var state = state
        if byte == UInt8(ascii: ".") {
            guard !state.hasPoint, state.whole > 0, places > 0 else { return nil }
            state.hasPoint = true
            return canEnd(state) ? state : nil
        }
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        if state.hasPoint {
            guard state.places < places else { return nil }
            state.places += 1
        } else {
            guard state.whole < wholeDigits, state.whole == 0 || state.digits != 0 else { return nil }
            state.whole += 1
        }
        state.digits = state.digits * 10 + UInt128(byte - UInt8(ascii: "0"))
        return canEnd(state) ? state : nil
    }

    /// The number that has been written, in units.
    func value(_ state: State) -> UInt128 { state.digits * Self.powers[Int(places - state.places)] }

    /// Whether the number may end here.
    func mayEnd(_ state: State) -> Bool {
        guard state.whole > 0, !state.hasPoint || state.places > 0, let range = side(state) else { return false }
        let value = value(state)
        return range.contains(value) && isMultiple(value)
    }

    private func side(_ state: State) -> ClosedRange<UInt128>? { state.isNegative ? negative : positive }

    /// Whether some digits behind these make a number of the range.
    private func canEnd(_ state: State) -> Bool { reach(state) { hasMultiple($0) } }

    /// The numbers of the range that begin with these digits, as spans: one for each count of digits before the point.
    func reach(_ state: State, where holds: (ClosedRange<UInt128>) -> Bool) -> Bool {
        guard let range = side(state) else { return false }
        func span(_ first: UInt128, _ count: UInt128) -> Bool {
            let low = max(first, range.lowerBound), high = min(first + (count - 1), range.upperBound)
            return low <= high && holds(low...high)
        }
        if state.hasPoint { return span(value(state), Self.powers[Int(places - state.places)]) }
        let unit = Self.powers[Int(places)]
        if span(state.digits * unit, unit) { return true }
        guard state.digits != 0 else { return false }
        for more in 1..<max(Int(wholeDigits - state.whole) + 1, 1) {
            let factor = Self.powers[more] * unit, first = state.digits * factor
            if first > range.upperBound { return false }
            if span(first, factor) { return true }
        }
        return false
    }

    /// More multiples than these are not tried where a double decides.
    private static let mostTried = 1000

    private func hasMultiple(_ range: ClosedRange<UInt128>) -> Bool {
        if step == 1 && divisors.isEmpty { return true }
        var value = (range.lowerBound + (step - 1)) / step * step, tried = 0
        while value <= range.upperBound, tried < Self.mostTried {
            if isMultiple(value) { return true }
            value += step
            tried += 1
        }
        return false
    }

    /// Whether so many units are a multiple; where the divisor is no whole number, also by the rounded quotient of
    /// doubles, as validators check it.
    private func isMultiple(_ value: UInt128) -> Bool {
        if step == 1 && divisors.isEmpty { return true }
        guard value % step == 0 else { return false }
        let number = Double(value) / Double(Self.powers[Int(places)])
        return divisors.allSatisfy { number / $0 == (number / $0).rounded() }
    }

    /// How many numbers a span has, at most; what doubles refuse is counted too.
    func count(_ range: ClosedRange<UInt128>) -> UInt128 {
        range.upperBound / step - (range.lowerBound == 0 ? 0 : (range.lowerBound - 1) / step)
            + (range.lowerBound == 0 ? 1 : 0)
    }

    /// Whether there is a number at all.
    var isEmpty: Bool { !(negative.map(hasMultiple) ?? false) && !(positive.map(hasMultiple) ?? false) }
}

extension NumberRange {
    /// Allows only so many digits before and behind the point.
    mutating func shorten(whole: UInt8, places less: UInt8) {
        let unit = Self.powers[Int(places - less)], largest = Self.powers[Int(whole + less)] - 1
        func shortened(_ range: ClosedRange<UInt128>?) -> ClosedRange<UInt128>? {
            guard let range else { return nil }
            let low = (range.lowerBound + (unit - 1)) / unit, high = min(range.upperBound / unit, largest)
            return low <= high ? low...high : nil
        }
        positive = shortened(positive)
        negative = shortened(negative)
        places = less
        wholeDigits = min(wholeDigits, whole)
    }
}
