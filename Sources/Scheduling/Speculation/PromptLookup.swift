/// Draft tokens how an answer goes on: as it went on where the last tokens stood before, in the prompt or in the answer
/// itself. Texts that are quoted, rewritten or repeated are drafted well this way, at no cost.
///
/// Remembers every place of every three tokens in a row; of several places the one counts that agrees longest with what
/// stands before. Where a copy parts from what it copies, as at a name that is changed, it also expects the text behind
/// that place. And it learns how often all that is right, by the length of the agreement.
struct PromptLookup: Sendable {
    private var latest: [UInt64: Int32] = [:]  // three tokens -> the place behind their last occurrence
    private var earlier: [Int32] = []  // [place] the place behind the same three tokens' occurrence before, or -1
    /// Share of right draft tokens by grade, so far, and how many there were.
    private(set) var rates: [Double] = [0.35, 0.55, 0.8, 0.75, 0.5]
    private var learned = [0, 0, 0, 0, 0], unused = [0, 0, 0, 0, 0]
    /// The place that is copied next if the copy goes on, and how often that may still fail.
    private var pointer: Int?, tries = 0
    /// The grades of what a draft model draft tokens, and of what goes on behind a place where a copy has parted.
    static let drafted = 3, resumed = 4
    private static let mostTries = 4

    private static let placesTried = 12, longest = 24

    private static func grade(_ agreement: Int) -> Int { agreement < 5 ? 0 : agreement < 10 ? 1 : 2 }

    private static func key(_ tokens: [Int32], before place: Int) -> UInt64 {
        // A vocabulary has at most 2^20 tokens.
        let (a, b, c) = (tokens[place - 3], tokens[place - 2], tokens[place - 1])
        return UInt64(UInt32(bitPattern: a)) << 40 ^ UInt64(UInt32(bitPattern: b)) << 20 ^ UInt64(UInt32(bitPattern: c))
    }

    /// Where `tokens` went on from the same tokens before, if anywhere. Of them `known` are certain; only those are
    /// remembered.
    ///
    /// - Parameter last: where the last of the draft tokens in `tokens` came from, if there are any.
    mutating func source(in tokens: [Int32], known: Int, after last: DraftSource? = nil) -> DraftSource? {
        let copied = copy(in: tokens, known: known)
        let next =
            tokens.count > known
            ? last.map { DraftSource(position: $0.position + 1, grade: $0.grade) }
            : pointer.map { DraftSource(position: $0, grade: Self.resumed) }
        guard let next, next.position > 0, next.position < tokens.count else { return copied }
        guard let copied, rates[copied.grade] >= rates[next.grade] else { return next }
        return copied
    }

    private mutating func copy(in tokens: [Int32], known: Int) -> DraftSource? {
        // The place at the very end has no token behind it yet.
        while earlier.count < known {
            let place = earlier.count
            if place < 3 {
                earlier.append(-1)
            } else {
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
            while agreement < min(at, Self.longest), tokens[at - 1 - agreement] == tokens[tokens.count - 1 - agreement]
            { agreement += 1 }
            if agreement > (best?.agreement ?? 2) { best = (at, agreement) }
            if agreement == Self.longest { break }
            place = earlier[at]
            tried += 1
        }
        return best.map { DraftSource(position: $0.place, grade: Self.grade($0.agreement)) }
    }

    /// How many tokens to draft: what pays best when a step already has `rows` rows. Now and then a grade that does not
    /// pay is tried again.
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

    /// A draft of that grade, all before it being right, was right or not.
    mutating func learn(_ grade: Int, isRight: Bool) {
        learned[grade] += 1
        rates[grade] += ((isRight ? 1 : 0) - rates[grade]) * max(Self.slowest, 1 / Double(learned[grade] + Self.prior))
    }

    /// What is known beforehand counts as so many draft tokens; later every draft changes a rate by this share.
    private static let prior = 6, slowest = 0.06

    /// A token was drawn where `source` had been drafted from, rightly or not.
    mutating func follow(_ source: DraftSource, isRight: Bool) {
        if isRight || source.grade != Self.resumed {
            // A wrong one may stand for the one that was expected.
            (pointer, tries) = (source.position + 1, Self.mostTries)
        } else {
            // Or several do: the same is expected once more.
            missed(at: source.position)
        }
    }

    /// A token was drawn of which nothing had been drafted; `tokens` are those before it.
    mutating func pass(_ token: Int32, in tokens: [Int32]) {
        guard let place = pointer else { return }
        if place < tokens.count, tokens[place] == token {
            (pointer, tries) = (place + 1, Self.mostTries)
        } else {
            missed(at: place)
        }
    }

    private mutating func missed(at place: Int) {
        tries -= 1
        pointer = tries > 0 ? place : nil
    }
}

/// Where a draft token was found, and how sure it is.
struct DraftSource: Equatable, Sendable {
    /// The place in the text of the token that it copies; -1: a draft model said it.
    var position: Int
    /// Index of the class of agreement.
    var grade: Int
}
