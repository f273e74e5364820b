import Testing

@testable import brigade

struct LineBufferTests {
    /// The line after these keys, "|" marking the cursor.
    static func line(_ keys: [Key], history: [String] = []) -> String {
        var buffer = LineBuffer(history: history)
        for key in keys { _ = buffer.apply(key) }
        return String(buffer.text[..<buffer.cursor]) + "|" + String(buffer.text[buffer.cursor...])
    }

    static func type(_ text: String) -> [Key] { text.map { .character($0) } }

    @Test(
        arguments: [
            ([], "one two|"), ([.left, .left, .character("X")], "one tX|wo"), ([.backspace], "one tw|"),
            ([.home, .delete], "|ne two"), ([.home, .backspace], "|one two"), ([.delete], "one two|"),
            ([.right], "one two|"),
            ([.wordLeft], "one |two"), ([.wordLeft, .wordLeft], "|one two"),
            ([.wordLeft, .wordLeft, .wordLeft], "|one two"),
            ([.home, .wordRight], "one| two"), ([.home, .wordRight, .wordRight], "one two|"),
            ([.home, .end], "one two|"),
            ([.killWord], "one |"), ([.killWord, .killWord], "|"), ([.killToStart], "|"),
            ([.wordLeft, .killToStart], "|two"),
            ([.wordLeft, .killToEnd], "one |"), ([.home, .endOfInput], "|ne two"), ([.interrupt], "|"),
            ([.home, .paste("a\nb")], "a\nb|one two"), ([.up], "one two|"), ([.down], "one two|"),
        ] as [([Key], String)])
    func editsALine(_ keys: [Key], _ expected: String) {
        #expect(Self.line(Self.type("one two") + keys) == expected)
    }

    @Test func editsCharactersNotBytes() {
        #expect(Self.line(Self.type("a水👍🏽é") + [.backspace]) == "a水👍🏽|")
        #expect(Self.line(Self.type("a水👍🏽é") + [.left, .left, .backspace]) == "a|👍🏽é")
        // A combining accent joins the letter before it.
        var buffer = LineBuffer()
        for key in Self.type("xe") + [.character("\u{301}")] { _ = buffer.apply(key) }
        #expect(buffer.text.count == 2)
        #expect(buffer.cursor == 2)
    }

    @Test func enterSubmitsTheWholeLineWhereverTheCursorStands() {
        var buffer = LineBuffer()
        for key in Self.type("abc") + [.left, .left] { _ = buffer.apply(key) }
        #expect(buffer.apply(.enter) == .submitted("abc"))
    }

    @Test func controlKeysMeanSomethingElseOnAnEmptyLine() {
        var buffer = LineBuffer()
        #expect(buffer.apply(.interrupt) == .interrupted)
        #expect(buffer.apply(.endOfInput) == .ended)
        #expect(buffer.apply(.backspace) == .unchanged)
        #expect(buffer.apply(.character("a")) == .changed)
        #expect(buffer.apply(.endOfInput) == .unchanged)
        #expect(buffer.apply(.interrupt) == .changed)
        #expect(buffer.apply(.interrupt) == .interrupted)
        #expect(buffer.apply(.clearScreen) == .clearScreen)
        #expect(buffer.apply(.suspend) == .suspend)
    }

    @Test func historyGoesBackAndForthAndKeepsTheDraft() {
        let history = ["first", "second"]
        let typed = Self.type("draft")
        #expect(Self.line(typed + [.up], history: history) == "second|")
        #expect(Self.line(typed + [.up, .up], history: history) == "first|")
        #expect(Self.line(typed + [.up, .up, .up], history: history) == "first|")
        #expect(Self.line(typed + [.up, .up, .down], history: history) == "second|")
        #expect(Self.line(typed + [.up, .up, .down, .down], history: history) == "draft|")
        #expect(Self.line(typed + [.up, .up, .down, .down, .down], history: history) == "draft|")
        #expect(Self.line(typed + [.up, .interrupt, .up], history: history) == "second|")
        #expect(Self.line([.up, .character("!"), .up, .down], history: history) == "second|")
    }
}
