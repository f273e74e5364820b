import JSON
import Sampling
import Tokenizer

/// Turns an answer's tokens into its parts: thinking, text, and tool calls. A plain value. The text does not depend on
/// how it was divided into tokens.
public struct AnswerParser: Sendable {
    /// A part of an answer.
    public enum Part: Sendable, Equatable {
        case thinking(String)
        case text(String)
        case call(ToolCall)
    }

    private var decoder: StreamingDecoder, stops: StopMatcher
    private var thinking: ThinkingSplitter?, calls: ToolCallParser?
    private var isThinking = false
    /// The stop string that ended the answer; nil so far.
    public var stop: String? { stops.found }
    /// Number of tokens of the thinking.
    public private(set) var thinkingTokens = 0
    /// All the text so far including tags, but without what is held back.
    public private(set) var raw = ""

    /// - Parameters:
    ///   - format: what the model's answers look like.
    ///   - splitsThinking: whether thinking is separated from the answer.
    ///   - startsInThinking: whether the answer begins inside the thinking.
    ///   - tools: the schemas of the parameters of the tools whose calls are looked for, by name; nil: for none.
    public init(
        _ tokenizer: Tokenizer, format: AnswerFormat, stops: [String], splitsThinking: Bool, startsInThinking: Bool,
        tools: [String: JSONValue]? = nil
    ) {
        let tags = format.thinking
        var marks = splitsThinking ? [tags.opening, tags.closing] : []
        if splitsThinking { thinking = ThinkingSplitter(startsInside: startsInThinking, tags: tags) }
        if let tools, let calls = format.calls {
            self.calls = ToolCallParser(calls, tools: tools)
            marks += calls.marks
        }
        decoder = StreamingDecoder(tokenizer, showsControlTokens: false, marks: marks)
        self.stops = StopMatcher(stops)
        isThinking = splitsThinking && startsInThinking
    }

    /// Adds a token and returns the parts that are certain now. If `stop` is set afterwards, the answer has ended.
    public mutating func push(_ token: Int32) -> [Part] {
        if isThinking { thinkingTokens += 1 }
        return split(stops.push(decoder.append(token)).text)
    }

    /// Returns what was held back; to be called after the last token.
    public mutating func finish() -> [Part] {
        var parts: [Part] = []
        if stops.found == nil {
            parts += split(stops.push(decoder.finish()).text)
            if stops.found == nil { parts += split(stops.flush()) }
        }
        if var splitter = thinking { parts += sort(splitter.flush()) }
        if let rest = calls?.finish() { parts += rest }
        return parts
    }

    private mutating func split(_ text: String) -> [Part] {
        guard !text.isEmpty else { return [] }
        raw += text
        guard thinking != nil else { return answer(text) }
        return sort(thinking!.push(text))
    }

    private mutating func sort(_ parts: [ThinkingSplitter.Part]) -> [Part] {
        parts.flatMap { part -> [Part] in
            switch part {
            case .thinkingBegins:
                isThinking = true
                return []
            case .thinkingEnds:
                isThinking = false
                return []
            case .thinking(let text): return [.thinking(text)]
            case .answer(let text):
                isThinking = false
                return answer(text)
            }
        }
    }

    private mutating func answer(_ text: String) -> [Part] {
        guard calls != nil else { return text.isEmpty ? [] : [.text(text)] }
        return calls!.push(text)
    }
}
