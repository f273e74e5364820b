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

    @Test func oneColumnIsEnough() {
        let column = Self.layout("a水\n\tb", cursor: 1, columns: 1)
        #expect(column.rows == [">", ">", ">", " ", "a", "\u{FFFD}", ".", ".", ".", " ", " ", "b"])
        #expect([column.cursorRow, column.cursorColumn] == [5, 0])
        let end = Self.layout("a", columns: 0)
        #expect(end.rows == [">", ">", ">", " ", "a", ""] && end.cursorRow == 5)
    }

    /// The rows ">>> abcdef", "ghijklmnop" and "q" as a terminal breaks them anew.
    @Test(arguments: [
        (17, 10, 2), (17, 5, 4), (17, 4, 6), (17, 1, 20), (0, 3, 1), (0, 10, 0), (6, 5, 2), (16, 10, 2), (11, 5, 3),
    ])
    func knowsItsRowsInANarrowerWindow(_ cursor: Int, _ columns: Int, _ row: Int) {
        #expect(Self.layout("abcdefghijklmnopq", cursor: cursor).cursorRow(brokenAt: columns) == row)
    }
}
