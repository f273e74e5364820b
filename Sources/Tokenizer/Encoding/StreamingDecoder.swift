/// Turns token ids into text as they arrive. A token may end inside a character; the beginning of that character is
/// held back until the rest arrives or can no longer arrive.
///
/// The returned strings, joined, equal `String(decoding:as:)` of all the bytes: every maximal ill-formed subpart
/// becomes U+FFFD (Unicode Standard, section 3.9, "U+FFFD Substitution of Maximal Subparts").
public struct StreamingDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let showsControlTokens: Bool
    /// Control tokens that are part of the text all the same.
    private let shown: Set<Int32>
    /// The beginning of a character: at most 3 bytes between two calls.
    private var pending: [UInt8] = []

    /// A decoder at the start of a text. Control tokens are shown as their text (`<|im_end|>`) or left out, save for
    /// those whose texts are among `marks`.
    public init(_ tokenizer: Tokenizer, showsControlTokens: Bool, marks: [String] = []) {
        shown = Set(marks.compactMap { tokenizer.token(named: $0) })
        self.tokenizer = tokenizer
        self.showsControlTokens = showsControlTokens
    }

    /// The text that is certain after token `id`, perhaps empty. An id out of range adds nothing.
    public mutating func append(_ id: Int32) -> String {
        guard tokenizer.contains(id), showsControlTokens || !tokenizer.isControl(id) || shown.contains(id) else {
            return ""
        }
        pending.append(contentsOf: tokenizer.table.storage[tokenizer.table.range(of: id)])
        let certain = pending.count - Self.unfinishedLength(pending)
        let text = String(decoding: pending[..<certain], as: UTF8.self)
        pending.removeSubrange(..<certain)
        return text
    }

    /// The text of the bytes held back: U+FFFD for an incomplete character. Then the decoder can start another text.
    public mutating func finish() -> String {
        defer { pending.removeAll() }
        return String(decoding: pending, as: UTF8.self)
    }

    /// How many bytes (0 to 3) at the end of `bytes` are an incomplete but well-formed beginning of a character.
    static func unfinishedLength(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let lead = bytes[bytes.count - length]
            if lead & 0xC0 == 0x80 { continue }
            return isBeginning(bytes.suffix(length)) ? length : 0
        }
        return 0
    }

    /// Whether `bytes` (a lead byte or ASCII, then up to two continuation bytes) are an incomplete but well-formed
    /// beginning of a character: Unicode Standard, table 3-7.
    private static func isBeginning(_ bytes: ArraySlice<UInt8>) -> Bool {
        let lead = bytes[bytes.startIndex]
        let seconds: ClosedRange<UInt8>
        let length: Int
        switch lead {
        case 0xC2...0xDF: (seconds, length) = (0x80...0xBF, 2)
        case 0xE0: (seconds, length) = (0xA0...0xBF, 3)
        case 0xED: (seconds, length) = (0x80...0x9F, 3)
        case 0xE1...0xEF: (seconds, length) = (0x80...0xBF, 3)
        case 0xF0: (seconds, length) = (0x90...0xBF, 4)
        case 0xF1...0xF3: (seconds, length) = (0x80...0xBF, 4)
        case 0xF4: (seconds, length) = (0x80...0x8F, 4)
        default: return false
        }
        guard bytes.count < length else { return false }
        return bytes.count == 1 || seconds.contains(bytes[bytes.startIndex + 1])
    }
}

extension Tokenizer {
    /// The text of all `ids`; bytes that are not valid UTF-8 become U+FFFD.
    public func decode(_ ids: [Int32], showsControlTokens: Bool) -> String {
        var bytes: [UInt8] = []
        for id in ids where contains(id) && (showsControlTokens || !isControl(id)) {
            bytes.append(contentsOf: table.storage[table.range(of: id)])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
