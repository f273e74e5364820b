/// Who speaks in a conversation.
public enum ChatRole: String, Sendable, CaseIterable {
    /// Instructions to the model.
    case system
    /// The person.
    case user
    /// The model.
    case assistant
    /// The result of something the model asked for.
    case tool
}

/// Something the model asked to have done.
public struct ToolCall: Sendable, Equatable {
    /// The tool, and its arguments as a JSON object's text.
    public var name: String, arguments: String
    /// By which name the result refers to the call; nil where nobody gave it one.
    public var id: String?

    /// A `ToolCall` of these values.
    public init(name: String, arguments: String, id: String? = nil) {
        self.name = name
        self.arguments = arguments
        self.id = id
    }
}

/// One turn of a conversation.
public struct ChatMessage: Sendable, Equatable {
    public var role: ChatRole
    /// The words, as given; what they spell never becomes a control token.
    public var content: String
    /// What the assistant thought before it said `content`, where the client keeps that apart.
    public var thinking: String?
    /// What the assistant asked for in this turn.
    public var toolCalls: [ToolCall]
    /// Of a tool's result: the call it answers, and the tool's name.
    public var toolCallID: String?, name: String?

    /// A `ChatMessage` of these values.
    public init(
        role: ChatRole, content: String, thinking: String? = nil, toolCalls: [ToolCall] = [],
        toolCallID: String? = nil, name: String? = nil
    ) {
        self.role = role
        self.content = content
        self.thinking = thinking
        self.toolCalls = toolCalls
        self.toolCallID = toolCallID
        self.name = name
    }
}
