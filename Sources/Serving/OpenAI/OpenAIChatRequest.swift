import JSON
import Sampling
import Tokenizer

extension OpenAIRequest {
    /// A request to `/v1/chat/completions`.
    static func chat(_ fields: RequestFields, model: ServedModel, client: String) throws -> OpenAIRequest {
        try fields.allow(only: chatFields)
        var request = try OpenAIRequest(fields, model: model, client: client)
        if let modalities = try fields.strings("modalities"), modalities != ["text"] {
            throw ServingError.invalid(
                "modalities", "'modalities' is \(modalities), expected [\"text\"]; this model only writes")
        }
        if let count = try fields.int("n_probs", in: 0...20), count > 0 {
            request.answer.logprobs = count
        } else if try fields.bool("logprobs") ?? false {
            request.answer.logprobs = try fields.int("top_logprobs", in: 0...20) ?? 0
        } else if try fields.int("top_logprobs", in: 0...20) ?? 0 > 0 {
            throw ServingError.invalid("top_logprobs", "'top_logprobs' is only allowed when 'logprobs' is true")
        }
        let messages = try ChatMessages.openAI(try fields.required("messages", fields.array("messages")))
        try request.checkContinuation(fields, messages)
        let tools = try ToolBox(fields.array("tools") ?? [])
        let choice = try tools.choice(fields["tool_choice"])
        request.answer.endsAfterCall = try fields.bool("parallel_tool_calls") == false
        var template = model.template
        template.skipsThinking = try !Self.thinks(fields)
        try request.finish(messages, tools: tools, choice: choice, template: template, model: model)
        request.setPrompt(request.answer.prompt)
        try request.setThinkingForm(fields)
        if try fields.bool("parse_tool_calls") == false { request.answer.findsCalls = false }
        if let grammar = try demandedGrammar(fields) {
            guard request.answer.grammar == nil else {
                throw ServingError.invalid(
                    "response_format", "'response_format' and a 'tool_choice' that demands a call exclude each other")
            }
            request.answer.grammar = template.startsInThinking ? grammar.afterThinking : grammar
            request.answer.findsCalls = false
        }
        return request
    }

    /// Sets the prompt, and how the answer is parsed.
    mutating func finish(
        _ messages: [ChatMessage], tools: ToolBox, choice: ToolBox.Choice, template: ChatTemplate, model: ServedModel
    ) throws {
        let offered = choice == .none ? [] : tools.tools
        guard offered.isEmpty || template.offersTools else {
            throw ServingError.invalid(
                "tools", "\(model.name) does not support tools: its chat template has no place for them")
        }
        answer.prompt = model.tokenizer.encodeChat(
            messages, template: template, tools: offered.map { $0.definition.text(.python) })
        answer.startsInThinking = template.startsInThinking
        answer.findsCalls = !offered.isEmpty
        if let grammar = try tools.grammar(choice) {
            answer.grammar = template.startsInThinking ? grammar.afterThinking : grammar
        }
    }

    /// Whether the model should think, if its template has that choice.
    private static func thinks(_ fields: RequestFields) throws -> Bool {
        let choice = try thinkingChoice(fields)
        guard let options = try fields.fields("chat_template_kwargs") else { return choice ?? true }
        try options.allow(only: ["enable_thinking"])
        return try choice ?? options.bool("enable_thinking") ?? true
    }
}

/// Parses the messages of a conversation.
enum ChatMessages {
    static func openAI(_ list: [JSONValue]) throws -> [ChatMessage] {
        guard !list.isEmpty else {
            throw ServingError.invalid("messages", "'messages' is empty, expected at least one message")
        }
        guard list.count <= 10_000 else {
            throw ServingError.invalid("messages", "'messages' has \(list.count) messages, expected at most 10000")
        }
        return try list.enumerated().map { i, value in
            guard value.members != nil else {
                throw ServingError.invalid(
                    "messages[\(i)]", "'messages[\(i)]' is of type \(value.kind), expected an object",
                    code: "invalid_type")
            }
            return try message(RequestFields(value, prefix: "messages[\(i)]."))
        }
    }

    private static func message(_ fields: RequestFields) throws -> ChatMessage {
        let name = try fields.required("role", fields.string("role"))
        guard let role = ChatRole(rawValue: name == "developer" ? "system" : name) else {
            throw ServingError.invalid(
                fields.prefix + "role",
                "'\(fields.prefix)role' is '\(name.prefix(40))', expected system, developer, user, assistant or tool")
        }
        var calls: [ToolCall] = []
        for (i, call) in (try fields.array("tool_calls") ?? []).enumerated() {
            let path = "\(fields.prefix)tool_calls[\(i)].function."
            guard role == .assistant else {
                throw ServingError.invalid(
                    fields.prefix + "tool_calls", "only the assistant's messages have 'tool_calls'")
            }
            let function = RequestFields(call["function"] ?? .null, prefix: path)
            let name = try function.required("name", function.string("name"))
            let text = try function.string("arguments") ?? "{}"
            guard let arguments = try? JSONValue(parsing: text.isEmpty ? "{}" : text) else {
                throw ServingError.invalid(
                    path + "arguments", "'\(path)arguments' is no JSON. Give back what the model asked with, as it was")
            }
            calls.append(ToolCall(name: name, arguments: arguments.text(.python)))
        }
        return ChatMessage(
            role: role, content: try content(fields, isOptional: !calls.isEmpty || role == .assistant), toolCalls: calls
        )
    }

