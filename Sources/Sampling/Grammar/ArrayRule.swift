/// An array of so many values: the first ones of rules of their own, the others of one.
final class ArrayRule: Sendable {
    let prefix: [Int32], item: Int32?
    let least: Int32, most: Int32
    /// What the items may be when each must be another; they are then no rules.
    let distinct: DistinctItems?

    init(
        prefix: [Int32] = [], item: Int32?, least: Int32 = 0, most: Int32 = JSONGrammar.unlimited,
        distinct: DistinctItems? = nil
    ) {
        self.prefix = prefix
        self.item = item
        self.least = least
        self.most = item == nil && distinct == nil ? min(most, Int32(clamping: prefix.count)) : most
        self.distinct = distinct
    }

    /// The rule of the value behind so many.
    func value(_ count: Int32) -> Int32? { Int(count) < prefix.count ? prefix[Int(count)] : item }

    /// The count after one more value; where it makes no difference any more it stays, so that ways that go on alike
    /// are the same.
    func count(after count: Int32) -> Int32 {
        most == JSONGrammar.unlimited ? min(count + 1, max(least, Int32(clamping: prefix.count) + 1)) : count + 1
    }
}

/// The scalars that may be items of an array in which no value stands twice: by how one begins it is certain of which
/// kind it is.
struct DistinctItems: Sendable {
    /// Values that are listed, as text, ascending.
    let words: [[UInt8]]
    let strings: DistinctLanguage?
    let numbers: NumberRange?
    /// How many items there can be; `Int.max`: very many.
    let capacity: Int

    init(words: [[UInt8]], strings: DistinctLanguage?, numbers: NumberRange?) {
        self.words = words.sorted { $0.lexicographicallyPrecedes($1) }
        self.strings = strings
        self.numbers = numbers
        var counts = [words.count, strings?.capacity ?? 0]
        for range in [numbers?.negative, numbers?.positive] {
            if let range, let numbers { counts.append(Int(clamping: numbers.count(range))) }
        }
        capacity = counts.reduce(0) { $1 > Int.max - $0 ? Int.max : $0 + $1 }
    }
}
