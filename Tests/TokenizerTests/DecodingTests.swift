import Testing

@testable import Tokenizer

struct DecodingTests {
    private func stream(_ ids: [Int32], _ tokenizer: Tokenizer, control: Bool = false) -> [String] {
        var decoder = StreamingDecoder(tokenizer, showsControlTokens: control)
        var parts = ids.map { decoder.append($0) }
        parts.append(decoder.finish())
        return parts
    }

    @Test func holdsBackAnUnfinishedCharacter() throws {
        let tokenizer = try SmallVocabulary.chat()
        let ids = "aé好👩".utf8.map { Int32($0) }
        #expect(stream(ids, tokenizer) == ["a", "", "é", "", "", "好", "", "", "", "👩", ""])
    }

    @Test func anUnfinishedCharacterAtTheEndIsReplaced() throws {
        let tokenizer = try SmallVocabulary.chat()
        #expect(stream([0x61, 0xE5, 0xA5], tokenizer) == ["a", "", "", "\u{FFFD}"])
        #expect(stream([0xE5, 0x61], tokenizer) == ["", "\u{FFFD}a", ""])
        #expect(stream([0xFF, 0xC0, 0x80], tokenizer) == ["\u{FFFD}", "\u{FFFD}", "\u{FFFD}", ""])
    }

    @Test func theDecoderStartsAfreshAfterFinishing() throws {
        var decoder = StreamingDecoder(try SmallVocabulary.chat(), showsControlTokens: false)
        #expect(decoder.append(0xC3) == "")
        #expect(decoder.finish() == "\u{FFFD}")
        #expect(decoder.finish() == "")
        #expect(decoder.append(0xA9) == "\u{FFFD}")
    }

    /// Every sequence of up to three bytes, with one byte from each kind that UTF-8 distinguishes, then long random
    /// ones.
    @Test func streamingEqualsDecodingAtOnce() throws {
        let tokenizer = try SmallVocabulary.chat()
        let kinds: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1,
            0xF4, 0xF5, 0xFF,
        ]
        var texts: [[UInt8]] = [[]]
        for first in kinds {
            for second in kinds {
                for third in kinds { texts.append([first, second, third]) }
            }
        }
        var generator = SeededGenerator(state: 5)
        for _ in 0..<5000 {
            let length = Int.random(in: 4...40, using: &generator)
            texts.append((0..<length).map { _ in kinds[Int.random(in: 0..<kinds.count, using: &generator)] })
        }
        var differing: [[UInt8]] = []
        for text in texts {
            let ids = text.map { Int32($0) }
            let expected = String(decoding: text, as: UTF8.self)
            let streamed = stream(ids, tokenizer).joined()
            if Array(streamed.utf8) != Array(expected.utf8) { differing.append(text) }
            if Array(tokenizer.decode(ids, showsControlTokens: true).utf8) != Array(expected.utf8) {
                differing.append(text)
            }
        }
        #expect(differing == [])
        #expect(texts.count == 21 * 21 * 21 + 5001)
    }

    @Test func controlTokensShowOnlyWhenAskedFor() throws {
        let tokenizer = try SmallVocabulary.chat()
        let text = "<think>hi</think>ok<|im_end|>"
        let ids = tokenizer.encode(text, parseSpecial: true)
        #expect(ids.count == 5)
        #expect(stream(ids, tokenizer, control: true).joined() == text)
        #expect(stream(ids, tokenizer).joined() == "<think>hi</think>ok")
        #expect(tokenizer.decode(ids, showsControlTokens: true) == text)
        #expect(tokenizer.decode(ids, showsControlTokens: false) == "<think>hi</think>ok")
    }

    @Test func idsOutOfRangeAddNothing() throws {
        let tokenizer = try SmallVocabulary.chat()
        #expect(stream([0xC3, -1, .max, .min, 0xA9], tokenizer) == ["", "", "", "", "é", ""])
        #expect(tokenizer.decode([-1, 0x61, .max], showsControlTokens: true) == "a")
    }
}
