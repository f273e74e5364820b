import JSON
import Jinja

/// When a template is run, what it shows for the date.
public typealias LocalTime = Jinja.LocalTime
/// Why a chat template cannot be read, or cannot write a conversation.
public typealias TemplateError = Jinja.TemplateError

/// A conversation that a model shall go on with.
public struct ChatRequest: Sendable {
    /// The turns, oldest first. An assistant's message at the end is continued, not answered.
    public var messages: [ChatMessage]
    /// The tools that the model may ask for, as OpenAI describes them.
    public var tools: [JSONValue]
    /// What else the template is told, by name; a client's values count as text from outside.
    public var variables: [JSONValue.Member]
    /// Whether the model shall think before it answers; nil: as it does by itself.
    public var thinks: Bool?
    /// What the clock shows; nil: templates that ask for the date write the one that they were made with.
    public var now: LocalTime?

    /// A `ChatRequest` of these values.
    public init(
        _ messages: [ChatMessage], tools: [JSONValue] = [], variables: [JSONValue.Member] = [], thinks: Bool? = nil,
        now: LocalTime? = nil
    ) {
        self.messages = messages
        self.tools = tools
        self.variables = variables
        self.thinks = thinks
        self.now = now
    }
}

/// What a template wrote for a conversation.
public struct ChatPrompt: Sendable, Equatable {
    /// The text, what the template wrote and what others wrote apart.
    public var segments: [PromptSegment]
    /// Whether the model's answer begins inside its thinking.
    public var startsInThinking: Bool

    /// The whole text, for looking at.
    public var text: String { segments.map(\.text).joined() }

    init(_ runs: [Rendered.Run], startsInThinking: Bool) {
        segments = runs.map { PromptSegment($0.text, parsesControlTokens: $0.isTrusted) }
        self.startsInThinking = startsInThinking
    }
}

extension Tokenizer {
    /// The tokens of a prompt; where the model's prompts begin with a beginning-of-sequence token and the template did
    /// not write it, that comes first. Only what the template itself wrote becomes control tokens: a message cannot end
    /// its turn or begin another one.
    public func encode(_ prompt: ChatPrompt) -> [Int32] {
        let tokens = encode(prompt.segments)
        guard let beginningOfSequence, tokens.first != beginningOfSequence else { return tokens }
        return [beginningOfSequence] + tokens
    }
}
