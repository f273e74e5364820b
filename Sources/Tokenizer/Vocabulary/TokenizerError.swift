/// Why a vocabulary or a chat template was refused. The description says what was found, what was expected and what to
/// do.
public enum TokenizerError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The vocabulary needs a pre-tokenizer that is not among ``Vocabulary/knownPreTokenizers``.
    case unknownPreTokenizer(String)
    /// The vocabulary has no tokens, or more than ids can number.
    case tokenCount(found: Int, limit: Int)
    /// The numbers of types and of tokens differ.
    case typeCount(types: Int, tokens: Int)
    /// A token's type is not one of GGUF's six.
    case unknownTokenType(id: Int, found: Int)
    /// A special token's text is longer than `limit` bytes.
    case specialTokenTooLong(id: Int, bytes: Int, limit: Int)
    /// No token stands for this byte, and there is no unknown token to replace it.
    case missingByte(UInt8)
    /// The merge at `index` (from 0) is invalid.
    case badMerge(index: Int, found: String, problem: String)
    /// There are more merges than ranks.
    case mergeCount(found: Int, limit: Int)
    /// The id given for `role` (such as "eos") is outside the vocabulary.
    case idOutOfRange(role: String, found: Int, count: Int)
    /// The model has only a template in Go's language that was not recognised; `start` is its beginning.
    case unknownChatTemplate(start: String)
    /// There is no chat template of this name, and no file.
    case unknownChatTemplateName(String)

    public var description: String {
        switch self {
        case .unknownPreTokenizer(let found):
            "the vocabulary needs the pre-tokenizer \(quoted(found)); known: "
                + Vocabulary.knownPreTokenizers.joined(separator: ", ")
                + ". Use a model of the Qwen2, Qwen3 or Llama 3 families whose file says so in tokenizer.ggml.pre."
        case .tokenCount(let found, let limit):
            "the vocabulary has \(found) tokens, expected 1 to \(limit). The file is damaged; fetch it again."
        case .typeCount(let types, let tokens):
            "the vocabulary has \(types) token types for \(tokens) tokens, expected one for each. "
                + "The file is damaged; fetch it again."
        case .unknownTokenType(let id, let found):
            "token \(id) has type \(found), expected 1 to 6. The file is damaged or of a newer format; fetch it again."
        case .specialTokenTooLong(let id, let bytes, let limit):
            "special token \(id) is \(bytes) bytes long, expected at most \(limit). Fetch the file again."
        case .missingByte(let byte):
            "no token stands for byte \(byte) and there is no unknown token, expected a token for each of the "
                + "256 bytes. The vocabulary is cut off or not byte-level; use the whole vocabulary."
        case .badMerge(let index, let found, let problem):
            "merge \(index) is \(quoted(found)): \(problem). "
                + "Expected two tokens with one space between, whose joined text is a token too; fetch the file again."
        case .mergeCount(let found, let limit):
            "the vocabulary has \(found) merges, expected at most \(limit). The file is damaged; fetch it again."
        case .idOutOfRange(let role, let found, let count):
            "the \(role) token is \(found), expected an id from 0 to \(count - 1). The file is damaged; fetch it again."
        case .unknownChatTemplate(let start):
            "the model comes with a template in Go's language, which begins with \(quoted(start)) and is none of the "
                + "known ones. Name one that fits, or a file in Jinja, with --chat-template: \(knownTemplates)."
        case .unknownChatTemplateName(let found):
            "there is no chat template \(quoted(found)), neither a file nor one of the model's own. Known names for "
                + "--chat-template: \(knownTemplates)."
        }
    }

    private var knownTemplates: String {
        ChatTemplate.Style.allCases.map(\.rawValue).joined(separator: ", ")
    }

    /// Untrusted text for a message: quoted, with control characters escaped, and cut after 60 characters.
    private func quoted(_ text: String) -> String {
        let start = text.unicodeScalars.prefix(60)
        let more = text.unicodeScalars.dropFirst(60).isEmpty ? "" : "…"
        return "\"" + start.map { $0.escaped(asASCII: false) }.joined() + more + "\""
    }
}
