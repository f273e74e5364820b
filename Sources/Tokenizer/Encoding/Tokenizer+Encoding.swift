/// A part of a prompt's text: either the template's own, in which control tokens are recognised, or text from a
/// message, in which they are not.
public struct PromptSegment: Sendable, Equatable {
    /// The text.
    public var text: String
    /// Whether control tokens such as `<|im_end|>` are recognised in this text.
    public var parsesControlTokens: Bool

    /// A segment with the given text.
    public init(_ text: String, parsesControlTokens: Bool) {
        self.text = text
        self.parsesControlTokens = parsesControlTokens
    }
}

extension Tokenizer {
    /// The tokens of `text`, without a beginning-of-sequence token.
    ///
    /// - Parameters:
    ///   - text: any text; it is split by the model's pre-tokenizer and not normalised.
    ///   - parseSpecial: whether control tokens in the text become their ids. Without it `<|im_end|>` is plain text.
    ///   User-defined tokens (`<tool_call>`, QwQ's `<think>`) are text and always become their ids. If several tokens
    ///   start at one position, the longest counts.
    public func encode(_ text: String, parseSpecial: Bool) -> [Int32] {
        let bytes = Array(text.utf8)
        return encode(bytes, trusted: parseSpecial ? [0..<bytes.count] : [])
    }

    /// The tokens of the segments' joined text: the same as of one string, except that a control token is recognised
    /// only where it lies within one segment, or several in a row, with `parsesControlTokens`.
    public func encode(_ segments: [PromptSegment]) -> [Int32] {
        var bytes: [UInt8] = []
        var trusted: [Range<Int>] = []
        for segment in segments {
            let start = bytes.count
            bytes.append(contentsOf: segment.text.utf8)
            guard segment.parsesControlTokens else { continue }
            if let last = trusted.last, last.upperBound == start {
                trusted[trusted.count - 1] = last.lowerBound..<bytes.count
            } else {
                trusted.append(start..<bytes.count)
            }
        }
        return encode(bytes, trusted: trusted)
    }

    /// The tokens of `bytes`, which must be valid UTF-8. Control tokens are recognised inside the `trusted` ranges,
    /// which ascend and do not touch.
    func encode(_ bytes: [UInt8], trusted: [Range<Int>]) -> [Int32] {
        var out: [Int32] = []
        out.reserveCapacity(bytes.count / 3)
        var merger = PieceMerger(merges, byteTokens: byteTokens)
        var cache = PieceCache(byteCount: bytes.count)
        var ranges = trusted[...]
        var plainStart = 0
        var place = 0
        while place < bytes.count {
            guard specials.mayBegin(bytes[place]) else {
                place += 1
                continue
            }
            while let range = ranges.first, range.upperBound <= place { ranges.removeFirst() }
            let trustedEnd = ranges.first.map { $0.lowerBound <= place ? $0.upperBound : 0 } ?? 0
            guard let match = specials.longestMatch(bytes, at: place, trustedEnd: trustedEnd) else {
                place += 1
                continue
            }
            encodePlain(bytes, plainStart..<place, &merger, &cache, to: &out)
            out.append(match.id)
            place = match.end
            plainStart = place
        }
        encodePlain(bytes, plainStart..<place, &merger, &cache, to: &out)
        return out
    }

    /// Splits `bytes[range]`, which has no special tokens, into pieces and appends their tokens.
    private func encodePlain(
        _ bytes: [UInt8], _ range: Range<Int>, _ merger: inout PieceMerger, _ cache: inout PieceCache,
        to out: inout [Int32]
    ) {
        let cutter = preTokenizer
        var start = range.lowerBound
        while start < range.upperBound {
            let end = cutter.pieceEnd(bytes, from: start, to: range.upperBound)
            let piece = start..<end
            start = end
            guard let slot = cache.slot(bytes, piece) else {
                append(bytes, piece, &merger, to: &out)
                continue
            }
            if let known = cache.tokens(bytes, piece, slot: slot) {
                for index in known { out.append(out[index]) }
            } else {
                let first = out.count
                append(bytes, piece, &merger, to: &out)
                cache.remember(piece, tokens: first..<out.count, slot: slot)
            }
        }
    }

    private func append(_ bytes: [UInt8], _ piece: Range<Int>, _ merger: inout PieceMerger, to out: inout [Int32]) {
        if preTokenizer.takesWholePieces, let whole = table.id(of: bytes, piece) {
            out.append(whole)
        } else {
            merger.append(bytes, piece, to: &out)
        }
    }
}
