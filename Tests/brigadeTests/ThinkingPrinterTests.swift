import Coordinator
import Testing

@testable import brigade

struct ThinkingPrinterTests {
    private func text(_ style: ThinkingPrinter.Style, _ parts: [[AnswerParser.Part]]) -> String {
        var printer = ThinkingPrinter(style)
        let pieces = parts.flatMap { printer.pieces(of: $0) } + printer.end()
        return pieces.map { $0.isDimmed ? "(\($0.text))" : $0.text }.joined()
    }

    @Test func thinkingIsMarkedByStyle() {
        let parts: [[AnswerParser.Part]] = [[.thinking("h"), .thinking("m")], [], [.text("y")], [.text("es")]]
        #expect(text(.hidden, parts) == "yes")
        #expect(text(.plain, parts) == "Thinking...\nhm\n...done thinking.\n\nyes")
        #expect(text(.dimmed, parts) == "(Thinking...)\n(h)(m)\n(...done thinking.)\n\nyes")
    }

    @Test func thinkingThatNeverEndsIsClosed() {
        #expect(text(.plain, [[.thinking("hm")]]) == "Thinking...\nhm\n...done thinking.\n\n")
        #expect(text(.plain, [[.text("yes")]]) == "yes")
    }
}
