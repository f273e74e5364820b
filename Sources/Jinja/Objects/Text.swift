/// A string that remembers, character for character, where it comes from.
///
/// Indices and lengths are Python's: of Unicode scalars. What is trusted stands literally in the template or in a
/// variable that the caller trusts; what a user or a tool wrote is not, whatever is done with it. Equality, order and
/// hashing do not look at trust.
struct Text: Sendable {
    /// A stretch of the same trust that begins where the one before it ends.
    struct Run: Sendable {
        /// The byte behind the last one.
        var end: Int
        var isTrusted: Bool
    }

    /// The UTF-8 bytes, always valid.
    let bytes: [UInt8]
    /// The number of Unicode scalars.
    let count: Int
    /// Where trust changes; empty when it never does.
    let runs: [Run]
    /// The trust of every character, if `runs` is empty.
    private let uniformTrust: Bool
    /// Whether Python would have it a `Markup`: made by `safe` or `escape`; joined with others, it escapes them.
    let isMarkup: Bool

    init(bytes: [UInt8], count: Int, isTrusted: Bool, isMarkup: Bool = false) {
        self.bytes = bytes
        self.count = count
        self.runs = []
        self.uniformTrust = isTrusted
        self.isMarkup = isMarkup
    }

    /// With at least two runs, the last of which ends where the bytes do.
    init(bytes: [UInt8], count: Int, runs: [Run], isMarkup: Bool) {
        self.bytes = bytes
        self.count = count
        self.runs = runs.count > 1 ? runs : []
        self.uniformTrust = runs.first?.isTrusted ?? true
        self.isMarkup = isMarkup
    }

    init(_ string: String, isTrusted: Bool) {
        let bytes = Array(string.utf8)
        self.init(bytes: bytes, count: Self.countScalars(bytes[...]), isTrusted: isTrusted)
    }

    /// The same characters, trusted as they are, as `Markup` or no longer.
    func asMarkup(_ isMarkup: Bool) -> Text {
        if isMarkup == self.isMarkup { return self }
        return runs.isEmpty
            ? Text(bytes: bytes, count: count, isTrusted: uniformTrust, isMarkup: isMarkup)
            : Text(bytes: bytes, count: count, runs: runs, isMarkup: isMarkup)
    }

    static let empty = Text(bytes: [], count: 0, isTrusted: true)

    /// Roughly the bytes that holding it takes.
    var size: Int { bytes.count + 16 * (runs.count + 1) }

    var isEmpty: Bool { bytes.isEmpty }
    var isASCII: Bool { count == bytes.count }
    var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether every character is trusted.
    var isTrusted: Bool { runs.isEmpty && uniformTrust }

    /// Whether the character at a byte is trusted.
    func isTrusted(at byte: Int) -> Bool { runs.isEmpty ? uniformTrust : runs[runIndex(at: byte)].isTrusted }

    /// The run a byte lies in; there must be runs.
    func runIndex(at byte: Int) -> Int {
        var low = 0, high = runs.count - 1
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].end > byte { high = middle } else { low = middle + 1 }
        }
        return low
    }

    static func countScalars(_ bytes: ArraySlice<UInt8>) -> Int {
        var count = 0
        for byte in bytes { count += byte & 0xC0 != 0x80 ? 1 : 0 }
        return count
    }
}

extension Text: Hashable, Comparable {
    static func == (a: Text, b: Text) -> Bool { a.bytes == b.bytes }
    func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
    /// By code point, which is also the order of UTF-8's bytes.
    static func < (a: Text, b: Text) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }

    func equals(_ other: StaticString) -> Bool {
        bytes.count == other.utf8CodeUnitCount && bytes.elementsEqual(other.description.utf8)
    }
}

extension Text: ExpressibleByStringLiteral {
    /// A name that stands in the source: trusted.
    init(stringLiteral value: String) { self.init(value, isTrusted: true) }
}
