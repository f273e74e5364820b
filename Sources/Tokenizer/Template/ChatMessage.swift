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

    /// A `ToolCall` of these values.
    public init(name: String, arguments: String) {
        self.name = name
        self.arguments = arguments
    }
}

/// One turn of a conversation.
public struct ChatMessage: Sendable, Equatable {
    public var role: ChatRole
    /// The words, as given; markers of the template in them are not obeyed by
    /// ``Tokenizer/encodeChat(_:template:tools:addGenerationPrompt:)``.
    public var content: String
    /// What the assistant asked for in this turn.
    public var toolCalls: [ToolCall]

    /// A `ChatMessage` of these values.
    public init(role: ChatRole, content: String, toolCalls: [ToolCall] = []) {
        self.role = role
        self.content = content
        self.toolCalls = toolCalls
    }
}
