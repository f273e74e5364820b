/// Splits text into pieces that are merged separately, by the patterns of Qwen2 and Llama 3.
///
/// The pattern of Qwen2 (also of DeepSeek-R1-Distill-Qwen), from the models' published tokenizer configurations; the
/// first alternative that matches counts:
///
///     (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
///
/// Llama 3's pattern has `\p{N}{1,3}` in place of `\p{N}`.
///
/// Some alternative matches at every position, so the pieces cover the text without gaps. Each step scans forward and
/// goes back by at most one character, so any text takes linear time.
struct PreTokenizer: Sendable {
    private let classes = CharacterClasses.shared
    /// Limit on the numbers (characters of class N) in one piece.
    private let numberLimit: Int
    /// Whether a piece that is a token becomes that token regardless of merges: Llama 3's `ignore_merges`.
    let takesWholePieces: Bool
    /// Whether a sequence begins with the beginning-of-sequence token when the file does not say.
    let addsBOS: Bool

    /// The values of `tokenizer.ggml.pre` that are implemented.
    static let names = ["qwen2", "deepseek-r1-qwen", "llama-bpe"]

    /// The pre-tokenizer of that name; nil for an unknown one.
    init?(named name: String) {
        guard Self.names.contains(name) else { return nil }
        let isLlama = name == "llama-bpe"
        numberLimit = isLlama ? 3 : 1
        takesWholePieces = isLlama
        addsBOS = isLlama
    }

    /// The end of the piece that starts at `start`.
    ///
    /// - Parameters:
    ///   - bytes: valid UTF-8.
    ///   - start: the first byte of a character, below `end`.
    ///   - end: the end of the text; bytes after it are not read.
    func pieceEnd(_ bytes: [UInt8], from start: Int, to end: Int) -> Int {
        if bytes[start] == 0x27 {
            let length = contractionLength(bytes, after: start + 1, to: end)
            if length > 0 { return start + 1 + length }
        }
        let (first, second) = character(bytes, start)
        switch first {
        case .letter:
            return skip(.letter, bytes, from: second, to: end)
        case .number:
            return skip(.number, bytes, from: second, to: end, atMost: numberLimit - 1)
        case .newline:
            return whiteSpaceEnd(bytes, from: start, to: end)
        case .other, .space:
            guard second < end else { return second }
            let (follower, third) = character(bytes, second)
            if follower == .letter { return skip(.letter, bytes, from: third, to: end) }
            if first == .other || (bytes[start] == 0x20 && follower == .other) {
                let others = skip(.other, bytes, from: second, to: end)
                return skip(.newline, bytes, from: others, to: end)
            }
            return whiteSpaceEnd(bytes, from: start, to: end)
        }
    }

    /// The last three alternatives, for a run of white space at `start`. The piece ends after the run's last line break
    /// if it has one. Otherwise it leaves out the run's last character, which belongs to the following word, unless the
    /// text ends there.
    private func whiteSpaceEnd(_ bytes: [UInt8], from start: Int, to end: Int) -> Int {
        var place = start
        var last = start
        var afterNewline: Int?
        while place < end {
            let (kind, next) = character(bytes, place)
            guard kind == .space || kind == .newline else { break }
            if kind == .newline { afterNewline = next }
            last = place
            place = next
        }
        if let afterNewline { return afterNewline }
        return place == end || last == start ? place : last
    }

    /// The length of `s`, `t`, `re`, `ve`, `m`, `ll` or `d`, in either case, after an apostrophe; 0 for none.
    private func contractionLength(_ bytes: [UInt8], after start: Int, to end: Int) -> Int {
        guard start < end else { return 0 }
        // Setting bit 5 makes ASCII letters lower-case, and turns no other byte into one of these letters.
        let first = bytes[start] | 0x20
        switch first {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 1
        default: break
        }
        guard start + 1 < end else { return 0 }
        switch (first, bytes[start + 1] | 0x20) {
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return 2
        default: return 0
        }
    }

    /// The first position from `start` on that has a character of another class or follows `limit` characters of this
    /// class.
    @inline(__always)
    private func skip(_ kind: CharacterClass, _ bytes: [UInt8], from start: Int, to end: Int, atMost limit: Int = .max)
        -> Int
    {
        var place = start, left = limit
        while place < end, left > 0 {
            let (found, next) = character(bytes, place)
            if found != kind { break }
            place = next
            left -= 1
        }
        return place
    }

    /// The class of the character at `place`, and the position of the next one.
    @inline(__always)
    private func character(_ bytes: [UInt8], _ place: Int) -> (CharacterClass, next: Int) {
        let lead = UInt32(bytes[place])
        if lead < 0x80 { return (classes[lead], place + 1) }
        let second = UInt32(bytes[place + 1] & 0x3F)
        if lead < 0xE0 { return (classes[(lead & 0x1F) << 6 | second], place + 2) }
        let third = UInt32(bytes[place + 2] & 0x3F)
        if lead < 0xF0 { return (classes[(lead & 0x0F) << 12 | second << 6 | third], place + 3) }
        let fourth = UInt32(bytes[place + 3] & 0x3F)
        return (classes[(lead & 0x07) << 18 | second << 12 | third << 6 | fourth], place + 4)
    }
}
