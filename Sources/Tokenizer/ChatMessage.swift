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

/// One turn of a conversation.
public struct ChatMessage: Sendable, Equatable {
    public var role: ChatRole
    /// The words, as given; markers of the template in them are not obeyed by
    /// ``Tokenizer/encodeChat(_:template:addGenerationPrompt:)``.
    public var content: String

    public init(role: ChatRole, content: String) {
        self.role = role
        self.content = content
    }
}
