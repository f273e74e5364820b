import Foundation
import Testing

@testable import Tokenizer

struct PreTokenizerTests {
    private func pieces(_ text: String, as name: String = "qwen2") throws -> [String] {
        let cutter = try #require(PreTokenizer(named: name)), bytes = Array(text.utf8)
        var pieces: [String] = []
        var start = 0
        while start < bytes.count {
            let end = cutter.pieceEnd(bytes, from: start, to: bytes.count)
            pieces.append(String(decoding: bytes[start..<end], as: UTF8.self))
            start = end
        }
        return pieces
    }

    /// Expected pieces, worked out by hand from the pattern.
    @Test(arguments: [
        ("", []),
        ("Hello world", ["Hello", " world"]),
        ("it's WE'RE I'll'd", ["it", "'s", " WE", "'RE", " I", "'ll", "'d"]),
        ("'sun 'x' ''", ["'s", "un", " '", "x", "'", " ''"]),
        ("x'r 'l", ["x", "'r", " '", "l"]),
        ("'\u{17F}a", ["'\u{17F}a"]),
        ("a1234", ["a", "1", "2", "3", "4"]),
        ("x² ½", ["x", "²", " ", "½"]),
        ("a  b   c ", ["a", " ", " b", "  ", " c", " "]),
        ("a   ", ["a", "   "]),
        ("a \n\n  b", ["a", " \n\n", " ", " b"]),
        ("  \r\n \t\n x", ["  \r\n \t\n", " x"]),
        ("\tx\u{A0}y", ["\tx", "\u{A0}y"]),
        ("\t1", ["\t", "1"]),
        ("foo() {\n\n\treturn;\r\n}", ["foo", "()", " {\n\n", "\treturn", ";\r\n", "}"]),
        ("(a -b  !c", ["(a", " -", "b", " ", " !", "c"]),
        ("\u{3000}!\u{3000}", ["\u{3000}", "!", "\u{3000}"]),
        ("你好，世界。", ["你好", "，世界", "。"]),
        ("e\u{301}a", ["e", "\u{301}a"]),
        ("👩‍👦 🇩🇪", ["👩‍👦", " 🇩🇪"]),
        ("\n", ["\n"]), ("\r\nx", ["\r\n", "x"]), (" ", [" "]),
    ])
    func cutsAsThePatternSays(text: String, expected: [String]) throws {
        #expect(try pieces(text) == expected)
    }

    private struct Line: Decodable {
        var text: String
        var qwen2: [Int], llama: [Int]
    }

    /// The oracle holds the lengths in bytes of the pieces that Python's `regex` finds with the published patterns;
    /// Oracle/make_pieces.py made it.
    @Test(arguments: PreTokenizer.names)
    func cutsAsThePublishedPatternDoes(name: String) throws {
        let oracle = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Oracle/pieces.jsonl")
        let lines = try Data(contentsOf: oracle).split(separator: 0x0A).map {
            try JSONDecoder().decode(Line.self, from: $0)
        }
        #expect(lines.count == 400)
        for line in lines {
            let found = try pieces(line.text, as: name).map(\.utf8.count)
            #expect(found == (name == "llama-bpe" ? line.llama : line.qwen2), "\(line.text.debugDescription)")
        }
    }

    @Test func piecesAlwaysCoverTheText() throws {
        var generator = SeededGenerator(state: 1)
        let alphabet = Array("aZé好1½ \t\r\n\u{A0}'sre!._\u{301}👩\u{10FFFF}".unicodeScalars)
        for _ in 0..<2000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
            }
            let found = try pieces(String(text))
            #expect(Array(found.joined().utf8) == Array(String(text).utf8))
            #expect(!found.contains(""))
        }
    }

    @Test(arguments: [
        ("a", CharacterClass.letter), ("ǅ", .letter), ("ʰ", .letter), ("ا", .letter), ("𝒜", .letter), ("𠀀", .letter),
        ("5", .number), ("٣", .number), ("Ⅷ", .number), ("½", .number), (" ", .space), ("\u{85}", .space),
        ("\u{2028}", .space), ("\u{B}", .space), ("\n", .newline), ("\r", .newline), ("_", .other), ("\u{301}", .other),
        ("\u{200B}", .other), ("\u{FEFF}", .other), ("€", .other), ("\u{10FFFF}", .other), ("\u{E000}", .other),
    ])
    func classifiesCharacters(text: String, expected: CharacterClass) throws {
        let scalar = try #require(text.unicodeScalars.first)
        #expect(CharacterClasses.shared[scalar.value] == expected)
    }
}
