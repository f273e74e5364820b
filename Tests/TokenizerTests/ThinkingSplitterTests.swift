import Testing
import Tokenizer

struct ThinkingSplitterTests {
    /// Thinking in brackets, answer behind it.
    static func run(_ parts: [String], startsInside: Bool = false) -> String {
        var printer = ThinkingSplitter(startsInside: startsInside)
        var all = parts.flatMap { printer.push($0) }
        all += printer.flush()
        return all.map { part in
            switch part {
            case .thinkingBegins: "["
            case .thinking(let text): text
            case .thinkingEnds: "]"
            case .answer(let text): text
            }
        }.joined()
    }

    @Test(arguments: [
        ("<think>\nhm, yes\n</think>\n\nanswer", false, "[hm, yes]answer"), ("just an answer", false, "just an answer"),
        ("  \n<think>a</think>b", false, "[a]b"), ("\nhm\n\nwell\n</think>\n\nanswer\n", true, "[hm\n\nwell]answer\n"),
        ("<think>\n\n</think>\n\nanswer", false, "answer"), ("\n</think>answer", true, "answer"), ("", true, ""),
        ("", false, ""),
        ("about the <think> tag </think>", false, "about the <think> tag </think>"),
        ("never ends", true, "[never ends]"),
        ("<think>a</think>b</think>c<think>d", false, "[a]b</think>c<think>d"),
        ("a < b </thin c</think>d", true, "[a < b </thin c]d"),
        ("<thin", false, "<thin"), ("  indented", false, "  indented"), ("</thi", true, "[</thi]"),
        ("a</th", true, "[a</th]"),
        ("水<think></think>", false, "水<think></think>"),
    ])
    func tellsThinkingFromTheAnswerWhereverThePiecesAreCut(_ text: String, _ startsInside: Bool, _ expected: String) {
        let characters = text.map { String($0) }
        #expect(Self.run([text], startsInside: startsInside) == expected)
        #expect(Self.run(characters, startsInside: startsInside) == expected)
        for cut in 0...characters.count {
            let parts = [characters[..<cut].joined(), characters[cut...].joined()]
            #expect(Self.run(parts, startsInside: startsInside) == expected)
        }
    }

    @Test func showsTextAsSoonAsItIsKnown() {
        var printer = ThinkingSplitter(startsInside: true)
        #expect(printer.push("one ") == [.thinkingBegins, .thinking("one")])
        #expect(printer.push("two") == [.thinking(" two")])
        #expect(printer.push("</think>") == [.thinkingEnds])
        #expect(printer.push("\n\n") == [])
        #expect(printer.push("yes ") == [.answer("yes ")])
    }
}