    /// The content: a string, or a list of text parts.
    private static func content(_ fields: RequestFields, isOptional: Bool) throws -> String {
        guard let value = fields["content"] else {
            if isOptional { return "" }
            throw ServingError.invalid(
                fields.prefix + "content", "'\(fields.prefix)content' is missing. It is required",
                code: "missing_required_parameter")
        }
        if let text = value.string { return text }
        guard let parts = value.array else {
            throw ServingError.invalid(
                fields.prefix + "content",
                "'\(fields.prefix)content' is of type \(value.kind), expected a string or a list of parts",
                code: "invalid_type")
        }
        return try parts.enumerated().map { i, part in
            guard let type = part["type"]?.string, ["text", "refusal"].contains(type), let text = part[type]?.string
            else {
                throw ServingError.invalid(
                    "\(fields.prefix)content[\(i)]",
                    """
                    '\(fields.prefix)content[\(i)]' is of type '\((part["type"]?.string ?? part.kind).prefix(40))', \
                    expected 'text'; this model reads only text
                    """
                )
            }
            return text
        }.joined()
    }
}

/// The tools a request offers, and which of them must be called.
struct ToolBox {
    struct Tool {
        var name: String, definition: JSONValue, parameters: JSONValue?, isStrict: Bool
    }

    enum Choice: Equatable {
        case auto, none
        /// Some tool must be called, or this one.
        case required, named(String)
    }

    var tools: [Tool] = []

    init(_ list: [JSONValue]) throws(ServingError) {
        guard list.count <= 128 else {
            throw .invalid("tools", "'tools' has \(list.count) tools, expected at most 128")
        }
        for (i, value) in list.enumerated() {
            let path = "tools[\(i)]"
            guard value["type"]?.string == "function", let function = value["function"], function.members != nil else {
                throw .invalid(
                    path, "'\(path)' is not {\"type\": \"function\", \"function\": {…}}, the only kind of tool there is"
                )
            }
            let fields = RequestFields(function, prefix: path + ".function.")
            let name = try fields.required("name", fields.string("name"))
            let allowed = name.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
            guard (1...64).contains(name.utf8.count), allowed else {
                throw .invalid(
                    path + ".function.name",
                    "'\(path).function.name' is '\(name.prefix(80))', expected 1 to 64 letters, digits, _, - or .")
            }
            _ = try fields.string("description")
            let parameters = try fields.fields("parameters")?.object
            tools.append(
                Tool(
                    name: name, definition: value, parameters: parameters, isStrict: try fields.bool("strict") ?? false)
            )
        }
    }

    func choice(_ value: JSONValue?) throws(ServingError) -> Choice {
        guard let value else { return .auto }
        if let name = value["function"]?["name"]?.string {
            guard tools.contains(where: { $0.name == name }) else {
                throw .invalid("tool_choice", "'tool_choice' names '\(name.prefix(80))', which is not in 'tools'")
            }
            return .named(name)
        }
        switch value.string {
        case "auto": return .auto
        case "none": return .none
        case "required", "any":
            guard !tools.isEmpty else {
                throw .invalid("tool_choice", "'tool_choice' is 'required', but there are no 'tools'")
            }
            return .required
        default:
            throw .invalid(
                "tool_choice",
                "'tool_choice' is \(value.text().prefix(60)), expected 'auto', 'none', 'required' or a function")
        }
    }

    /// The grammar of an answer that must be a call. Arguments follow their schema; if that cannot be enforced and the
    /// tool is not strict, they are any object.
    func grammar(_ choice: Choice) throws(ServingError) -> JSONGrammar? {
        let demanded: [Tool]
        switch choice {
        case .auto, .none: return nil
        case .required: demanded = tools
        case .named(let name): demanded = tools.filter { $0.name == name }
        }
        var list: [(name: String, arguments: JSONGrammar?)] = []
        for tool in demanded {
            var grammar: JSONGrammar?
            if let parameters = tool.parameters {
                do { grammar = try JSONGrammar(schema: parameters) } catch {
                    if tool.isStrict {
                        throw .invalid("tools", "\(tool.name): \(error.description)", code: "unsupported_schema")
                    }
                }
            }
            list.append((tool.name, grammar))
        }
        return .toolCalls(list)
    }
}
