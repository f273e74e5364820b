/// The values that define a byte-level BPE tokenizer, as a GGUF file's `tokenizer.ggml.*` keys hold them.
///
/// The format is described in ggml's `docs/gguf.md`. ``Tokenizer/init(_:)`` checks the values.
public struct Vocabulary: Sendable, Equatable {
    /// `tokenizer.ggml.tokens`: the text of each token, by id; normal tokens are in the byte-level alphabet (see
    /// ``ByteAlphabet``).
    public var tokens: [String]
    /// `tokenizer.ggml.token_type`: the raw value of each token's ``TokenType``.
    public var types: [Int]
    /// `tokenizer.ggml.merges`: pairs of tokens, as `"a b"`, by falling priority.
    public var merges: [String]
    /// `tokenizer.ggml.pre`: how text is split into pieces before merging.
    public var preTokenizer: String
    /// `tokenizer.ggml.bos_token_id`.
    public var bos: Int?
    /// `tokenizer.ggml.eos_token_id`.
    public var eos: Int?
    /// `tokenizer.ggml.padding_token_id`.
    public var pad: Int?
    /// `tokenizer.ggml.add_bos_token`: whether a prompt starts with `bos`; nil leaves that to the pre-tokenizer.
    public var addBOS: Bool?

    /// The pre-tokenizers that ``Tokenizer`` implements.
    public static var knownPreTokenizers: [String] { PreTokenizer.names }

    /// Stores the values without checking them.
    public init(
        tokens: [String], types: [Int], merges: [String], preTokenizer: String = "qwen2",
        bos: Int? = nil, eos: Int? = nil, pad: Int? = nil, addBOS: Bool? = nil
    ) {
        self.tokens = tokens
        self.types = types
        self.merges = merges
        self.preTokenizer = preTokenizer
        self.bos = bos
        self.eos = eos
        self.pad = pad
        self.addBOS = addBOS
    }
}

/// The kind of a token; the raw values are GGUF's.
public enum TokenType: UInt8, Sendable, CaseIterable {
    /// A piece of text, written in the byte-level alphabet.
    case normal = 1
    /// Stands for text that the vocabulary cannot express.
    case unknown = 2
    /// Controls the model (`<|im_start|>`); plain text never becomes one.
    case control = 3
    /// Text that is always one token (`<tool_call>`, QwQ's `<think>`).
    case userDefined = 4
    /// Padding of the vocabulary; never produced.
    case unused = 5
    /// A single byte, written as `<0x0A>`.
    case byte = 6

    /// Whether the token's text is literal, found in text as a whole and never made by merging.
    var isSpecial: Bool { self == .control || self == .userDefined }
}
