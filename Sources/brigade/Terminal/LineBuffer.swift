/// A line being edited: keys in, state out. Knows no terminal.
struct LineBuffer: Equatable, Sendable {
    /// What a key led to.
    enum Outcome: Equatable, Sendable {
        /// Show the line again.
        case changed
        /// Nothing to show.
        case unchanged
        /// Enter: the line is done.
        case submitted(String)
        /// Ctrl-C on an empty line.
        case interrupted
        /// Ctrl-D on an empty line.
        case ended
        /// Clear the screen and show the line again.
        case clearScreen
        /// Stop the process until it is continued.
        case suspend
    }

    /// The text, and where the next character goes, as an index into it.
    private(set) var text: [Character] = []
    private(set) var cursor = 0
    /// Earlier lines, oldest first; `recalled` is the one on show, `draft` what was typed before it.
    private let history: [String]
    private var recalled: Int?
    private var draft: [Character] = []

    /// An empty line over earlier ones.
    init(history: [String] = []) { self.history = history }

    /// Takes a key.
    mutating func apply(_ key: Key) -> Outcome {
        let before = self
        switch key {
        case .character(let character): insert(String(character))
        case .paste(let string): insert(string)
        case .enter: return .submitted(String(text))
        case .backspace: remove(max(cursor - 1, 0)..<cursor)
        case .delete: remove(cursor..<min(cursor + 1, text.count))
        case .left: cursor = max(cursor - 1, 0)
        case .right: cursor = min(cursor + 1, text.count)
        case .wordLeft: cursor = wordStart
        case .wordRight: cursor = wordEnd
        case .home: cursor = 0
        case .end: cursor = text.count
        case .up: recall(-1)
        case .down: recall(1)
        case .killToStart: remove(0..<cursor)
        case .killToEnd: remove(cursor..<text.count)
        case .killWord: remove(blankStart..<cursor)
        case .clearScreen: return .clearScreen
        case .suspend: return .suspend
        case .identity: return .unchanged
        case .interrupt:
            if text.isEmpty { return .interrupted }
            self = LineBuffer(history: history)
            return .changed
        case .endOfInput:
            if text.isEmpty { return .ended }
            remove(cursor..<min(cursor + 1, text.count))
        }
        return text == before.text && cursor == before.cursor ? .unchanged : .changed
    }

    private mutating func insert(_ string: String) {
        // A combining mark joins the character before it.
        let first = cursor > 0 ? cursor - 1 : 0
        let replacement = Array(String(text[first..<cursor]) + string)
        text.replaceSubrange(first..<cursor, with: replacement)
        cursor = first + replacement.count
    }

    private mutating func remove(_ range: Range<Int>) {
        text.removeSubrange(range)
        cursor = range.lowerBound
    }

    private mutating func recall(_ step: Int) {
        let now = recalled ?? history.count
        let next = now + step
        guard (0...history.count).contains(next) else { return }
        if recalled == nil { draft = text }
        recalled = next < history.count ? next : nil
        text = next < history.count ? Array(history[next]) : draft
        cursor = text.count
    }

    /// Where the word at or before the cursor begins.
    private var wordStart: Int {
        var i = cursor
        while i > 0, !isWord(text[i - 1]) { i -= 1 }
        while i > 0, isWord(text[i - 1]) { i -= 1 }
        return i
    }

    /// Behind the word at or after the cursor.
    private var wordEnd: Int {
        var i = cursor
        while i < text.count, !isWord(text[i]) { i += 1 }
        while i < text.count, isWord(text[i]) { i += 1 }
        return i
    }

    /// Where the run of non-blanks at or before the cursor begins: what ctrl-W removes in a shell.
    private var blankStart: Int {
        var i = cursor
        while i > 0, text[i - 1].isWhitespace { i -= 1 }
        while i > 0, !text[i - 1].isWhitespace { i -= 1 }
        return i
    }

    private func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber || character == "_" }
}
