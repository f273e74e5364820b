import Testing

@testable import Tokenizer

struct TokenizerTests {
    @Test func knowsItsTokensByNameAndBytes() throws {
        let vocabulary = SmallVocabulary.make(
            merges: ["Ġ t", "Ġt h"], control: ["<|x|>"], userDefined: ["<é y>"])
        let tokenizer = try Tokenizer(vocabulary)
        #expect(tokenizer.count == 260)
        #expect(tokenizer.token(named: "Ġth") == 257)
        #expect(tokenizer.bytes(of: 257) == Array(" th".utf8))
        #expect(tokenizer.token(named: "<|x|>") == 258)
        #expect(tokenizer.bytes(of: 258) == Array("<|x|>".utf8))
        #expect(tokenizer.bytes(of: 259) == Array("<é y>".utf8))
        #expect(tokenizer.isControl(258) && !tokenizer.isControl(259) && !tokenizer.isControl(0))
        for name in ["", "<|", "<|x|>>", " th", "nothing"] {
            #expect(tokenizer.token(named: name) == nil)
        }
        for id: Int32 in [-1, 260, .min, .max] {
            #expect(tokenizer.bytes(of: id) == [])
            #expect(!tokenizer.isControl(id))
        }
    }

    @Test func aByteTokenStandsForItsByte() throws {
        var vocabulary = SmallVocabulary.make(merges: [])
        vocabulary.tokens[0x0A] = "<0x0A>"
        vocabulary.types[0x0A] = 6
        let tokenizer = try Tokenizer(vocabulary)
        #expect(tokenizer.bytes(of: 0x0A) == [0x0A])
        #expect(tokenizer.encode("a\n", parseSpecial: false) == [0x61, 0x0A])
    }

    @Test func theUnknownTokenStandsForMissingBytes() throws {
        var vocabulary = SmallVocabulary.make(merges: [])
        vocabulary.tokens[0x7A] = "<unk>"
        vocabulary.types[0x7A] = 2
        let tokenizer = try Tokenizer(vocabulary)
        #expect(tokenizer.encode("yz", parseSpecial: true) == [0x79, 0x7A])
        #expect(tokenizer.token(named: "<unk>") == 0x7A)
        #expect(tokenizer.encode("<unk>", parseSpecial: true) == "<unk>".utf8.map { Int32($0) })
    }

    @Test func generationEndsAtTheEndTokenAndAtTheKnownMarkers() throws {
        var vocabulary = SmallVocabulary.make(merges: [], control: ["<|endoftext|>", "<|im_end|>", "<|stop|>"])
        #expect(try Tokenizer(vocabulary).endOfGeneration == [256, 257])
        vocabulary.eos = 258
        #expect(try Tokenizer(vocabulary).endOfGeneration == [256, 257, 258])
        vocabulary.types[257] = 1
        #expect(try Tokenizer(vocabulary).endOfGeneration == [256, 258])
    }

    @Test func aSequenceBeginsWithBOSOnlyIfTheModelWantsIt() throws {
        var vocabulary = SmallVocabulary.make(merges: [], control: ["<|im_start|>", "<|im_end|>", "<s>"])
        vocabulary.bos = 258
        #expect(try Tokenizer(vocabulary).beginningOfSequence == nil)
        vocabulary.preTokenizer = "llama-bpe"  // adds BOS by default
        #expect(try Tokenizer(vocabulary).beginningOfSequence == 258)
        vocabulary.addBOS = false
        #expect(try Tokenizer(vocabulary).beginningOfSequence == nil)
        vocabulary.preTokenizer = "qwen2"
        vocabulary.addBOS = true
        let tokenizer = try Tokenizer(vocabulary)
        #expect(tokenizer.beginningOfSequence == 258)
        #expect(tokenizer.encode("a", parseSpecial: true) == [0x61])
        let chat = tokenizer.encode(try ChatTemplate(.chatML).prompt(ChatRequest([])))
        #expect(chat.prefix(2) == [258, 256])
    }

