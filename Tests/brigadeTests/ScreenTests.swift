import Testing

@testable import brigade

struct ScreenTests {
    @Test func newLinesAreDrawnOverTheOldOnes() {
        #expect(Screen.drawing(["a", "b"], over: [], columns: 80) == "\r\u{1b}[Ja\r\nb")
        #expect(Screen.drawing(["a", "b", "c"], over: ["a", "b"], columns: 80) == "\r\u{1b}[1A\u{1b}[Ja\r\nb\r\nc")
        #expect(Screen.drawing([], over: ["a", "b", "c"], columns: 80) == "\r\u{1b}[2A\u{1b}[J")
    }

    @Test func whatWasNotDrawnIsNotTakenAway() {
        #expect(Screen.drawing([], over: [], columns: 80) == "")
    }

    @Test func inANarrowerWindowOlderLinesTakeSeveralRows() {
        let line = String(repeating: "x", count: 79)
        #expect(Screen.drawing(["y"], over: [line], columns: 40) == "\r\u{1b}[1A\u{1b}[Jy")
        #expect(Screen.drawing(["y"], over: [line, line], columns: 20) == "\r\u{1b}[7A\u{1b}[Jy")
    }
}
