/// A prompt that is being written: the template's own text and the messages' apart.
private struct Writer {
    var segments: [PromptSegment] = []
    mutating func marker(_ text: String) { segments.append(PromptSegment(text, parsesControlTokens: true)) }
    mutating func words(_ text: String) { segments.append(PromptSegment(text, parsesControlTokens: false)) }
}

/// How each style writes its turns.
extension ChatTemplate {
    /// ChatML: each turn is `<|im_start|>role`, a line feed, the content, `<|im_end|>` and a line feed. Results of
    /// tools stand in a user turn, each between `<tool_response>` lines, a row of them in one turn.
    func chatML(_ messages: [ChatMessage], _ tools: [String], _ addGenerationPrompt: Bool) -> [PromptSegment] {
        var out = Writer()
        let system = messages.first?.role == .system ? messages[0].content : nil
        if !tools.isEmpty {
            out.marker("<|im_start|>system\n")
            out.words(system ?? defaultSystem ?? "")
            // Qwen3 leaves out the empty lines that the older templates put behind no system message.
            let isBare = style == .qwen3 && system == nil && defaultSystem == nil
            out.marker(isBare ? String(Self.toolsBegin.dropFirst(2)) : Self.toolsBegin)
            for tool in tools { out.words("\n" + tool) }
            out.marker(Self.toolsEnd + "<|im_end|>\n")
        } else if let defaultSystem, system == nil {
            out.marker("<|im_start|>system\n" + defaultSystem + "<|im_end|>\n")
        }
        // Qwen3 keeps what it thought since the last question, so that it goes on where a tool interrupted it.
        let lastQuestion = style == .qwen3 ? messages.lastIndex { $0.role == .user } ?? messages.count : messages.count
        for (index, message) in messages.enumerated() {
            if index == 0 && system != nil && !tools.isEmpty { continue }
            if message.role == .tool && wrapsToolResults {
                let isFirst = index == 0 || messages[index - 1].role != .tool
                let isLast = index == messages.count - 1 || messages[index + 1].role != .tool
                out.marker((isFirst ? "<|im_start|>user" : "") + "\n<tool_response>\n")
                out.words(message.content)
                out.marker("\n</tool_response>" + (isLast ? "<|im_end|>\n" : ""))
            } else {
                let drops = dropsThinking && message.role == .assistant && index < lastQuestion
                let content = drops ? Self.answer(in: message.content) : message.content
                out.marker("<|im_start|>" + message.role.rawValue)
                if !content.isEmpty || message.toolCalls.isEmpty || style == .qwen3 {
                    out.marker("\n")
                    out.words(content)
                }
                for (i, call) in message.toolCalls.enumerated() {
                    out.marker(
                        (style == .qwen3 && i == 0 && content.isEmpty ? "" : "\n") + "<tool_call>\n{\"name\": \"")
                    out.words(call.name + "\", \"arguments\": " + call.arguments)
                    out.marker("}\n</tool_call>")
                }
                out.marker("<|im_end|>\n")
            }
        }
        if addGenerationPrompt { out.marker("<|im_start|>assistant\n" + thinkingOpening) }
        return out.segments
    }

    /// What of the model's thinking stands in the prompt already.
    private var thinkingOpening: String {
        if skipsThinking && (opensThinking || style == .qwen3) { return "<think>\n\n</think>\n\n" }
        return opensThinking ? "<think>\n" : ""
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

        For each function call, return a json object with function name and arguments within <tool_call></tool_call> \
        XML tags:
        <tool_call>
        {"name": <function-name>, "arguments": <args-json-object>}
        </tool_call>
        """

    /// DeepSeek's: the last system message stands first, without a marker; only the assistant's turns have an end. The
    /// assistant goes on behind the results of its tools without a marker of its own.
    func deepSeek(_ messages: [ChatMessage], _ addGenerationPrompt: Bool) -> [PromptSegment] {
        var out = Writer()
        if let system = messages.last(where: { $0.role == .system })?.content ?? defaultSystem { out.words(system) }
        let turns = messages.filter { $0.role != .system }
        for (index, message) in turns.enumerated() {
            let followsTool = index > 0 && turns[index - 1].role == .tool
            switch message.role {
            case .system: break
            case .user:
                out.marker("<｜User｜>")
                out.words(message.content)
            case .assistant:
                if !followsTool { out.marker("<｜Assistant｜>") }
                out.words(dropsThinking ? Self.afterThought(in: message.content) : message.content)
                out.marker("<｜end▁of▁sentence｜>")
            case .tool:
                out.marker((followsTool ? "\n" : "<｜tool▁outputs▁begin｜>") + "<｜tool▁output▁begin｜>")
                out.words(message.content)
                let isLast = index == turns.count - 1 || turns[index + 1].role != .tool
                out.marker("<｜tool▁output▁end｜>" + (isLast ? "<｜tool▁outputs▁end｜>" : ""))
            }
        }
        if addGenerationPrompt, turns.last?.role != .tool {
            out.marker("<｜Assistant｜>" + thinkingOpening)
        }
        return out.segments
    }

    /// Llama 3's: each turn is its role between header markers, an empty line, the content without white space around
    /// it, and `<|eot_id|>`. Results of tools have the role `ipython`.
    func llama(_ messages: [ChatMessage], _ addGenerationPrompt: Bool) -> [PromptSegment] {
        var out = Writer(), turns = messages[...]
        func header(_ role: String) -> String { "<|start_header_id|>" + role + "<|end_header_id|>\n\n" }
        let system = turns.first?.role == .system ? turns.removeFirst().content : defaultSystem
        if system != nil || systemPreamble != nil {
            out.marker(header("system") + (systemPreamble ?? ""))
            out.words(Self.trimmed(system ?? ""))
            out.marker("<|eot_id|>")
        }
        for message in turns {
            out.marker(header(message.role == .tool ? "ipython" : message.role.rawValue))
            out.words(Self.trimmed(message.content))
            out.marker("<|eot_id|>")
        }
        if addGenerationPrompt { out.marker(header("assistant")) }
        return out.segments
    }

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

    /// What stands behind the last `</think>`, or all.
    static func afterThought(in content: String) -> String {
        let text = Array(content.utf8), end = Array("</think>".utf8)
        guard text.count >= end.count,
            let place = (0...text.count - end.count).last(where: { text[$0..<$0 + end.count].elementsEqual(end) })
        else { return content }
        return String(decoding: text[(place + end.count)...], as: UTF8.self)
    }

    /// The text without white space around it.
    static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