    /// A valid vocabulary with one invalid field, and the expected error.
    @Test(arguments: [
        (spoil({ $0.preTokenizer = "gpt-2" }), TokenizerError.unknownPreTokenizer("gpt-2")),
        (spoil({ $0.tokens = [] }), .tokenCount(found: 0, limit: Int(Int32.max))),
        (spoil({ $0.types.removeLast() }), .typeCount(types: 256, tokens: 257)),
        (spoil({ $0.types[3] = 0 }), .unknownTokenType(id: 3, found: 0)),
        (spoil({ $0.types[4] = 257 }), .unknownTokenType(id: 4, found: 257)),
        (spoil({ $0.types[4] = .min }), .unknownTokenType(id: 4, found: .min)),
        (spoil({ $0.tokens[9] = "" }), .missingByte(9)),
        (spoil({ $0.types[65] = 3 }), .missingByte(65)),
        (spoil({ $0.merges = ["a b", "ab"] }), .badMerge(index: 1, found: "ab", problem: "it is not two tokens")),
        (spoil({ $0.merges = [""] }), .badMerge(index: 0, found: "", problem: "it is not two tokens")),
        (spoil({ $0.merges = [" a"] }), .badMerge(index: 0, found: " a", problem: "it is not two tokens")),
        (spoil({ $0.merges = ["a "] }), .badMerge(index: 0, found: "a ", problem: "it is not two tokens")),
        (spoil({ $0.merges = ["a b c"] }), .badMerge(index: 0, found: "a b c", problem: "it is not two tokens")),
        (spoil({ $0.merges = ["a 好"] }), .badMerge(index: 0, found: "a 好", problem: "it is not two tokens")),
        (spoil({ $0.merges = ["xy b"] }), .badMerge(index: 0, found: "xy b", problem: "its left side is no token")),
        (spoil({ $0.merges = ["b xy"] }), .badMerge(index: 0, found: "b xy", problem: "its right side is no token")),
        (
            spoil({ $0.merges = ["b a"] }),
            .badMerge(index: 0, found: "b a", problem: "the two sides together are no token")
        ),
        (spoil({ $0.bos = -1 }), .idOutOfRange(role: "bos", found: -1, count: 257)),
        (spoil({ $0.eos = 257 }), .idOutOfRange(role: "eos", found: 257, count: 257)),
        (spoil({ $0.pad = .max }), .idOutOfRange(role: "padding", found: .max, count: 257)),
        (
            spoil({
                $0.tokens[256] = String(repeating: "x", count: 1025)
                $0.types[256] = 4
                $0.merges = []
            }), .specialTokenTooLong(id: 256, bytes: 1025, limit: 1024)
        ),
    ])
    func rejectsASpoiltVocabulary(vocabulary: Vocabulary, expected: TokenizerError) {
        #expect(throws: expected) { try Tokenizer(vocabulary) }
    }

    @Test(arguments: [
        (
            TokenizerError.unknownPreTokenizer("gpt\n2"),
            "the vocabulary needs the pre-tokenizer \"gpt\\n2\"; known: qwen2, deepseek-r1-qwen, llama-bpe. "
                + "Use a model of the Qwen2, Qwen3 or Llama 3 families whose file says so in tokenizer.ggml.pre."
        ),
        (
            .unknownChatTemplateName("alpaca"),
            """
            there is no chat template "alpaca", neither a file nor one of the model's own. Known names for \
            --chat-template: chatml, qwq, qwen3, deepseek-r1, llama3.
            """
        ),
        (
            .idOutOfRange(role: "eos", found: 9, count: 5),
            "the eos token is 9, expected an id from 0 to 4. The file is damaged; fetch it again."
        ),
    ])
    func anErrorSaysWhatWasFoundAndWhatToDo(error: TokenizerError, sentence: String) {
        #expect(error.description == sentence)
    }

    @Test func anErrorQuotesOnlyTheStartOfALongText() {
        let error = TokenizerError.unknownChatTemplate(start: String(repeating: "x", count: 1000))
        #expect(error.description.contains("\"" + String(repeating: "x", count: 60) + "…\""))
        #expect(error.description.utf8.count < 400)
    }

    private static func spoil(_ change: (inout Vocabulary) -> Void) -> Vocabulary {
        var vocabulary = SmallVocabulary.make(merges: ["a b"])
        change(&vocabulary)
        return vocabulary
    }
}
