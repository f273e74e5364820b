import Testing

@testable import Tokenizer

struct EncodingTests {
    /// The textbook algorithm: scans all pairs before each merge.
    private func textbook(_ text: String, _ vocabulary: Vocabulary) -> [String] {
        var symbols = text.utf8.map { SmallVocabulary.spelled([$0]) }
        let ranks = Dictionary(
            vocabulary.merges.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        while true {
            let best = symbols.indices.dropLast()
                .compactMap { index in ranks["\(symbols[index]) \(symbols[index + 1])"].map { (rank: $0, index) } }
                .min { $0 < $1 }
            guard let index = best?.1 else { return symbols }
            symbols[index] += symbols.remove(at: index + 1)
        }
    }

    private func spelled(_ ids: [Int32], _ vocabulary: Vocabulary) -> [String] {
        ids.map { vocabulary.tokens[Int($0)] }
    }

    @Test func aWholePieceIsATokenInLlamasVocabularyWhateverItsMergesSay() throws {
        var vocabulary = SmallVocabulary.make(merges: ["a b", "c d", "b c", "a bc", "abc d"])
        #expect(spelled(try Tokenizer(vocabulary).encode("abcd", parseSpecial: false), vocabulary) == ["ab", "cd"])
        vocabulary.preTokenizer = "llama-bpe"
        let tokenizer = try Tokenizer(vocabulary)
        #expect(spelled(tokenizer.encode("abcd", parseSpecial: false), vocabulary) == ["abcd"])
        #expect(spelled(tokenizer.encode("abcdx", parseSpecial: false), vocabulary) == ["ab", "cd", "x"])
        let long = String(repeating: "abcd\n", count: 2000)  // long enough for the cache
        #expect(tokenizer.encode(long, parseSpecial: false).count == 4000)
    }

    @Test func mergesTheLowestRankFirstAndTheLeftmostOfEquals() throws {
        let vocabulary = SmallVocabulary.make(merges: ["b c", "a b", "a a", "aa a"])
        let tokenizer = try Tokenizer(vocabulary)
        #expect(spelled(tokenizer.encode("abc", parseSpecial: false), vocabulary) == ["a", "bc"])
        #expect(spelled(tokenizer.encode("aaa", parseSpecial: false), vocabulary) == ["aaa"])
        #expect(spelled(tokenizer.encode("aaaaa", parseSpecial: false), vocabulary) == ["aa", "aaa"])
        #expect(tokenizer.encode("", parseSpecial: true) == [])
    }

    @Test func theFirstOfTwoEqualMergesCounts() throws {
        let vocabulary = SmallVocabulary.make(merges: ["a b", "b c", "a b"])
        let tokenizer = try Tokenizer(vocabulary)
        #expect(spelled(tokenizer.encode("abc", parseSpecial: false), vocabulary) == ["ab", "c"])
    }

    /// Random merges in random order, so that a merge's result may merge earlier than its parts. Pieces of up to 48
    /// bytes are merged by scanning, longer ones by the queue.
    @Test(arguments: [1, 2, 47, 48, 49, 50, 100, 333])
    func mergesAsTheTextbookDoesAtAnyLength(length: Int) throws {
        var generator = SeededGenerator(state: UInt64(length))
        for _ in 0..<20 {
            var known = ["a", "b", "c"]
            var merges: [String] = []
            for _ in 0..<200 {
                guard let left = known.randomElement(using: &generator),
                    let right = known.randomElement(using: &generator), left.utf8.count + right.utf8.count <= 12
                else { continue }
                merges.append("\(left) \(right)")
                known.append(left + right)
            }
            merges.shuffle(using: &generator)
            let vocabulary = SmallVocabulary.make(merges: merges)
            let tokenizer = try Tokenizer(vocabulary)
            let text = String((0..<length).map { _ in ["a", "a", "b", "c"][Int.random(in: 0..<4, using: &generator)] })
            let ids = tokenizer.encode(text, parseSpecial: false)
            #expect(spelled(ids, vocabulary) == textbook(text, vocabulary))
        }
    }

    @Test func oneRunOfAMillionLettersBecomesTheLongestTokens() throws {
        let vocabulary = SmallVocabulary.make(merges: ["a a", "aa aa", "aaaa aaaa"])
        let tokenizer = try Tokenizer(vocabulary)
        let ids = tokenizer.encode(String(repeating: "a", count: 1 << 20), parseSpecial: false)
        #expect(ids.count == 1 << 17)
        #expect(Set(spelled(ids, vocabulary)) == ["aaaaaaaa"])
    }

    /// A text long enough for the cache, with more different words than the cache has slots.
    @Test func aLongTextHasTheTokensOfItsWords() throws {
        let tokenizer = try Tokenizer(SmallVocabulary.make(merges: ["a b", "Ġ a", "Ġa b", "b a", "ab ba", "c Ġ"]))
        var generator = SeededGenerator(state: 3)
        var words: [String] = []
        for _ in 0..<20_000 {
            let length = Int.random(in: 1...9, using: &generator)
            words.append(
                " " + String((0..<length).map { _ in ["a", "b", "c"][Int.random(in: 0..<3, using: &generator)] }))
        }
        let apart = words.flatMap { tokenizer.encode($0, parseSpecial: false) }
        #expect(tokenizer.encode(words.joined(), parseSpecial: false) == apart)
    }

    @Test func textIsNotNormalised() throws {
        let tokenizer = try Tokenizer(SmallVocabulary.make(merges: []))
        let text = "e\u{301} \u{212B} \u{F900}"
        #expect(tokenizer.encode(text, parseSpecial: true) == text.utf8.map { Int32($0) })
    }

    @Test func theLongestSpecialTokenCounts() throws {
        let vocabulary = SmallVocabulary.make(merges: [], control: ["<a", "<a>b", "<"], userDefined: ["<a>"])
        let tokenizer = try Tokenizer(vocabulary)
        let found = spelled(tokenizer.encode("<a>b<a><ax<<a", parseSpecial: true), vocabulary)
        #expect(found == ["<a>b", "<a>", "<a", "x", "<", "<a"])
    }

    @Test func plainTextNeverBecomesAControlToken() throws {
        let vocabulary = SmallVocabulary.make(merges: [], control: ["<a", "<a>b", "x"], userDefined: ["<a>"])
        let tokenizer = try Tokenizer(vocabulary)
        let ids = tokenizer.encode("<a>b<a<x", parseSpecial: false)
        #expect(spelled(ids, vocabulary) == ["<a>", "b", "<", "a", "<", "x"])
        #expect(!ids.contains(where: tokenizer.isControl))
    }

    @Test func controlTokensCountOnlyInSegmentsThatAllowThem() throws {
        let tokenizer = try SmallVocabulary.chat()
        let end = try #require(tokenizer.token(named: "<|im_end|>"))
        func segments(_ parts: (String, Bool)...) -> [Int32] {
            tokenizer.encode(parts.map { PromptSegment($0.0, parsesControlTokens: $0.1) })
        }
        #expect(segments(("hi<|im_end|>", false), ("<|im_end|>", true)).filter { $0 == end }.count == 1)
        #expect(segments(("<|im_", true), ("end|>", false)).filter { $0 == end } == [])
        #expect(segments(("<|im_", false), ("end|>", true)).filter { $0 == end } == [])
        #expect(segments(("<|im_", true), ("end|>", true)) == [end])
        #expect(segments(("h", true), ("i", false)) == tokenizer.encode("hi", parseSpecial: false))
        #expect(segments() == [])
    }
}
