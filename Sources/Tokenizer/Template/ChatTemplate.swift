/// How a conversation is written for the model. Source: the chat templates published with the models
/// (`tokenizer.chat_template` in their files).
public struct ChatTemplate: Sendable, Equatable {
    /// The kinds of template; the raw values are what `--chat-template` takes.
    public enum Style: String, CaseIterable, Sendable {
        /// ChatML as Qwen2 and Qwen2.5 write it.
        case chatML = "chatml"
        /// QwQ's: the model starts out thinking, and what it thought in earlier turns is left out.
        case qwq
        /// Qwen3's: the model decides to think by itself; what it thought before the last question is left out.
        case qwen3
        /// That of DeepSeek-R1 and its distillations: the model starts out thinking, earlier thoughts are left out.
        case deepSeekR1 = "deepseek-r1"
        /// Llama 3's.
        case llama3
    }

    /// Which kind it is.
    public var style: Style
    /// The system message when the conversation does not begin with one; nil for none.
    public var defaultSystem: String?
    /// Llama 3.1: what stands before the system message, in a system turn that is written even without one.
    public var systemPreamble: String?
    /// Whether the generation prompt ends with `<think>` and a line feed, so that the model's reply begins as thinking,
    /// without the opening tag.
    public var opensThinking: Bool
    /// Whether earlier assistant turns are written without their thinking: without everything up to the last
    /// `</think>` and, but for DeepSeek's, the line feeds behind it.
    public var dropsThinking: Bool
    /// Whether a tool's result is written as part of a user turn; without it `tool` is a role like the others.
    public var wrapsToolResults: Bool
    /// Whether the model can be told of tools.
    public var offersTools: Bool
    /// Whether the reply begins behind a thought already closed and empty, where the model would have begun one.
    public var skipsThinking = false

    /// Whether the model's reply begins inside its thinking.
    public var startsInThinking: Bool { opensThinking && !skipsThinking }

    /// What stands behind the assistant's reply once its turn is over, up to the next turn's beginning.
    public var endOfReply: String {
        switch style {
        case .chatML, .qwq, .qwen3: "<|im_end|>\n"
        case .deepSeekR1: "<｜end▁of▁sentence｜>"
        case .llama3: "<|eot_id|>"
        }
    }

    /// A template of this style as published, with no default system message unless one is given.
    public init(_ style: Style, defaultSystem: String? = nil) {
        self.style = style
        self.defaultSystem = defaultSystem
        opensThinking = style == .qwq || style == .deepSeekR1
        dropsThinking = opensThinking || style == .qwen3
        wrapsToolResults = true
        offersTools = style != .deepSeekR1 && style != .llama3
    }

    /// The template with this name, as `--chat-template` takes it.
    ///
    /// - Throws: ``TokenizerError/unknownChatTemplateName(_:)``, whose description lists the names.
    public static func named(_ name: String) throws(TokenizerError) -> ChatTemplate {
        guard let style = Style(rawValue: name) else { throw .unknownChatTemplateName(name) }
        return ChatTemplate(style)
    }

    /// The prompt for `messages` as one text, for looking at: to get its tokens use
    /// ``Tokenizer/encodeChat(_:template:tools:addGenerationPrompt:)``, which does not obey markers inside the
    /// messages.
    public func render(_ messages: [ChatMessage], tools: [String] = [], addGenerationPrompt: Bool) -> String {
        segments(messages, tools: tools, addGenerationPrompt: addGenerationPrompt).map(\.text).joined()
    }

    /// The prompt for `messages`, the template's own text and the messages' apart. With `addGenerationPrompt` it ends
    /// with the opening of the assistant's turn.
    ///
    /// `tools`: a JSON object's text for each tool the model may ask for, as OpenAI describes them; the model is told
    /// of them at the end of the system message. Only styles that offer tools write them, and what was asked for and
    /// answered.
    public func segments(_ messages: [ChatMessage], tools: [String] = [], addGenerationPrompt: Bool) -> [PromptSegment]
    {
        switch style {
        case .chatML, .qwq, .qwen3: chatML(messages, tools, addGenerationPrompt)
        case .deepSeekR1: deepSeek(messages, addGenerationPrompt)
        case .llama3: llama(messages, addGenerationPrompt)
        }
    }
}

extension Tokenizer {
    /// The tokens of a conversation, with the model's beginning-of-sequence token if it wants one. Only the template's
    /// own markers become control tokens: a message cannot end its turn or begin another one.
    public func encodeChat(
        _ messages: [ChatMessage], template: ChatTemplate, tools: [String] = [], addGenerationPrompt: Bool = true
    ) -> [Int32] {
        let tokens = encode(template.segments(messages, tools: tools, addGenerationPrompt: addGenerationPrompt))
        guard let beginningOfSequence else { return tokens }
        return [beginningOfSequence] + tokens
    }
}
