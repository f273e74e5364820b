/// Tokens in the order of their logits: best first, of equals the lower id first.
struct Ranking {
    struct Entry: Equatable {
        var id: Int32
        var logit: Float
    }

    /// Logit and id in one integer that sorts as wanted: a float's bits, mirrored for negative numbers, ascend with
    /// its value; complemented they descend.
    private var keys: [UInt64] = []

    mutating func reserve(_ count: Int) { keys.reserveCapacity(count) }

    /// Adds a token. One with a logit of -infinity can never be drawn and is left out.
    mutating func append(_ id: Int32, raw: Float, adjusted: Float) throws(SamplingError) {
        guard raw < .infinity else { throw .invalidLogit(token: id, found: raw) }  // refuses NaN too
        guard adjusted > -.infinity else { return }
        let bits = (adjusted + 0).bitPattern  // -0 becomes 0: they are equal
        let ascending = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
        keys.append(UInt64(~ascending) << 32 | UInt64(UInt32(bitPattern: id)))
    }

    /// The best `count`, or all.
    func best(_ count: Int?) -> [Entry] {
        let sorted: [UInt64]
        if count == 1 { sorted = keys.min().map { [$0] } ?? [] } else { sorted = keys.sorted() }
        return sorted.prefix(count ?? sorted.count).map { key in
            let ascending = ~UInt32(truncatingIfNeeded: key >> 32)
            let bits = ascending >> 31 == 1 ? ascending & 0x7fff_ffff : ~ascending
            return Entry(id: Int32(bitPattern: UInt32(truncatingIfNeeded: key)), logit: Float(bitPattern: bits))
        }
    }
}
