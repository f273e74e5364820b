import Coordinator
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
        var chat = ChatRequest(messages, now: .now)
        try Self.readThinking(fields, into: &chat)
        try request.finish(chat, tools: tools, choice: choice, model: model)
        request.setPrompt(request.answer.prompt)
        try request.setThinkingForm(fields)
        if try fields.bool("parse_tool_calls") == false { request.answer.tools = nil }
        if let grammar = try demandedGrammar(fields) {
            guard request.answer.grammar == nil else {
                throw ServingError.invalid(
                    "response_format", "'response_format' and a 'tool_choice' that demands a call exclude each other")
            }
            request.answer.demand(grammar, model)
            request.answer.tools = nil
        }
        return request
    }

    /// Sets the prompt, and how the answer is parsed.
    mutating func finish(
        _ chat: ChatRequest, tools: ToolBox, choice: ToolBox.Choice, model: ServedModel
    ) throws {
        let offered = choice == .none ? [] : tools.tools
        guard offered.isEmpty || model.template.offersTools else {
            throw ServingError.invalid(
                "tools", "\(model.name) does not support tools: its chat template has no place for them")
        }
        var chat = chat
        chat.tools = offered.map(\.definition)
        try answer.ask(chat, model)
        answer.tools = offered.isEmpty ? nil : tools.schemas
        if let grammar = try tools.grammar(choice, model.template.format.calls) { answer.demand(grammar, model) }
    }

    /// Reads whether the model shall think, and what else its template is told.
    private static func readThinking(_ fields: RequestFields, into chat: inout ChatRequest) throws {
        if let effort = try fields.string("reasoning_effort") ?? fields.fields("reasoning")?.string("effort") {
            chat.variables.append(.init("reasoning_effort", .string(effort)))
        }
        if let options = try fields.fields("chat_template_kwargs") {
            for name in ["messages", "tools", "bos_token", "eos_token"] where options[name] != nil {
                throw ServingError.invalid(
                    "chat_template_kwargs.\(name)",
                    "'chat_template_kwargs' sets '\(name)', which the template is given from the request and the model")
            }
            if let thinks = try options.bool("enable_thinking") { chat.thinks = thinks }
            chat.variables += options.object.members ?? []
        }
        if let choice = try thinkingChoice(fields) { chat.thinks = choice }
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
            calls.append(ToolCall(name: name, arguments: arguments.text(.python), id: call["id"]?.string))
        }
        return ChatMessage(
            role: role, content: try content(fields, isOptional: !calls.isEmpty || role == .assistant),
            thinking: role == .assistant ? fields["reasoning_content"]?.string ?? fields["reasoning"]?.string : nil,
            toolCalls: calls, toolCallID: role == .tool ? try fields.string("tool_call_id") : nil,
            name: role == .tool ? try fields.string("name") : nil)
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
