import JSON
import Sampling
import Tokenizer

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

    /// The schemas of the tools' parameters, by name.
    var schemas: [String: JSONValue] {
        Dictionary(tools.map { ($0.name, $0.parameters ?? .object([])) }, uniquingKeysWith: { $1 })
    }

    /// The grammar of an answer that must be a call, as the model writes calls. Arguments follow their schema; if that
    /// cannot be enforced and the tool is not strict, they are any object.
    func grammar(_ choice: Choice, _ format: ToolCallFormat?) throws(ServingError) -> JSONGrammar? {
        let demanded: [Tool]
        switch choice {
        case .auto, .none: return nil
        case .required: demanded = tools
        case .named(let name): demanded = tools.filter { $0.name == name }
        }
        guard let format else {
            throw .invalid(
                "tool_choice",
                """
                'tool_choice' demands a call, but the model's chat template does not say how the model writes one. \
                Leave it at 'auto'
                """)
        }
        var calls: [JSONGrammar.Call] = []
        for tool in demanded {
            var grammar: JSONGrammar?
            if let parameters = tool.parameters {
                do { grammar = try JSONGrammar(schema: parameters) } catch {
                    if tool.isStrict {
                        throw .invalid("tools", "\(tool.name): \(error.description)", code: "unsupported_schema")
                    }
                }
            }
            calls.append(.init(opening: format.opening(name: tool.name), arguments: grammar, closing: format.closing))
        }
        guard case .functionTags = format else { return .calls(calls) }
        return .taggedCalls(zip(demanded, calls).map { ($1.opening, $0.taggedParameters, $1.closing) })
    }
}

extension ToolBox.Tool {
    /// The parameters, for a model that writes each of them between tags.
    fileprivate var taggedParameters: [JSONGrammar.Parameter] {
        let required = parameters?["required"]?.array?.compactMap(\.string) ?? []
        let shared = (parameters?.members ?? []).filter { $0.name == "$defs" || $0.name == "definitions" }
        return (parameters?["properties"]?.members ?? []).map { member in
            var value = JSONGrammar.Parameter.Value.text
            if let texts = member.value["enum"]?.array?.compactMap(\.string), !texts.isEmpty {
                value = .texts(texts)
            } else if member.value["type"] != "string", let members = member.value.members,
                let grammar = try? JSONGrammar(schema: .object(members + shared))
            {
                value = .json(grammar)
            }
            return .init(name: member.name, isRequired: required.contains(member.name), value: value)
        }
    }
}
