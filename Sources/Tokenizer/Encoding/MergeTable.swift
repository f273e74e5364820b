/// The merges of a byte-pair encoding: which pairs of neighbours become one token, and in which order.
struct MergeTable: Sendable {
    /// The result of looking up a pair: its rank in the upper 32 bits (lower ranks merge first), the id of the merged
    /// token in the lower 32. Comparing two results compares their ranks.
    typealias Merge = UInt64

    /// The result for a pair that does not merge: it compares as later than every merge.
    static let none = Merge.max
    /// Ranks have 24 bits in ``MergeQueue``.
    static let limit = 1 << 24 - 1

    private struct Slot {
        var key: UInt64
        var merge: Merge
    }

    /// A hash table with open addressing. A key is the left id in the upper 32 bits and the right id in the lower. Ids
    /// are not negative, so no key is all ones, which marks an empty slot.
    private var slots: [Slot]
    private let hash = ByteHash()
    private static let empty = UInt64.max

    /// Parses merges of the form `"a b"`, ranked by their order. Of equal ones the first counts.
    init(_ lines: [String], tokens: TokenTable) throws(TokenizerError) {
        guard lines.count <= Self.limit else {
            throw .mergeCount(found: lines.count, limit: Self.limit)
        }
        slots = Array(repeating: Slot(key: Self.empty, merge: Self.none), count: ByteHash.slots(for: lines.count))
        let alphabet = ByteAlphabet()
        var text: [UInt8] = []
        var bytes: [UInt8] = []
        for (rank, line) in lines.enumerated() {
            bytes.removeAll(keepingCapacity: true)
            text.removeAll(keepingCapacity: true)
            text.append(contentsOf: line.utf8)
            guard let space = text.firstIndex(of: 0x20), alphabet.append(text, 0..<space, to: &bytes)
            else { throw .badMerge(index: rank, found: line, problem: "it is not two tokens") }
            let middle = bytes.count
            guard alphabet.append(text, space + 1..<text.count, to: &bytes),
                middle > 0, middle < bytes.count
            else { throw .badMerge(index: rank, found: line, problem: "it is not two tokens") }
            guard let left = tokens.id(of: bytes, 0..<middle) else {
                throw .badMerge(index: rank, found: line, problem: "its left side is no token")
            }
            guard let right = tokens.id(of: bytes, middle..<bytes.count) else {
                throw .badMerge(index: rank, found: line, problem: "its right side is no token")
            }
            guard let joined = tokens.id(of: bytes, 0..<bytes.count) else {
                throw .badMerge(index: rank, found: line, problem: "the two sides together are no token")
            }
            enter(Self.key(left, right), UInt64(rank) << 32 | UInt64(UInt32(bitPattern: joined)))
        }
    }

    /// The result of merging `left` and `right`, or ``none``.
    @inline(__always)
    func merge(_ left: Int32, _ right: Int32) -> Merge {
        let key = Self.key(left, right)
        var place = hash(key) & (slots.count - 1)
        while true {
            let slot = slots[place]
            // An empty slot's merge is `none`.
            if slot.key == key || slot.key == Self.empty { return slot.merge }
            place = (place + 1) & (slots.count - 1)
        }
    }

    @inline(__always)
    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    private mutating func enter(_ key: UInt64, _ merge: Merge) {
        var place = hash(key) & (slots.count - 1)
        while slots[place].key != Self.empty {
            if slots[place].key == key { return }
            place = (place + 1) & (slots.count - 1)
        }
        slots[place] = Slot(key: key, merge: merge)
    }
}
