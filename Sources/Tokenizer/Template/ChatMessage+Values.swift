import JSON
import Jinja

/// What a template is given of a conversation.
enum ConversationValue {
    /// Roles that templates write between the angles of a control token: a name from this list may become part of one.
    private static let roles: Set<String> = [
        "system", "user", "assistant", "tool", "developer", "ipython", "function", "model", "observation",
        "environment",
        "tool_responses", "tool_response", "documents",
    ]

    /// A message as a JSON object gives it. Its role is trusted if it is a known one, and nothing else of it is.
    ///
    /// A call's arguments become an object where they are the text of one, as Hugging Face expects them.
    static func value(_ message: JSONValue) -> Value {
        guard let members = message.members, let role = message["role"]?.string, roles.contains(role),
            Set(members.map(\.name)).isSubset(of: names)
        else { return .data(withParsedArguments(message)) }
        return .dict(
            members.map { member in
                switch member.name {
                case "role": Value.Member("role", .trusted(member.value))
                case "tool_calls": Value.Member("tool_calls", .data(withParsedCalls(member.value)))
                default: Value.Member(member.name, .data(member.value))
                }
            })
    }

    /// The members whose names a client cannot have chosen.
    private static let names: Set<String> = [
        "role", "content", "tool_calls", "tool_call_id", "name", "reasoning_content", "thinking", "reasoning", "tools",
        "type", "id", "function_call", "refusal", "audio", "annotations", "documents", "images", "tool_name",
    ]

    private static func withParsedArguments(_ message: JSONValue) -> JSONValue {
        guard case .object(let members) = message else { return message }
        return .object(members.map { $0.name == "tool_calls" ? .init($0.name, withParsedCalls($0.value)) : $0 })
    }

    private static func withParsedCalls(_ calls: JSONValue) -> JSONValue {
        guard case .array(let list) = calls else { return calls }
        return .array(
            list.map { call in
                guard case .object(let members) = call else { return call }
                return .object(
                    members.map { member in
                        switch member.name {
                        case "function": .init("function", withParsedFunction(member.value))
                        case "arguments": .init("arguments", parsed(member.value))
                        default: member
                        }
                    })
            })
    }

    private static func withParsedFunction(_ function: JSONValue) -> JSONValue {
        guard case .object(let members) = function else { return function }
        return .object(members.map { $0.name == "arguments" ? .init($0.name, parsed($0.value)) : $0 })
    }

    private static func parsed(_ arguments: JSONValue) -> JSONValue {
        guard let text = arguments.string, let value = try? JSONValue(parsing: text), value.members != nil else {
            return arguments
        }
        return value
    }
}

extension ChatMessage {
    /// The message as OpenAI writes it, for a template. Calls without an id get one of nine digits, for there are
    /// templates (Mistral's) that refuse others.
    ///
    /// - Parameters:
    ///   - form: what the template wants otherwise than most.
    ///   - firstCall: how many calls there were before this message.
    func json(_ form: TemplateForm, firstCall: Int) -> JSONValue {
        let words: JSONValue =
            form.wantsParts ? [["type": "text", "text": .string(content)]] : .string(content)
        var members: [JSONValue.Member] = [.init("role", .string(role.rawValue)), .init("content", words)]
        if let thinking { members.append(.init("reasoning_content", .string(thinking))) }
        if !toolCalls.isEmpty {
            let calls = toolCalls.enumerated().map { i, call -> JSONValue in
                let arguments = form.wantsArgumentsAsText ? nil : try? JSONValue(parsing: call.arguments)
                return [
                    "id": .string(call.id ?? Self.callID(firstCall + i)), "type": "function",
                    "function": [
                        "name": .string(call.name), "arguments": arguments ?? .string(call.arguments),
                    ],
                ]
            }
            members.append(.init("tool_calls", .array(calls)))
        }
        if let toolCallID { members.append(.init("tool_call_id", .string(toolCallID))) }
        if let name { members.append(.init("name", .string(name))) }
        return .object(members)
    }

    private static func isShort(_ id: String) -> Bool {
        id.utf8.count == 9 && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }

    static func callID(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 9 - digits.utf8.count)) + digits
    }

    /// A conversation for a template, in which every result of a tool says which call it answers and which tool gave it.
    static func json(_ messages: [ChatMessage], _ form: TemplateForm) -> [JSONValue] {
        var calls: [(id: String, name: String)] = [], answered = 0
        var short: [String: String] = [:]
        return messages.map { message in
            var message = message
            if form.wantsShortIDs {
                for i in message.toolCalls.indices {
                    guard let id = message.toolCalls[i].id, !isShort(id) else { continue }
                    short[id] = callID(calls.count + i)
                    message.toolCalls[i].id = short[id]
                }
                if let id = message.toolCallID { message.toolCallID = short[id] ?? id }
            }
            let before = calls.count
            for call in message.toolCalls { calls.append((call.id ?? callID(calls.count), call.name)) }
            if message.role == .tool {
                if let id = message.toolCallID {
                    answered = (calls.lastIndex { $0.id == id } ?? answered) + 1
                } else if answered < calls.count {
                    message.toolCallID = calls[answered].id
                    answered += 1
                }
                if message.name == nil, let id = message.toolCallID {
                    message.name = calls.last { $0.id == id }?.name
                }
            }
            return message.json(form, firstCall: before)
        }
    }
}

/// What a template wants otherwise than most; found by trying.
struct TemplateForm: Sendable, Equatable {
    /// Content as a list of parts: it has no place for a text.
    var wantsParts = false
    /// A call's arguments as JSON text: it joins them to others.
    var wantsArgumentsAsText = false
    /// Names of calls of nine letters and digits: it refuses others.
    var wantsShortIDs = false
}
