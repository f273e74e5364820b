import Coordinator
import Testing

@testable import brigade

struct ThinkingPrinterTests {
    private func text(_ style: ThinkingPrinter.Style, _ parts: [[AnswerParser.Part]]) -> String {
        var printer = ThinkingPrinter(style)
        return parts.map { printer.text(of: $0) }.joined() + printer.end()
    }

    @Test func thinkingIsMarkedByStyle() {
        let parts: [[AnswerParser.Part]] = [[.thinking("h"), .thinking("m")], [], [.text("y")], [.text("es")]]
        #expect(text(.hidden, parts) == "yes")
        #expect(text(.plain, parts) == "Thinking...\nhm\n...done thinking.\n\nyes")
        #expect(
            text(.dimmed, parts)
                == "\u{1b}[2mThinking...\u{1b}[0m\n\u{1b}[2mh\u{1b}[0m\u{1b}[2mm\u{1b}[0m"
                + "\n\u{1b}[2m...done thinking.\u{1b}[0m\n\nyes")
    }

    @Test func thinkingThatNeverEndsIsClosed() {
        #expect(text(.plain, [[.thinking("hm")]]) == "Thinking...\nhm\n...done thinking.\n\n")
        #expect(text(.plain, [[.text("yes")]]) == "yes")
    }
}
