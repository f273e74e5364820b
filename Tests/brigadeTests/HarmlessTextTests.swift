import Testing

@testable import brigade

struct HarmlessTextTests {
    @Test(arguments: [
        ("a\u{1b}[31m\r\n\tb\u{9b}", "a\u{241B}[31m\n\tb\u{FFFD}"), ("a\rb\u{0}\u{7f}", "a\u{240D}b\u{2400}\u{2421}"),
        ("\u{1b}]0;title\u{7}", "\u{241B}]0;title\u{2407}"), ("abc\u{202e}cba\u{2066}", "abc\u{FFFD}cba\u{FFFD}"),
        ("a\u{2028}b", "a\u{FFFD}b"), ("a\r", "a\u{240D}"),
    ])
    func textFromOutsideCannotCommandTheTerminal(_ text: String, _ shown: String) {
        #expect(harmless(text) == shown)
    }

    @Test(arguments: ["", "plain", "é 水 👍🏽 — “quoted” ا", "two\nlines\tand a tab", "👨\u{200d}👩\u{200d}👧"])
    func otherTextStaysAsItIs(_ text: String) {
        #expect(Array(harmless(text).unicodeScalars) == Array(text.unicodeScalars))
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("水水水", 5, "水水…"), ("水水水", 4, "水…"), ("ab", 1, "…"),
        ("ab", 0, ""),
        ("", 0, ""),
    ])
    func textIsCutToColumns(_ text: String, _ columns: Int, _ shown: String) {
        #expect(shortened(text, to: columns) == shown)
    }

    @Test func sentencesAreBrokenAtSpaces() {
        #expect(filled("one two three", columns: 8) == "one two\nthree")
        #expect(filled("one two three", columns: 8, hanging: 2) == "one two\n  three")
        #expect(filled("  one two three\n\nfour", columns: 9) == "  one two\n  three\n\nfour")
        #expect(filled("tcp://a-long-address and", columns: 8) == "tcp://a-long-address\nand")
        #expect(filled("fits as it  is", columns: 80) == "fits as it  is")
    }
}
