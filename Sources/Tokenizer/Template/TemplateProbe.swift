import JSON
import Jinja

/// Learns from a template what it wants and what a model that was trained with it answers, by having it write small
/// conversations with words by which what it made of them is found again.
struct TemplateProbe {
    private static let question = "qaprobe", words = "waprobe", thought = "taprobe", tool = "xaprobe",
        called = "caprobe", key = "kaprobe", argument = "vaprobe"

    private let template: ChatTemplate
    private(set) var form = TemplateForm()
    private(set) var format = AnswerFormat()
    /// Whether it writes what tools there are, and calls of them.
    private(set) var writesTools = false, writesCalls = false

    init(_ template: ChatTemplate) {
        self.template = template
        let question = ChatMessage(role: .user, content: Self.question)
        if let plain = text([question], form), !plain.contains(Self.question) {
            let parts = TemplateForm(wantsParts: true)
            if text([question], parts)?.contains(Self.question) == true { form = parts }
        }
        probeTools(question)
        probeThinking(question)
    }

    private func text(_ messages: [ChatMessage], _ form: TemplateForm, tools: [JSONValue] = []) -> String? {
        let request = ChatRequest(
            messages, tools: tools, now: LocalTime(year: 2025, month: 1, day: 1))
        return try? template.with(form).runs(request, addsGenerationPrompt: false).map(\.text).joined()
    }

    // MARK: Tools

    private mutating func probeTools(_ question: ChatMessage) {
        let definition: JSONValue = [
            "type": "function",
            "function": [
                "name": .string(Self.tool), "description": "A tool.",
                "parameters": ["type": "object", "properties": .object([]), "required": []],
            ],
        ]
        writesTools = text([question], form, tools: [definition])?.contains(Self.tool) ?? false
        let call = ToolCall(name: Self.called, arguments: "{\"\(Self.key)\": \"\(Self.argument)\"}", id: "call00001")
        let asked = ChatMessage(role: .assistant, content: "", toolCalls: [call])
        let result = ChatMessage(role: .tool, content: Self.words, toolCallID: "call00001", name: Self.called)
        let tools = writesTools ? [definition] : []
        let said = ChatMessage(role: .assistant, content: Self.words)
        let plain = text([question, said], form, tools: tools) ?? ""
        let header = plain.firstRange(of: Self.words).map { plain[..<$0.lowerBound].trimmedEnd.suffix(16) } ?? ""
        for argumentsAsText in [false, true] {
            var tried = form
            tried.wantsArgumentsAsText = argumentsAsText
            for turns in [[question, asked, result], [question, asked]] {
                guard let text = text(turns, tried, tools: tools), let found = text.firstRange(of: Self.called),
                    text.contains(Self.argument)
                else { continue }
                form = tried
                writesCalls = true
                format.calls = Self.calls(
                    before: text[..<found.lowerBound], behind: text[found.upperBound...], turnHeader: String(header))
                if format.calls != nil { break }
            }
            if writesCalls { break }
        }
        if !writesCalls { format.calls = callsByMarks }
        switch format.calls {
        case .mistralList, .mistralNamed: form.wantsShortIDs = true
        default: break
        }
    }

    /// The format of a call by what stands around its name; `turnHeader` is what stands before an ordinary answer.
    private static func calls(before: Substring, behind: Substring, turnHeader: String) -> ToolCallFormat? {
        let near = before.suffix(120)
        if near.contains("[TOOL_CALLS]") {
            if near.hasSuffix("\"name\": \"") || near.hasSuffix("\"name\":\"") { return .mistralList }
            if behind.hasPrefix("[ARGS]") || behind.hasPrefix("[CALL_ID]") {
                return .mistralNamed(usesArgumentsMark: true)
            }
            return behind.hasPrefix("{") ? .mistralNamed(usesArgumentsMark: false) : nil
        }
        if near.contains(DeepSeekMarks.callBegin) {
            if near.hasSuffix(DeepSeekMarks.separator) { return .deepSeekR1 }
            return behind.hasPrefix(DeepSeekMarks.separator) ? .deepSeekV31 : nil
        }
        if near.hasSuffix("<function="), behind.hasPrefix(">"), behind.contains("<parameter=" + key) {
            return .functionTags(inToolCall: near.dropLast(10).trimmedEnd.hasSuffix("<tool_call>"))
        }
        if near.hasSuffix("\"name\": \"") || near.hasSuffix("\"name\":\"") {
            let object = near.lastIndex(of: "{").map { near[..<$0] } ?? near
            if object.trimmedEnd.hasSuffix("<tool_call>") { return .tagged }
            // A turn that is nothing but the call.
            let name = behind.prefix(40).split(separator: "\"", omittingEmptySubsequences: true)
            if let next = name.first(where: { $0 == "parameters" || $0 == "arguments" }),
                !turnHeader.isEmpty, object.trimmedEnd.hasSuffix(turnHeader)
            {
                return .bareJSON(argumentsName: String(next))
            }
        }
        return nil
    }

    /// The format by the marks that stand in the text, for a template that tells of calls but writes none.
    private var callsByMarks: ToolCallFormat? {
        let text = template.sources.map(\.text).joined(separator: "\n")
        if text.contains("[TOOL_CALLS]") {
            return text.contains("[ARGS]") ? .mistralNamed(usesArgumentsMark: true) : .mistralList
        }
        if text.contains(DeepSeekMarks.callBegin) { return .deepSeekR1 }
        if text.contains("<function="), text.contains("<parameter=") {
            return .functionTags(inToolCall: text.contains("<tool_call>"))
        }
        if text.contains("<arg_key>") { return nil }
        if text.contains("<tool_call>") { return .tagged }
        if text.contains("<|python_tag|>") { return .bareJSON(argumentsName: "parameters") }
        return nil
    }

    // MARK: Thinking

    private mutating func probeThinking(_ question: ChatMessage) {
        let source = template.sources.map(\.text).joined(separator: "\n")
        format.thinks = source.contains(format.thinking.closing) || source.contains(format.thinking.opening)
        let answer = ChatMessage(role: .assistant, content: Self.words, thinking: Self.thought)
        guard let text = text([question, answer], form), let thought = text.firstRange(of: Self.thought),
            let words = text[thought.upperBound...].firstRange(of: Self.words)
        else { return }
        let before = text[..<thought.lowerBound].trimmedEnd
        let between = text[thought.upperBound..<words.lowerBound].drop(while: \.isWhitespace)
        for (left, right) in [("<", ">"), ("[", "]")] {
            guard before.hasSuffix(right), let start = before.lastIndex(of: Character(left)) else { continue }
            let opening = String(before[start...]), closing = left + "/" + opening.dropFirst()
            guard between.hasPrefix(closing) else { continue }
            format.thinking = ThinkingTags(opening: opening, closing: closing)
            format.thinks = true
            return
        }
    }
}

extension Substring {
    /// Without white space at its end.
    fileprivate var trimmedEnd: Substring {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
