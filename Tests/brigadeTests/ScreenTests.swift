import Testing

@testable import brigade

struct ScreenTests {
    private static func drawing(_ lines: [String], columns: Int = 80, rows: Int = 24) -> String {
        Screen.drawing(progress: lines, columns: columns, rows: rows)
    }

    @Test func progressIsDrawnFromTheCursorOnWhichComesBack() {
        #expect(Self.drawing(["a"]) == "\r\u{1b}[2K \u{1b}[J\ra\r")
        #expect(Self.drawing(["a", "b", "c"]) == "\r\u{1b}[2K \u{1b}[J\ra\r\nb\r\nc\u{1b}[2A\r")
        #expect(Self.drawing([]) == "\r\u{1b}[2K \u{1b}[J\r")
    }

    @Test func linesOfAWiderWindowAreCut() {
        #expect(Self.drawing(["0123456789", "水水"], columns: 5) == "\r\u{1b}[2K \u{1b}[J\r0123\r\n水水\u{1b}[1A\r")
        #expect(Self.drawing(["0123"], columns: 1) == "\r\u{1b}[2K \u{1b}[J\r0\r")
        #expect(Self.drawing(["a", "b", "c"], rows: 3) == "\r\u{1b}[2K \u{1b}[J\ra\r\nb\u{1b}[1A\r")
    }

    @Test func anEditedLineIsDrawnOverWhatWasShown() {
        let layout = LineLayoutTests.layout("abcdefg", cursor: 2)
        #expect(
            Screen.drawing(layout, from: 1)
                == "\r\u{1b}[1A\r\u{1b}[2K \u{1b}[J\r>>> abcdef\r\ng\u{1b}[1A\r\u{1b}[6C")
        #expect(Screen.drawing(LineLayoutTests.layout(""), from: 0) == "\r\u{1b}[2K \u{1b}[J\r>>> \r\u{1b}[4C")
        #expect(Screen.drawing(nil, from: 2) == "\r\u{1b}[2A\r\u{1b}[2K \u{1b}[J\r")
    }
}
