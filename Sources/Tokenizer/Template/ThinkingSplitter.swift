/// Tells a model's thinking from its answer as the text arrives.
///
/// Thinking stands between two tags, `<think>` and `</think>` for most models, at the beginning of the text, or begins
/// at once where the chat template has already opened it. Tags elsewhere are part of the answer: a model may be asked
/// about them. The tags, which may be cut across parts, are not shown, nor is the white space around them.
public struct ThinkingSplitter: Sendable {
    /// A part of the output.
    public enum Part: Equatable, Sendable {
        case thinkingBegins
        case thinking(String)
        case thinkingEnds
        case answer(String)
    }

    private let opening: String, closing: String

    private enum State { case start, openingSpace, thinking, closingSpace, answer }
    private var state: State
    private var held = ""

    /// A splitter; `startsInside` when the prompt ends with an opened `<think>`.
    public init(startsInside: Bool, tags: ThinkingTags = ThinkingTags()) {
        state = startsInside ? .openingSpace : .start
        opening = tags.opening
        closing = tags.closing
    }

    /// Takes the next part of text and returns its parts.
    public mutating func push(_ text: String) -> [Part] {
        var parts: [Part] = []
        held += text
        while advance(&parts) {}
        return parts
    }

    /// What was held back, when the text has ended; an open thinking is closed.
    public mutating func flush() -> [Part] {
        defer {
            held = ""
            state = .answer
        }
        switch state {
        case .start, .answer: return held.isEmpty ? [] : [.answer(held)]
        case .openingSpace: return held.isEmpty ? [] : [.thinkingBegins, .thinking(held), .thinkingEnds]
        case .closingSpace: return []
        case .thinking:
            let rest = Self.withoutTrailingSpace(held)
            return rest.isEmpty ? [.thinkingEnds] : [.thinking(rest), .thinkingEnds]
        }
    }

    /// One step; false when more text is needed.
    private mutating func advance(_ parts: inout [Part]) -> Bool {
        switch state {
        case .start:
            let text = held.drop(while: \.isWhitespace)
            if text.hasPrefix(opening) {
                held = String(text.dropFirst(opening.count))
                state = .openingSpace
                return true
            }
            if opening.hasPrefix(text) { return false }
            state = .answer
            return true
        case .openingSpace:
            held = String(held.drop(while: \.isWhitespace))
            if held.hasPrefix(closing) {  // nothing was thought
                held = String(held.dropFirst(closing.count))
                state = .closingSpace
                return true
            }
            if closing.hasPrefix(held) { return false }
            parts.append(.thinkingBegins)
            state = .thinking
            return true
        case .thinking:
            if let tag = held.firstRange(of: closing) {
                let rest = Self.withoutTrailingSpace(held[..<tag.lowerBound])
                parts += rest.isEmpty ? [.thinkingEnds] : [.thinking(rest), .thinkingEnds]
                held = String(held[tag.upperBound...])
                state = .closingSpace
                return true
            }
            let shown = Self.withoutTrailingSpace(held.dropLast(closingAtEnd(of: held)))
            if !shown.isEmpty { parts.append(.thinking(shown)) }
            held = String(held.dropFirst(shown.count))
            return false
        case .closingSpace:
            held = String(held.drop(while: \.isWhitespace))
            guard !held.isEmpty else { return false }
            state = .answer
            return true
        case .answer:
            if !held.isEmpty { parts.append(.answer(held)) }
            held = ""
            return false
        }
    }

    /// How many characters at the end of the text may begin the closing tag.
    private func closingAtEnd(of text: String) -> Int {
        var length = min(text.count, closing.count - 1)
        while length > 0, !closing.hasPrefix(text.suffix(length)) { length -= 1 }
        return length
    }

    private static func withoutTrailingSpace(_ text: some StringProtocol) -> String {
        String(text.reversed().drop(while: \.isWhitespace).reversed())
    }
}
