/// Ranks tokens by their logits: the best first, and of equal ones the lower id first.
struct Ranking {
    struct Entry: Equatable {
        var id: Int32
        var logit: Float
    }

    /// Logit and id in one integer that sorts in this order. A float's bits, inverted for negative numbers, ascend with
    /// its value; their complement descends.
    private var keys: [UInt64] = []

    mutating func reserve(_ count: Int) { keys.reserveCapacity(count) }

    /// Adds a token. A token with a logit of -infinity can never be drawn and is left out.
    mutating func append(_ id: Int32, raw: Float, adjusted: Float) throws(SamplingError) {
        guard raw < .infinity else { throw .invalidLogit(token: id, found: raw) }  // also refuses NaN
        guard adjusted > -.infinity else { return }
        let bits = (adjusted + 0).bitPattern  // turns -0 into 0, as they are equal
        let ascending = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
        keys.append(UInt64(~ascending) << 32 | UInt64(UInt32(bitPattern: id)))
    }

    /// The best `count` tokens, or all, best first.
    func best(_ count: Int?) -> [Entry] {
        let sorted: [UInt64]
        if count == 1 { sorted = keys.min().map { [$0] } ?? [] } else { sorted = keys.sorted() }
        return sorted.prefix(count ?? sorted.count).map(Self.entry)
    }

    /// The best `count` of the tokens that `allows` accepts, asked from the best token down; nil when they are not found
    /// among the best `most`.
    mutating func best(_ count: Int, asking most: Int, where allows: (Int32) -> Bool) -> [Entry]? {
        var found: [Entry] = []
        for i in stride(from: keys.count / 2 - 1, through: 0, by: -1) { sift(i, keys.count) }
        var left = keys.count
        while left > 0, found.count < count {
            guard keys.count - left < most else { return nil }
            let entry = Self.entry(keys[0])
            if allows(entry.id) { found.append(entry) }
            left -= 1
            keys.swapAt(0, left)
            sift(0, left)
        }
        return found
    }

    /// The best `count` tokens, or all, of those that a mask by id allows.
    mutating func best(_ count: Int?, in mask: [Bool]) -> [Entry] {
        keys.removeAll { !mask[Int(UInt32(truncatingIfNeeded: $0))] }
        return best(count)
    }

    /// Moves a key down in the heap of the first `count` keys, whose smallest is on top.
    private mutating func sift(_ start: Int, _ count: Int) {
        var parent = start
        while 2 * parent + 1 < count {
            var child = 2 * parent + 1
            if child + 1 < count, keys[child + 1] < keys[child] { child += 1 }
            guard keys[child] < keys[parent] else { return }
            keys.swapAt(parent, child)
            parent = child
        }
    }

    private static func entry(_ key: UInt64) -> Entry {
        let ascending = ~UInt32(truncatingIfNeeded: key >> 32)
        let bits = ascending >> 31 == 1 ? ascending & 0x7fff_ffff : ~ascending
        return Entry(id: Int32(bitPattern: UInt32(truncatingIfNeeded: key)), logit: Float(bitPattern: bits))
    }
}
