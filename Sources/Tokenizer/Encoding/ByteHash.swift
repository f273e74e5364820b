/// Hash function of the tokenizer's tables: FNV-1a over bytes and a 64-bit finisher, both seeded.
///
/// The seed is random, so that a crafted vocabulary cannot make lookups slow. Results never depend on it, since every
/// table compares the keys themselves.
struct ByteHash: Sendable {
    let seed: UInt64

    init() {
        seed = UInt64.random(in: .min ... .max)
    }

    /// A hash of `bytes[range]`.
    @inline(__always)
    func callAsFunction(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        var state = seed
        for index in range {
            state = (state ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01B3
        }
        return Self.finish(state)
    }

    /// A hash of one number.
    @inline(__always)
    func callAsFunction(_ key: UInt64) -> Int {
        Self.finish(key ^ seed)
    }

    /// The finisher of MurmurHash3 (every input bit affects every output bit), reduced to a non-negative `Int`.
    @inline(__always)
    private static func finish(_ value: UInt64) -> Int {
        var state = value
        state = (state ^ (state &>> 33)) &* 0xFF51_AFD7_ED55_8CCD
        state = (state ^ (state &>> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return Int(truncatingIfNeeded: (state ^ (state &>> 33)) &>> 1)
    }

    /// The number of slots, a power of two, of an open-addressing table that stays at most two thirds full.
    static func slots(for count: Int) -> Int {
        var slots = 16
        while slots < count + count / 2 { slots *= 2 }
        return slots
    }
}
