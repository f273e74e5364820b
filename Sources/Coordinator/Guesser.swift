/// Guesses how an answer goes on: as it went on where the last tokens stood before, in the prompt or in the answer itself. Texts
/// that are quoted, rewritten or repeated are guessed well this way, at no cost.
///
/// Remembers every place of every three tokens in a row; of several places the one counts that agrees longest with what stands
/// before. It also learns how often that is right, by the length of the agreement.
struct Guesser: Sendable {
    /// A guess: where it was found, and how sure it is.
    struct Source: Equatable {
        /// The place of the first guessed token's model.
        var position: Int
        /// Index of the class of agreement.
        var grade: Int
    }

    private var latest: [UInt64: Int32] = [:]  // three tokens -> the place behind their last occurrence
    private var earlier: [Int32] = []  // [place] the place behind the same three tokens' occurrence before, or -1
    /// Share of right guesses by grade, so far; the last grade is that of a draft model.
    private(set) var rates: [Double] = [0.35, 0.55, 0.8, 0.75]
    private var unused = [0, 0, 0, 0]
    /// The grade of what a draft model guesses.
    static let drafted = 3

    private static let placesTried = 12, longest = 24

    private static func grade(_ agreement: Int) -> Int { agreement < 5 ? 0 : agreement < 10 ? 1 : 2 }

    private static func key(_ tokens: [Int32], before place: Int) -> UInt64 {
        // A vocabulary has at most 2^20 tokens.
        let (a, b, c) = (tokens[place - 3], tokens[place - 2], tokens[place - 1])
        return UInt64(UInt32(bitPattern: a)) << 40 ^ UInt64(UInt32(bitPattern: b)) << 20 ^ UInt64(UInt32(bitPattern: c))
    }

    /// Where `tokens` went on from the same tokens before, if anywhere. Of them `known` are certain; only those are remembered.
    mutating func source(in tokens: [Int32], known: Int) -> Source? {
        // The place at the very end has no token behind it yet.
        while earlier.count < known {
            let place = earlier.count
            if place < 3 { earlier.append(-1) } else {
                let key = Self.key(tokens, before: place)
                earlier.append(latest.updateValue(Int32(place), forKey: key) ?? -1)
            }
        }
        guard tokens.count >= 3 else { return nil }
        var best: (place: Int, agreement: Int)?, tried = 0
        var place = latest[Self.key(tokens, before: tokens.count)] ?? -1
        while place >= 0, tried < Self.placesTried {
            let at = Int(place)
            var agreement = 0
            while agreement < min(at, Self.longest), tokens[at - 1 - agreement] == tokens[tokens.count - 1 - agreement] { agreement += 1 }
            if agreement > (best?.agreement ?? 2) { best = (at, agreement) }
            if agreement == Self.longest { break }
            place = earlier[at]
            tried += 1
        }
        return best.map { Source(position: $0.place, grade: Self.grade($0.agreement)) }
    }

    /// How many tokens to guess: what pays best when a step already has `rows` rows. Now and then a grade that does not pay is tried
    /// again.
    ///
    /// - Parameter wait: what each token beyond the first `ready` costs before the step can begin, in steps of one row.
    mutating func length(_ grade: Int, rows: Int, cost: StepCost, most: Int, wait: Double = 0, ready: Int = 0) -> Int {
        let rate = min(rates[grade], 0.98)
        var best = 0, value = 1.0, expected = 1.0, power = 1.0
        for length in 1...max(most, 1) where length <= most {
            power *= rate
            expected += power
            let gain = expected * cost.of(rows) / (cost.of(rows * (length + 1)) + wait * Double(max(length - ready, 0)))
            if gain > value * 1.01 { (best, value) = (length, gain) }
        }
        if best == 0 {
            unused[grade] += 1
            if unused[grade] >= 48 { (unused[grade], best) = (0, min(2, most)) }
        }
        return best
    }

    /// A guess of that grade, all before it being right, was right or not.
    mutating func learn(_ grade: Int, isRight: Bool) {
        rates[grade] += ((isRight ? 1 : 0) - rates[grade]) * 0.06
    }
}
