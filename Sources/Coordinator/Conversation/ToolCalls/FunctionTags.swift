import JSON
import Tokenizer

/// A call as Qwen3-Coder writes it: `<function=NAME>`, then for each argument `<parameter=KEY>`, a line feed, the value
/// as text, a line feed, `</parameter>`; at last `</function>`.
enum FunctionTags {
    static func call(in body: [UInt8], tools: [String: JSONValue]) -> ToolCall? {
        let text = String(decoding: body, as: UTF8.self)
        guard let start = text.firstRange(of: "<function="),
            let nameEnd = text[start.upperBound...].firstIndex(of: ">"),
            text[..<start.lowerBound].allSatisfy(\.isWhitespace)
        else { return nil }
        let name = String(text[start.upperBound..<nameEnd]).trimmingSpace
        guard !name.isEmpty, !name.contains("\n") else { return nil }
        let properties = tools[name]?["properties"]
        var members: [JSONValue.Member] = [], rest = text[text.index(after: nameEnd)...]
        while let opening = rest.firstRange(of: "<parameter=") {
            guard let keyEnd = rest[opening.upperBound...].firstIndex(of: ">") else { return nil }
            let key = String(rest[opening.upperBound..<keyEnd]).trimmingSpace
            let behind = rest[rest.index(after: keyEnd)...]
            guard let closing = behind.firstRange(of: "</parameter>") else { return nil }
            var value = behind[..<closing.lowerBound]
            if value.first == "\n" { value.removeFirst() }
            if value.last == "\n" { value.removeLast() }
            members.append(.init(key, Self.value(String(value), schema: properties?[key])))
            rest = behind[closing.upperBound...]
        }
        return ToolCall(name: name, arguments: JSONValue.object(members).text())
    }

    /// A text is a text where the schema says so, else what it is as JSON if it is any.
    private static func value(_ text: String, schema: JSONValue?) -> JSONValue {
        if takesText(schema) { return .string(text) }
        if let value = try? JSONValue(parsing: text) { return value }
        switch text.trimmingSpace {
        case "True": return true
        case "False": return false
        case "None": return .null
        default: return .string(text)
        }
    }

    /// Whether a schema takes texts only; what has no type takes anything.
    static func takesText(_ schema: JSONValue?) -> Bool {
        guard let schema else { return false }
        if let type = schema["type"] { return type == "string" }
        return schema["enum"]?.array?.allSatisfy { $0.string != nil } ?? false
    }
}
