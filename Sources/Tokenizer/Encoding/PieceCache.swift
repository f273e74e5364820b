/// Remembers the tokens of pieces that occurred earlier in the same text, since most words occur many times. Entries
/// point into the text and into the tokens produced so far, so they hold no bytes of their own. A newer piece replaces
/// an older one with the same slot.
struct PieceCache {
    private struct Entry {
        var start: Int32 = 0
        var length: Int32 = -1
        var firstToken: Int32 = 0
        var tokenCount: Int32 = 0
    }

    private var entries: [Entry]
    private let hash = ByteHash()

    /// Longer pieces, in bytes, rarely repeat.
    private static let longestPiece = 64

    /// A cache for a text of `byteCount` bytes. For a short text, making the table would cost more than it saves.
    init(byteCount: Int) {
        let worthwhile = byteCount >= 4096 && byteCount < Int(Int32.max)
        entries = worthwhile ? [Entry](repeating: Entry(), count: byteCount < 1 << 16 ? 1 << 11 : 1 << 14) : []
    }

    /// The slot for the piece `bytes[range]`; nil when it is not cached.
    @inline(__always)
    func slot(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
        if entries.isEmpty || range.count > Self.longestPiece { return nil }
        return hash(bytes, range) & (entries.count - 1)
    }

    /// The range, among the tokens produced so far, of those of the piece `bytes[range]`; nil when `slot` holds another
    /// piece.
    @inline(__always)
    func tokens(_ bytes: [UInt8], _ range: Range<Int>, slot: Int) -> Range<Int>? {
        let entry = entries[slot]
        guard Int(entry.length) == range.count else { return nil }
        let start = Int(entry.start)
        for index in 0..<range.count where bytes[start + index] != bytes[range.lowerBound + index] {
            return nil
        }
        return Int(entry.firstToken)..<Int(entry.firstToken) + Int(entry.tokenCount)
    }

    /// Stores the range of the tokens of the piece `bytes[range]`. A text has fewer than 2^31 bytes and no more tokens
    /// than bytes, so every number fits.
    @inline(__always)
    mutating func remember(_ range: Range<Int>, tokens: Range<Int>, slot: Int) {
        entries[slot] = Entry(
            start: Int32(range.lowerBound), length: Int32(range.count),
            firstToken: Int32(tokens.lowerBound), tokenCount: Int32(tokens.count))
    }
}
