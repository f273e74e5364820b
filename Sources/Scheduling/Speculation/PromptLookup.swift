/// Drafts tokens by prompt lookup: it finds the last tokens earlier in the prompt or the answer and drafts what
/// followed them there. That works well for quoted, rewritten or repeated text, and costs nothing.
///
/// It remembers all places of every three consecutive tokens; among several places it takes the one with the longest
/// agreement before it. If the answer departs from the text it copies, for example at a changed name, it also expects
/// the text after that place. It learns the acceptance rate by grade; most grades are classes of agreement length.
struct PromptLookup: Sendable {
    private var latest: [UInt64: Int32] = [:]  // three tokens -> the place after their last occurrence
    private var earlier: [Int32] = []  // [place] -> the place after the previous occurrence of its three tokens, or -1
    /// Acceptance rate by grade; then the numbers of tokens it was learned from, and how often a grade was not used.
    private(set) var rates: [Double] = [0.35, 0.55, 0.8, 0.75, 0.5]
    private var learned = [0, 0, 0, 0, 0], unused = [0, 0, 0, 0, 0]
    /// The next place to copy if the copy continues, and how many more times it may fail.
    private var pointer: Int?, tries = 0
    /// The grades of a draft model's tokens, and of tokens after a place where the answer departed from its copy.
    static let drafted = 3, resumed = 4
    private static let mostTries = 4

    private static let placesTried = 12, longest = 24

    private static func grade(_ agreement: Int) -> Int { agreement < 5 ? 0 : agreement < 10 ? 1 : 2 }

    private static func key(_ tokens: [Int32], before place: Int) -> UInt64 {
        // A vocabulary has at most 2^20 tokens.
        let (a, b, c) = (tokens[place - 3], tokens[place - 2], tokens[place - 1])
        return UInt64(UInt32(bitPattern: a)) << 40 ^ UInt64(UInt32(bitPattern: b)) << 20 ^ UInt64(UInt32(bitPattern: c))
    }

    /// Where to copy the next token from, if anywhere. Only the first `known` of `tokens` are certain and remembered.
    ///
    /// - Parameter last: the source of the last draft token in `tokens`, if there is one.
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
        // The place at the very end is left out: no token follows it yet.
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

    /// How many tokens to draft: the number with the best expected speed for a step that has `rows` rows already. A
    /// grade that does not pay is tried again from time to time.
    ///
    /// - Parameter wait: the delay of the step for each token beyond the first `ready`, in steps of one row.
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

    /// Learns that a draft token of this grade, after only accepted ones, was accepted or not.
    mutating func learn(_ grade: Int, isRight: Bool) {
        learned[grade] += 1
        rates[grade] += ((isRight ? 1 : 0) - rates[grade]) * max(Self.slowest, 1 / Double(learned[grade] + Self.prior))
    }

    /// The initial rates count as this many draft tokens; each draft token changes a rate at least by this share.
    private static let prior = 6, slowest = 0.06

    /// Moves the pointer after a draft token from `source` was accepted or rejected.
    mutating func follow(_ source: DraftSource, isRight: Bool) {
        if isRight || source.grade != Self.resumed {
            // A wrong token may replace just the expected one, so the copy may continue after it.
            (pointer, tries) = (source.position + 1, Self.mostTries)
        } else {
            // Several tokens may replace the expected one, so the same place is expected again.
            missed(at: source.position)
        }
    }

    /// Moves the pointer after a token for which nothing was copied; `tokens` are those before it.
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

/// The source of a draft token.
struct DraftSource: Equatable, Sendable {
    /// The place of the token that it copies, or -1 if a draft model made it.
    var position: Int
    /// The index into `PromptLookup.rates`.
    var grade: Int
}
