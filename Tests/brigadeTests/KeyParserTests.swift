import Testing

@testable import brigade

struct KeyParserTests {
    static func keys(_ text: String) -> [Key] { keys(Array(text.utf8)) }

    static func keys(_ bytes: [UInt8]) -> [Key] {
        var parser = KeyParser()
        return bytes.compactMap { parser.feed($0) }
    }

    @Test(
        arguments: [
            ("a", .character("a")), ("水", .character("水")), ("👍", .character("👍")), ("\r", .enter), ("\n", .enter),
            ("\u{7f}", .backspace), ("\u{8}", .backspace), ("\u{1b}[D", .left), ("\u{1b}OC", .right), ("\u{2}", .left),
            ("\u{6}", .right), ("\u{1b}[A", .up), ("\u{1b}OB", .down), ("\u{10}", .up), ("\u{e}", .down),
            ("\u{1b}[H", .home),
            ("\u{1b}OF", .end), ("\u{1b}[1~", .home), ("\u{1b}[4~", .end), ("\u{1}", .home), ("\u{5}", .end),
            ("\u{1b}[3~", .delete),
            ("\u{b}", .killToEnd), ("\u{15}", .killToStart), ("\u{17}", .killWord), ("\u{1b}\u{7f}", .killWord),
            ("\u{1b}[1;5D", .wordLeft), ("\u{1b}[1;3C", .wordRight), ("\u{1b}b", .wordLeft), ("\u{1b}f", .wordRight),
            ("\u{3}", .interrupt), ("\u{4}", .endOfInput), ("\u{c}", .clearScreen), ("\u{1a}", .suspend),
            ("\t", .character("\t")),
            ("\u{1b}[200~a\r\nb\rc\u{1b}[31m\n\u{1b}[201~", .paste("a\nb\nc[31m\n")),
        ] as [(String, Key)])
    func knowsKeys(_ text: String, _ key: Key) {
        #expect(Self.keys(text + "z") == [key, .character("z")])
    }

    @Test(arguments: ["\u{1b}[99~", "\u{1b}[1;2;3R", "\u{1b}Oz", "\u{1b}x", "\u{1b}[?25h", "\u{0}", "\u{85}"])
    func dropsWhatItDoesNotKnow(_ text: String) {
        #expect(Self.keys(text + "z") == [.character("z")])
    }

    @Test func dropsMalformedUTF8() {
        #expect(Self.keys([0xff, 0x61]) == [.character("a")])
        #expect(Self.keys([0xe6, 0xb0, 0x61]) == [.character("a")])
        #expect(Self.keys([0xed, 0xa0, 0x80, 0x61]) == [.character("a")])
        #expect(Self.keys([0xe6, 0x1b, 0x5b, 0x44]) == [.left])
    }

    @Test func survivesAnyBytes() {
        var state: UInt64 = 7
        var parser = KeyParser()
        var count = 0
        for _ in 0..<200_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            if parser.feed(UInt8(truncatingIfNeeded: state >> 40)) != nil { count += 1 }
        }
        #expect(count > 1000)
    }

    @Test(arguments: [
        ("\u{1b}[>65;6800;1c", [65, 6800, 1], true), ("\u{1b}[>84;0;0c", [84, 0, 0], true),
        ("\u{1b}[>0;276;0c", [0, 276, 0], true), ("\u{1b}[>41;370;0c", [41, 370, 0], false),
        ("\u{1b}[>83;40900;0c", [83, 40900, 0], false), ("\u{1b}[>0;136;0c", [0, 136, 0], false),
        ("\u{1b}[>c", [], false),
    ])
    func hearsWhatTheTerminalIs(_ answer: String, _ numbers: [Int], _ reflows: Bool) {
        #expect(
            Self.keys("a" + answer + "b") == [
                .character("a"), .identity(TerminalIdentity(numbers: numbers)), .character("b"),
            ])
        #expect(TerminalIdentity(numbers: numbers).reflows == reflows)
        #expect(Self.keys("\u{1b}[?62;22cb") == [.character("b")])
    }
}
