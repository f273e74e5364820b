/// Collects chat lines into commands: a text between `"""` and `"""` may go over many lines, as a message or as the
/// text of `/set system`. Quotes on a line of their own add no newline to the text.
struct ChatInput: Equatable, Sendable {
    private enum Purpose: Equatable { case message, system }
    private static let quotes = "\"\"\""
    private var open: Purpose?
    private var lines: [String] = []

    /// Whether a `"""` text is open, so that the next line continues it.
    var isContinuing: Bool { open != nil }

    /// Takes a line; returns what it means, or nil when it is blank or more is to come.
    mutating func take(_ line: String) throws(ChatCommandError) -> ChatCommand? {
        if let purpose = open { return continued(line, purpose) }
        let text = line.drop(while: \.isWhitespace)
        if text.hasPrefix(Self.quotes) { return begun(String(text.dropFirst(3)), .message) }
        let words = text.split(maxSplits: 2, whereSeparator: \.isWhitespace)
        if words.count == 3, words[0] == "/set", words[1] == "system" {
            let rest = words[2].drop(while: \.isWhitespace)
            if rest.hasPrefix(Self.quotes) { return begun(String(rest.dropFirst(3)), .system) }
        }
        return try ChatCommand.parse(line)
    }

    /// Forgets an open text.
    mutating func reset() { self = ChatInput() }

    private mutating func begun(_ text: String, _ purpose: Purpose) -> ChatCommand? {
        open = purpose
        return continued(text, purpose)
    }

    private mutating func continued(_ line: String, _ purpose: Purpose) -> ChatCommand? {
        let trimmed = String(line.reversed().drop(while: \.isWhitespace).reversed())
        guard trimmed.hasSuffix(Self.quotes) else {
            lines.append(line)
            return nil
        }
        let last = String(trimmed.dropLast(3))
        if !(last.allSatisfy(\.isWhitespace) && lines.count > 1) { lines.append(last) }
        if lines[0].allSatisfy(\.isWhitespace) && lines.count > 1 { lines.removeFirst() }
        let text = lines.joined(separator: "\n")
        reset()
        guard text.contains(where: { !$0.isWhitespace }) else { return nil }
        return purpose == .message ? .message(text) : .setSystem(text)
    }
}
