/// Follows a text byte by byte through a grammar: all the ways in which the text so far may be read, each a stack of
/// what is begun and not yet ended. The text may go on with a byte exactly when at least one way can.
///
/// Stacks share their lower parts and never change, so a copy of the automaton costs one array.
struct JSONAutomaton: Sendable {
    /// One thing that is begun, or comes next.
    enum Frame: Hashable, Sendable {
        /// The value of a rule.
        case value(Int32)
        /// White space, if any: how much of it has come (see `space(after:_:)`).
        case space(UInt8)
        /// Up to so many more line feeds.
        case lineFeeds(UInt8)
        case literal(rule: Int32, place: Int32)
        case string(rule: Int32, StringRule.Place)
        case number(whole: Bool, state: NumberState)
        case bounded(rule: Int32, NumberRange.State)
        case arrayStart(Int32)
        case arrayAfter(Int32, count: Int32)
        case arrayEnd
        case distinct(DistinctPlace)
        case objectStart(Int32)
        /// A name begins; the properties from the next on may come.
        case key(ObjectPlace)
        /// Within a name, of which so many bytes have come: it is this property's or a later one's that begins alike.
        case name(ObjectPlace, property: Int32, place: Int32)
        case otherName(ObjectPlace, DistinctText)
        /// Behind a name whose value is of this rule.
        case colon(ObjectPlace, value: Int32)
        case objectAfter(ObjectPlace)
        case objectEnd
        case sequence(Int32, next: Int32)
        case text(rule: Int32, matched: Int32)
    }

    /// How far an object has come: the first property that may still come, how many there are (where that matters) and
    /// which of those that are not named.
    struct ObjectPlace: Hashable, Sendable {
        var rule: Int32, next: Int32 = 0, count: Int32 = 0
        var others: Used?
    }

    /// How far an array of distinct items has come: which it has, and what of the next.
    struct DistinctPlace: Hashable, Sendable {
        enum Part: Hashable, Sendable {
            /// Behind the opening bracket, a comma, an item.
            case start, comma, after
            case text(DistinctText)
            case number(NumberRange.State)
            /// One of the words from `low` to before `high`, of which so many bytes have come.
            case word(low: Int32, high: Int32, place: Int32)
        }

        var rule: Int32, part = Part.start
        var used: Used?
    }

    /// What lies under the top of a stack.
    final class Stack: Sendable {
        let frame: Frame, below: Stack?, depth: Int, hash: Int

        init(_ frame: Frame, _ below: Stack?) {
            self.frame = frame
            self.below = below
            depth = (below?.depth ?? 0) + 1
            var hasher = Hasher()
            hasher.combine(frame)
            hasher.combine(below?.hash)
            hash = hasher.finalize()
        }
    }

    /// One way to read the text; `top` is nil when it is complete.
    struct Way: Hashable, Sendable {
        var top: Frame?, below: Stack?

        /// Whether two ways go on alike. Stacks are told apart by their hashes; were two alike by chance, a way would
        /// be lost, but nothing wrong allowed.
        static func == (a: Way, b: Way) -> Bool {
            a.top == b.top && a.below?.depth == b.below?.depth
                && (a.below === b.below || a.below?.hash == b.below?.hash)
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(top)
            hasher.combine(below?.hash)
        }
    }

    /// More ways than these are not followed, nor stacks deeper than that: what is left is still right. One choice has
    /// at most ``JSONGrammar/mostAlternatives`` ways; only where choices within choices stay open together might they
    /// become more.
    static let mostWays = 256, deepest = 1000
    /// Where a value may be of several kinds, arrays and objects are no longer begun beyond this depth.
    static let deepestByChoice = 64

    let grammar: JSONGrammar
    private(set) var ways: [Way]

    init(_ grammar: JSONGrammar) {
        self.grammar = grammar
        ways = [Way(top: .value(grammar.root), below: nil)]
    }

    /// An automaton that has come to these ways.
    init(_ grammar: JSONGrammar, ways: [Way]) {
        self.grammar = grammar
        self.ways = ways
    }

    /// Whether a byte ends a text of which it matters how it was written: a name, or an item that must be another.
    func asksForText(_ byte: UInt8) -> Bool {
        guard byte == UInt8(ascii: "\"") else { return false }
        return ways.contains { way in
            switch way.top {
            case .otherName: true
            case .distinct(let place): if case .text = place.part { true } else { false }
            default: false
            }
        }
    }

    /// Whether the text may end here.
    var isComplete: Bool {
        ways.contains { way in
            switch way.top {
            case nil: true
            case .number(_, let state): state.mayEnd && way.below == nil
            case .bounded(let rule, let state):
                if way.below == nil, case .bounded(let range) = grammar.rules[Int(rule)] {
                    range.mayEnd(state)
                } else {
                    false
                }
            default: false
            }
        }
    }

    /// Whether nothing can follow.
    var isDead: Bool { ways.isEmpty }

    /// Goes on with a byte; dead when the text cannot.
    mutating func take(_ byte: UInt8) {
        if ways.count == 1 {
            let way = ways[0]
            ways.removeAll(keepingCapacity: true)
            step(way.top, way.below, byte, &ways)
            if ways.count > 1 { thin() }
            return
        }
        var next: [Way] = []
        for way in ways { step(way.top, way.below, byte, &next) }
        ways = next
        thin()
    }

    /// Drops ways that are the same, and those beyond the limit.
    private mutating func thin() {
        var kept: [Way] = []
        if ways.count < 16 {
            for way in ways where !kept.contains(way) { kept.append(way) }
        } else {
            var seen: Set<Way> = []
            for way in ways where kept.count < Self.mostWays && seen.insert(way).inserted { kept.append(way) }
        }
        ways = kept
    }

    /// The value on top has ended: goes down to what comes next.
    func pop(_ below: Stack?, _ out: inout [Way]) {
        guard let below else { return out.append(Way(top: nil, below: nil)) }
        if case .sequence(let rule, let next) = below.frame { return advance(rule, next, below.below, &out) }
        out.append(Way(top: below.frame, below: below.below))
    }

    /// The next part of a sequence.
    func advance(_ rule: Int32, _ next: Int32, _ below: Stack?, _ out: inout [Way]) {
        guard case .sequence(let parts) = grammar.rules[Int(rule)] else { return }
        guard Int(next) < parts.count else { return pop(below, &out) }
        out.append(Way(top: .value(parts[Int(next)]), below: under(parts, rule, next, below)))
    }

    /// What lies under a part of a sequence; behind the last one nothing of it is left to come.
    func under(_ parts: [Int32], _ rule: Int32, _ part: Int32, _ below: Stack?) -> Stack? {
        Int(part) + 1 < parts.count ? Stack(.sequence(rule, next: part + 1), below) : below
    }

    /// The value has ended and `byte` belongs to what comes next.
    func popAndStep(_ below: Stack?, _ byte: UInt8, _ out: inout [Way]) {
        var ended: [Way] = []
        pop(below, &ended)
        for way in ended where way.top != nil { step(way.top, way.below, byte, &out) }
    }
}
