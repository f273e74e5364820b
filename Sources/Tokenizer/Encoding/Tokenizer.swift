/// Text to token ids and back: byte-level byte-pair encoding with the pre-tokenizers of Qwen2 and Llama 3.
///
/// A tokenizer is immutable and can be used from several threads at once. Text is not normalised: its tokens decode to
/// exactly that text, if the vocabulary has a token for every byte.
public final class Tokenizer: Sendable {
    let table: TokenTable
    let types: [TokenType]
    let merges: MergeTable
    let specials: SpecialTokens
    let preTokenizer: PreTokenizer
    /// The token of each single byte.
    let byteTokens: [Int32]

    /// The token that a sequence of the model begins with; nil if the model uses none.
    /// (``encode(_:)-(ChatPrompt)`` and ``encodePrompt(_:)`` put it first; `encode` of a text leaves it to the caller.)
    public let beginningOfSequence: Int32?
    /// The token that the vocabulary names as a sequence's beginning, whether or not prompts begin with it.
    public let beginningToken: Int32?
    /// The token that ends a sequence; nil when the vocabulary names none.
    public let endOfSequence: Int32?
    /// The padding token; nil when the vocabulary names none.
    public let padding: Int32?
    /// The tokens that end an answer: the vocabulary's end token, and those of `endNames` that are special tokens.
    public let endOfGeneration: Set<Int32>

    /// Tokens that end a turn or a text in the known families.
    private static let endNames = [
        "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<｜end▁of▁sentence｜>",
    ]

    /// Checks `vocabulary` and builds the tables for it (about 10 MB for 152,000 tokens).
    ///
    /// - Throws: ``TokenizerError`` for an unknown pre-tokenizer, contradictory counts, merges that are not of tokens,
    ///   overlong special tokens, bytes without a token and ids out of range.
    public init(_ vocabulary: Vocabulary) throws(TokenizerError) {
        guard let preTokenizer = PreTokenizer(named: vocabulary.preTokenizer) else {
            throw .unknownPreTokenizer(vocabulary.preTokenizer)
        }
        self.preTokenizer = preTokenizer
        let count = vocabulary.tokens.count
        guard count > 0, count <= Int(Int32.max) else { throw .tokenCount(found: count, limit: Int(Int32.max)) }
        types = try Self.tokenTypes(vocabulary)
        beginningToken = try Self.checked(vocabulary.bos, "bos", count)
        beginningOfSequence = vocabulary.addBOS ?? preTokenizer.addsBOS ? beginningToken : nil
        endOfSequence = try Self.checked(vocabulary.eos, "eos", count)
        padding = try Self.checked(vocabulary.pad, "padding", count)
        table = TokenTable(vocabulary, types: types)
        specials = try SpecialTokens(table, types: types)
        byteTokens = try Self.byteTokens(table, unknown: types.firstIndex(of: .unknown))
        merges = try MergeTable(vocabulary.merges, tokens: table)
        var ends = Set(Self.endNames.compactMap { [specials] in specials.id(named: $0) })
        if let endOfSequence { ends.insert(endOfSequence) }
        endOfGeneration = ends
    }

    /// Number of tokens; ids go from 0 to `count - 1`.
    public var count: Int { table.count }

    /// The tokens of a complete prompt that was written with its special tokens. It begins with the model's
    /// beginning-of-sequence token, if the model uses one, even where `text` lacks it. Empty for an empty text.
    public func encodePrompt(_ text: String) -> [Int32] {
        let tokens = encode(text, parseSpecial: true)
        guard let beginningOfSequence, let first = tokens.first, first != beginningOfSequence else { return tokens }
        return [beginningOfSequence] + tokens
    }

    /// Whether `id` is a control token: one that controls the model and is not part of its text.
    public func isControl(_ id: Int32) -> Bool {
        contains(id) && types[Int(id)] == .control
    }

    /// The id of the token with this text, written as in the vocabulary: `<|im_end|>`, or `Ġthe` for a normal one.
    public func token(named name: String) -> Int32? {
        if let id = specials.id(named: name) { return id }
        let text = Array(name.utf8)
        // Unknown tokens are in no lookup table, so that text cannot become one.
        if let id = types.firstIndex(of: .unknown).map(Int32.init), bytes(of: id) == text { return id }
        var bytes: [UInt8] = []
        guard ByteAlphabet().append(text, 0..<text.count, to: &bytes) else { return nil }
        return table.id(of: bytes, 0..<bytes.count)
    }

    /// The bytes of a token, not always whole characters. For special tokens they are the token's text; for an id out
    /// of range there are none.
    public func bytes(of id: Int32) -> [UInt8] {
        contains(id) ? Array(table.storage[table.range(of: id)]) : []
    }

    /// The text of one token; what of it is not valid UTF-8 becomes U+FFFD.
    func text(of id: Int32) -> String { String(decoding: bytes(of: id), as: UTF8.self) }

    func contains(_ id: Int32) -> Bool { id >= 0 && Int(id) < table.count }

    private static func tokenTypes(_ vocabulary: Vocabulary) throws(TokenizerError) -> [TokenType] {
        guard vocabulary.types.count == vocabulary.tokens.count else {
            throw .typeCount(types: vocabulary.types.count, tokens: vocabulary.tokens.count)
        }
        var types: [TokenType] = []
        types.reserveCapacity(vocabulary.types.count)
        for (id, value) in vocabulary.types.enumerated() {
            guard let type = UInt8(exactly: value).flatMap(TokenType.init) else {
                throw .unknownTokenType(id: id, found: value)
            }
            types.append(type)
        }
        return types
    }

    private static func byteTokens(_ table: TokenTable, unknown: Int?) throws(TokenizerError) -> [Int32] {
        var tokens: [Int32] = []
        for byte in UInt8.min...UInt8.max {
            if let id = table.id(of: [byte], 0..<1) {
                tokens.append(id)
            } else if let unknown {
                tokens.append(Int32(unknown))
            } else {
                throw .missingByte(byte)
            }
        }
        return tokens
    }

    private static func checked(_ id: Int?, _ role: String, _ count: Int) throws(TokenizerError) -> Int32? {
        guard let id else { return nil }
        guard id >= 0, id < count else { throw .idOutOfRange(role: role, found: id, count: count) }
        return Int32(id)
    }
}
