import Jinja

/// What a model's answers look like; learnt from its chat template.
public struct AnswerFormat: Sendable, Equatable {
    /// Between which tags it thinks.
    public var thinking = ThinkingTags()
    /// Whether the template knows of thinking.
    public var thinks = false
    /// How it calls tools; nil if that is not known.
    public var calls: ToolCallFormat?

    /// A format of no calls and the usual tags.
    public init() {}

    /// The marks that a vocabulary may have as control tokens and that are part of an answer's text all the same.
    public var marks: [String] { [thinking.opening, thinking.closing] + (calls?.marks ?? []) }
}

/// What stands around a model's thinking.
public struct ThinkingTags: Sendable, Equatable {
    /// The tag before it, and the one behind.
    public var opening: String, closing: String

    /// Two tags; by default those that nearly all models have.
    public init(opening: String = "<think>", closing: String = "</think>") {
        self.opening = opening
        self.closing = closing
    }

    /// Whether a prompt ends with the opening tag, which the template itself wrote.
    func isOpened(at runs: [Rendered.Run]) -> Bool {
        guard let last = runs.last, last.isTrusted else { return false }
        let text = last.text.utf8
        let end = text.lastIndex { $0 != 0x20 && $0 != 0x0A } ?? text.startIndex
        return !text.isEmpty && text[...end].suffix(opening.utf8.count).elementsEqual(opening.utf8)
    }
}

/// How a model writes the calls of tools.
public enum ToolCallFormat: Sendable, Equatable {
    /// Qwen's and Hermes': `<tool_call>`, a JSON object of name and arguments, `</tool_call>`.
    case tagged
    /// Qwen3-Coder's: `<function=NAME>`, `<parameter=KEY>` and the values as text, in `<tool_call>` tags or without.
    case functionTags(inToolCall: Bool)
    /// Llama 3's: nothing but a JSON object of name and parameters, or `<|python_tag|>` and Python.
    case bareJSON(argumentsName: String)
    /// Mistral's: `[TOOL_CALLS]` and a list of JSON objects.
    case mistralList
    /// Mistral's since 2025: `[TOOL_CALLS]NAME[ARGS]{…}`.
    case mistralNamed(usesArgumentsMark: Bool)
    /// DeepSeek-R1's: marks around each call, its kind and name, and a block of JSON.
    case deepSeekR1
    /// DeepSeek-V3.1's: marks around name and JSON.
    case deepSeekV31

    /// The marks of the format.
    public var marks: [String] {
        switch self {
        case .tagged: ["<tool_call>", "</tool_call>"]
        case .functionTags: ["<tool_call>", "</tool_call>", "<function=", "</function>", "<parameter=", "</parameter>"]
        case .bareJSON: ["<|python_tag|>"]
        case .mistralList, .mistralNamed: ["[TOOL_CALLS]", "[ARGS]", "[CALL_ID]"]
        case .deepSeekR1, .deepSeekV31: DeepSeekMarks.all
        }
    }

    /// What stands before a call's arguments.
    public func opening(name: String) -> String {
        let quoted = Self.quoted(name)
        switch self {
        case .tagged: return "<tool_call>\n{\"name\": \(quoted), \"arguments\": "
        case .functionTags(let inToolCall): return (inToolCall ? "<tool_call>\n" : "") + "<function=\(name)>\n"
        case .bareJSON(let argumentsName): return "{\"name\": \(quoted), \"\(argumentsName)\": "
        case .mistralList: return "[TOOL_CALLS][{\"name\": \(quoted), \"arguments\": "
        case .mistralNamed(let usesMark): return "[TOOL_CALLS]" + name + (usesMark ? "[ARGS]" : "")
        case .deepSeekR1:
            return DeepSeekMarks.callsBegin + DeepSeekMarks.callBegin + "function" + DeepSeekMarks.separator + name
                + "\n```json\n"
        case .deepSeekV31: return DeepSeekMarks.callsBegin + DeepSeekMarks.callBegin + name + DeepSeekMarks.separator
        }
    }

    /// What stands behind a call's arguments.
    public var closing: String {
        switch self {
        case .tagged: "}\n</tool_call>"
        case .functionTags(let inToolCall): "</function>" + (inToolCall ? "\n</tool_call>" : "")
        case .bareJSON: "}"
        case .mistralList: "}]"
        case .mistralNamed: ""
        case .deepSeekR1: "\n```" + DeepSeekMarks.callEnd + DeepSeekMarks.callsEnd
        case .deepSeekV31: DeepSeekMarks.callEnd + DeepSeekMarks.callsEnd
        }
    }

    /// A call as the model writes it; `arguments` is a JSON object's text.
    func text(name: String, arguments: String) -> String { opening(name: name) + arguments + closing }

    private static func quoted(_ name: String) -> String {
        "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

/// The marks in DeepSeek's vocabularies.
public enum DeepSeekMarks {
    /// Around all calls.
    public static let callsBegin = "<｜tool▁calls▁begin｜>", callsEnd = "<｜tool▁calls▁end｜>"
    /// Around one call.
    public static let callBegin = "<｜tool▁call▁begin｜>", callEnd = "<｜tool▁call▁end｜>"
    /// Between a call's parts.
    public static let separator = "<｜tool▁sep｜>"

    static let all = [callsBegin, callsEnd, callBegin, callEnd, separator]
}
