/// Texts that are written without escapes, so that each has one spelling, and of which none may come twice.
final class DistinctLanguage: Sendable {
    let language: TextLanguage
    /// How many texts go on from each state; `Int.max`: without end.
    let capacities: [Int]
    /// Whether there are states from which few texts go on: then it matters which have come.
    let hasEnds: Bool

    /// Any text.
    static let any: DistinctLanguage = {
        // All texts are a text.
        DistinctLanguage(TextLanguage(TextLanguage.all.classes, [0], [0], escapes: false)!)
    }()

    /// The language must be spelled without escapes.
    init(_ language: TextLanguage) {
        self.language = language
        capacities = language.capacities()
        hasEnds = capacities.contains { $0 < Int.max }
    }

    var capacity: Int { capacities[0] }
}

/// A text of such a language that has begun. Two are the same when they go on alike: how they were written matters only
/// while one that is used begins like them, and where they end.
struct DistinctText: Hashable, Sendable {
    private(set) var state: Int32 = 0, node: Int16 = 0
    /// FNV-1a, 64 bits, of its bytes.
    private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    /// Its beginnings, when the language has ends.
    private(set) var trail: Trail?
    /// The used texts that begin like this one, as long as it is.
    private var rivals: [Trail] = []

    static func == (a: DistinctText, b: DistinctText) -> Bool {
        a.state == b.state && a.node == b.node && a.rivals == b.rivals
            && (a.rivals.isEmpty || a.trail?.length == b.trail?.length)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(state)
        hasher.combine(node)
        hasher.combine(rivals.count)
    }

    static func hash(of text: some Sequence<UInt8>) -> UInt64 { text.reduce(DistinctText().hash, step) }

    private static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }

    /// The text with one more byte; nil when no text of the language that is not used yet goes on so.
    func next(_ byte: UInt8, _ texts: DistinctLanguage, _ used: Used?) -> DistinctText? {
        let language = texts.language
        let entry = language.spelling.table[Int(node) << 8 | Int(byte)]
        if entry == Spelling.none { return nil }
        var result = self, capacity = 0
        let row = Int(state) * language.classes.count
        result.hash = Self.step(hash, byte)
        if entry < 0 {
            result.state = language.transitions[row + Int(~entry)]
            guard result.state >= 0 else { return nil }
            result.node = 0
            capacity = texts.capacities[Int(result.state)]
        } else {
            result.node = entry
            for part in language.spelling.reachable[Int(entry)] where capacity < Int.max {
                let target = language.transitions[row + Int(part.index)]
                guard target >= 0 else { continue }
                let more = texts.capacities[Int(target)].multipliedReportingOverflow(by: Int(part.count))
                let sum = capacity.addingReportingOverflow(more.partialValue)
                capacity = more.overflow || sum.overflow ? Int.max : sum.partialValue
            }
        }
        guard texts.hasEnds else { return capacity > 0 ? result : nil }
        let trail = Trail(result.hash, before: self.trail)
        result.trail = trail
        if self.trail == nil {
            used?.forEach { if case .text(_, let other?) = $0, other.begins(as: trail) { result.rivals.append(other) } }
        } else if !rivals.isEmpty {
            result.rivals.removeAll { !$0.begins(as: trail) }
        }
        return result.rivals.count < capacity ? result : nil
    }

    /// Whether the text may end here: it is in the language and not used yet.
    func mayEnd(_ texts: DistinctLanguage, _ used: Used?) -> Bool {
        guard node == 0, texts.language.labels[Int(state)] >= 0 else { return false }
        return !(used?.contains { if case .text(let other, _) = $0 { other == hash } else { false } } ?? false)
    }
}
