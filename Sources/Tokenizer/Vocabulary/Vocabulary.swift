/// The plain values a byte-level BPE tokenizer is made of, as a GGUF file's `tokenizer.ggml.*` keys hold them.
///
/// The format is described in ggml's `docs/gguf.md`. Nothing is checked here: ``Tokenizer/init(_:)`` does that.
public struct Vocabulary: Sendable, Equatable {
    /// `tokenizer.ggml.tokens`: the token of each id, normal ones in the byte-level alphabet (see ``ByteAlphabet``).
    public var tokens: [String]
    /// `tokenizer.ggml.token_type`: for each token the raw value of a ``TokenType``.
    public var types: [Int]
    /// `tokenizer.ggml.merges`: `"a b"`, the most important one first.
    public var merges: [String]
    /// `tokenizer.ggml.pre`: how text is cut into pieces before merging.
    public var preTokenizer: String
    /// `tokenizer.ggml.bos_token_id`.
    public var bos: Int?
    /// `tokenizer.ggml.eos_token_id`.
    public var eos: Int?
    /// `tokenizer.ggml.padding_token_id`.
    public var pad: Int?
    /// `tokenizer.ggml.add_bos_token`: whether a prompt starts with `bos`; nil: as usual with the pre-tokenizer.
    public var addBOS: Bool?

    /// The pre-tokenizers ``Tokenizer`` can carry out.
    public static var knownPreTokenizers: [String] { PreTokenizer.names }

    /// Takes the values as they are.
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

/// What kind of token an id is; the raw values are GGUF's.
public enum TokenType: UInt8, Sendable, CaseIterable {
    /// A piece of text, spelled in the byte-level alphabet.
    case normal = 1
    /// Stands for what the vocabulary cannot spell.
    case unknown = 2
    /// Steers the model (`<|im_start|>`); plain text never becomes one.
    case control = 3
    /// Text that is always one token (`<tool_call>`, QwQ's `<think>`).
    case userDefined = 4
    /// Fills up the vocabulary; never produced.
    case unused = 5
    /// A single byte, spelled `<0x0A>`.
    case byte = 6

    /// The text is literal, found in the input as a whole and never made by merging.
    var isSpecial: Bool { self == .control || self == .userDefined }
}
