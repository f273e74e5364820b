/// What an object's names or an array's items are already: each may be there once. A list that shares its older part.
///
/// The compiler releases a class's chain of its own kind in a loop, so a long list needs no deep stack.
final class Used: Sendable, Hashable {
    enum Value: Hashable {
        /// A text by its hash; where few texts are possible also by its beginnings.
        case text(UInt64, Trail?)
        case number(isNegative: Bool, UInt128)
        /// One of a list.
        case word(Int32)
    }

    let value: Value, before: Used?
    let count: Int
    private let digest: Int

    init(_ value: Value, before: Used?) {
        self.value = value
        self.before = before
        count = (before?.count ?? 0) + 1
        var hasher = Hasher()
        hasher.combine(value)
        hasher.combine(before?.digest)
        digest = hasher.finalize()
    }

    static func == (a: Used, b: Used) -> Bool { a === b || a.digest == b.digest && a.count == b.count }

    func hash(into hasher: inout Hasher) { hasher.combine(digest) }

    /// Whether one of the values satisfies a condition, the newest first.
    func contains(_ condition: (Value) -> Bool) -> Bool {
        var list: Used? = self
        while let now = list {
            if condition(now.value) { return true }
            list = now.before
        }
        return false
    }

    /// Goes through the values, the newest first.
    func forEach(_ body: (Value) -> Void) {
        _ = contains {
            body($0)
            return false
        }
    }

    /// How many of the values satisfy a condition.
    func count(_ condition: (Value) -> Bool) -> Int {
        var count = 0
        forEach { if condition($0) { count += 1 } }
        return count
    }
}

/// The hashes of all beginnings of a text.
final class Trail: Sendable, Hashable {
    let hash: UInt64, length: Int, before: Trail?

    init(_ hash: UInt64, before: Trail?) {
        self.hash = hash
        self.before = before
        length = (before?.length ?? 0) + 1
    }

    static func == (a: Trail, b: Trail) -> Bool { a === b || a.hash == b.hash && a.length == b.length }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }

    /// Whether the text begins as this one goes so far.
    func begins(as beginning: Trail) -> Bool {
        var place = self
        while place.length > beginning.length, let before = place.before { place = before }
        return place == beginning
    }
}
