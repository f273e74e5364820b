import Testing

@testable import brigade

struct ProgressBoardTests {
    @Test func newLinesAreDrawnOverTheOldOnes() {
        #expect(ProgressBoard.drawing(["a", "b"], over: 0, rows: 24) == "\r\u{1b}[Ja\nb\n")
        #expect(ProgressBoard.drawing(["a", "b", "c"], over: 2, rows: 24) == "\u{1b}[2A\r\u{1b}[Ja\nb\nc\n")
        #expect(ProgressBoard.drawing([], over: 3, rows: 24) == "\u{1b}[3A\r\u{1b}[J")
    }

    @Test func noMoreIsDrawnThanTheScreenHasRoomFor() {
        #expect(ProgressBoard.drawing(["a", "b", "c", "d"], over: 0, rows: 3) == "\r\u{1b}[Ja\nb\n")
        #expect(ProgressBoard.drawing(["a", "b"], over: 0, rows: 1) == "\r\u{1b}[Ja\n")
    }
}
