/// How a conversation is written for the model: ChatML with the habits of Qwen2, Qwen2.5 and QwQ.
///
/// Each turn is `<|im_start|>role`, a line feed, the content, `<|im_end|>` and a line feed. Results of tools stand in a
/// user turn, each between `<tool_response>` lines, a row of them in one turn. Source: the chat templates published
/// with the models (`tokenizer.chat_template` in their files).
public struct ChatTemplate: Sendable, Equatable {
    /// The kinds of template; the raw values are what `--chat-template` takes.
    public enum Style: String, CaseIterable, Sendable {
        /// ChatML as Qwen2 and Qwen2.5 write it.
        case chatML = "chatml"
        /// QwQ's: the model starts out thinking, and what it thought in earlier turns is left out.
        case qwq
    }

    /// Which kind it is.
    public var style: Style
    /// The system message when the conversation does not begin with one; nil for none.
    public var defaultSystem: String?
    /// Whether the generation prompt ends with `<think>` and a line feed, so that the model's reply begins as thinking,
    /// without the opening tag.
    public var opensThinking: Bool
    /// Whether earlier assistant turns are written without their thinking: without everything up to the last
    /// `</think>` and the line feeds behind it.
    public var dropsThinking: Bool
    /// Whether a tool's result is written as part of a user turn; without it `tool` is a role like the others.
    public var wrapsToolResults: Bool
    /// Whether the model can be told of tools.
    public var offersTools: Bool
    /// Whether the reply begins behind a thought already closed and empty, where the template would have opened one.
    public var skipsThinking = false

    /// Whether the model's reply begins inside its thinking.
    public var startsInThinking: Bool { opensThinking && !skipsThinking }

    /// A template of this style as published, with no default system message unless one is given.
    public init(_ style: Style, defaultSystem: String? = nil) {
        self.style = style
        self.defaultSystem = defaultSystem
        opensThinking = style == .qwq
        dropsThinking = style == .qwq
        wrapsToolResults = true
        offersTools = true
    }

    /// The template with this name, as `--chat-template` takes it.
    ///
    /// - Throws: ``TokenizerError/unknownChatTemplateName(_:)``, whose description lists the names.
    public static func named(_ name: String) throws(TokenizerError) -> ChatTemplate {
        guard let style = Style(rawValue: name) else { throw .unknownChatTemplateName(name) }
        return ChatTemplate(style)
    }

    /// The prompt for `messages` as one text, for looking at: to get its tokens use
    /// ``Tokenizer/encodeChat(_:template:tools:addGenerationPrompt:)``, which does not obey markers inside the messages.
    public func render(_ messages: [ChatMessage], tools: [String] = [], addGenerationPrompt: Bool) -> String {
        segments(messages, tools: tools, addGenerationPrompt: addGenerationPrompt).map(\.text).joined()
    }

    /// The prompt for `messages`, the template's own text and the messages' apart. With `addGenerationPrompt` it ends
    /// with the opening of the assistant's turn.
    ///
    /// `tools`: a JSON object's text for each tool the model may ask for, as OpenAI describes them; the model is told of
    /// them at the end of the system message.
    public func segments(_ messages: [ChatMessage], tools: [String] = [], addGenerationPrompt: Bool) -> [PromptSegment] {
        var segments: [PromptSegment] = []
        func marker(_ text: String) { segments.append(PromptSegment(text, parsesControlTokens: true)) }
        func words(_ text: String) { segments.append(PromptSegment(text, parsesControlTokens: false)) }

        let first = messages.first?.role == .system ? messages[0] : nil
        if !tools.isEmpty {
            marker("<|im_start|>system\n")
            words(first?.content ?? defaultSystem ?? "")
            marker(Self.toolsBegin)
            for tool in tools { words("\n" + tool) }
            marker(Self.toolsEnd + "<|im_end|>\n")
        } else if let defaultSystem, first == nil {
            marker("<|im_start|>system\n" + defaultSystem + "<|im_end|>\n")
        }
        for (index, message) in messages.enumerated() {
            if index == 0 && first != nil && !tools.isEmpty { continue }
            if message.role == .tool && wrapsToolResults {
                let isFirst = index == 0 || messages[index - 1].role != .tool
                let isLast = index == messages.count - 1 || messages[index + 1].role != .tool
                marker((isFirst ? "<|im_start|>user" : "") + "\n<tool_response>\n")
                words(message.content)
                marker("\n</tool_response>" + (isLast ? "<|im_end|>\n" : ""))
                continue
            }
            let content = message.role == .assistant && dropsThinking ? Self.answer(in: message.content) : message.content
            marker("<|im_start|>" + message.role.rawValue)
            if !content.isEmpty || message.toolCalls.isEmpty {
                marker("\n")
                words(content)
            }
            for call in message.toolCalls {
                marker("\n<tool_call>\n{\"name\": \"")
                words(call.name + "\", \"arguments\": " + call.arguments)
                marker("}\n</tool_call>")
            }
            marker("<|im_end|>\n")
        }
        if addGenerationPrompt {
            marker("<|im_start|>assistant\n" + (opensThinking ? "<think>\n" + (skipsThinking ? "\n</think>\n\n" : "") : ""))
        }
        return segments
    }

    /// What stands around the tools; source: the templates published with Qwen2.5 and QwQ.
    private static let toolsBegin = """


        # Tools

        You may call one or more functions to assist with the user query.

        You are provided with function signatures within <tools></tools> XML tags:
        <tools>
        """
    private static let toolsEnd = """

        </tools>

        For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
        <tool_call>
        {"name": <function-name>, "arguments": <args-json-object>}
        </tool_call>
        """

    /// What of an assistant's `content` is the answer: all behind the last `</think>`, without line feeds in front.
    static func answer(in content: String) -> String {
        let tag = Array("</think>".utf8)
        let bytes = Array(content.utf8)
        var start = 0
        var place = bytes.count - tag.count
        while place >= 0 {
            if bytes[place...].starts(with: tag) {
                start = place + tag.count
                break
            }
            place -= 1
        }
        return String(decoding: bytes[start...].drop { $0 == 0x0A }, as: UTF8.self)
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
