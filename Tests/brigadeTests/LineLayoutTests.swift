import Testing

@testable import brigade

struct LineLayoutTests {
    static func layout(_ text: String, cursor: Int? = nil, columns: Int = 10) -> LineLayout {
        LineLayout(
            prompt: ">>> ", continuation: "... ", text: Array(text), cursor: cursor ?? text.count, columns: columns)
    }

    @Test(
        arguments: [
            ("", [">>> "], 0, 4), ("abc", [">>> abc"], 0, 7), ("abcdef", [">>> abcdef", ""], 1, 0),
            ("abcdefg", [">>> abcdef", "g"], 1, 1), ("abc\nde", [">>> abc", "... de"], 1, 6),
            ("水水水", [">>> 水水水", ""], 1, 0),
            ("a水水水", [">>> a水水", "水"], 1, 2), ("\t\t", [">>>     ", "    "], 1, 4),
            ("abcdef\ng", [">>> abcdef", "... g"], 1, 5),
        ] as [(String, [String], Int, Int)])
    func wrapsRowsItself(_ text: String, _ rows: [String], _ row: Int, _ column: Int) {
        let layout = Self.layout(text)
        #expect(layout.rows == rows)
        #expect([layout.cursorRow, layout.cursorColumn] == [row, column])
    }

    @Test(arguments: [(0, 0, 4), (5, 0, 9), (6, 1, 0), (7, 1, 1), (8, 1, 2), (9, 2, 4)])
    func placesTheCursor(_ cursor: Int, _ row: Int, _ column: Int) {
        let layout = Self.layout("abcdefgh\ni", cursor: cursor)
        #expect([layout.cursorRow, layout.cursorColumn] == [row, column])
    }

    @Test func showsTheRowsAroundTheCursorWhenNotAllFit() {
        let text = (0..<20).map { "\($0)" }.joined(separator: "\n")
        let end = Self.layout(text).window(height: 3)
        #expect(end.rows == ["... 17", "... 18", "... 19"])
        #expect(end.cursorRow == 2)
        let start = Self.layout(text, cursor: 0).window(height: 3)
        #expect(start.rows == [">>> 0", "... 1", "... 2"])
        #expect(start.cursorRow == 0)
        #expect(Self.layout("a").window(height: 3) == Self.layout("a"))
    }

    @Test(arguments: [
        ("a", 1), ("é", 1), ("e\u{301}", 1), ("水", 2), ("한", 2), ("ｆ", 2), ("👍🏽", 2), ("🇨🇭", 2), ("❤\u{fe0f}", 2),
        ("❤", 1), ("\u{301}", 0), ("", 0),
    ])
    func knowsHowWideCharactersAre(_ text: String, _ width: Int) {
        #expect(displayWidth(text) == width)
    }

    @Test func drawsOverWhatWasShown() {
        let layout = Self.layout("abcdefg", cursor: 2)
        #expect(LineEditor.drawing(layout, from: 1) == "\r\u{1b}[1A\u{1b}[J>>> abcdef\r\ng\u{1b}[1A\r\u{1b}[6C")
        #expect(LineEditor.drawing(Self.layout(""), from: 0) == "\r\u{1b}[J>>> \r\u{1b}[4C")
    }
}
