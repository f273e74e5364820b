import JSON
import Tokenizer

/// What stands behind Mistral's `[TOOL_CALLS]`: a list of JSON objects with name and arguments, or a name, perhaps
/// `[CALL_ID]` and an id, perhaps `[ARGS]`, and an object of arguments.
enum MistralCalls {
    enum Step {
        /// A call, and the index behind it.
        case call(ToolCall, end: Int)
        /// Signs around calls, and the index behind them.
        case skip(end: Int)
        /// More text is needed.
        case more
        /// This is no call.
        case none
    }

    private static let longestName = 256

    static func next(in text: [UInt8], tools: [String: JSONValue]) -> Step {
        let space = text.prefix { $0.isJSONSpace || $0 == UInt8(ascii: ",") }.count
        guard space < text.count else { return .more }
        let rest = text[space...]
        switch rest.first {
        case UInt8(ascii: "]"): return .skip(end: space + 1)
        case UInt8(ascii: "["):
            let mark = Array("[TOOL_CALLS]".utf8)
            if rest.starts(with: mark) { return .skip(end: space + mark.count) }
            return rest.count > 1 && !mark.starts(with: rest) ? .skip(end: space + 1) : .more
        case UInt8(ascii: "{"):
            guard let end = JSONScan(rest).end else { return .more }
            return ToolCall(json: Array(text[space..<end])).map { .call($0, end: end) } ?? .none
        default: return named(rest, tools: tools)
        }
    }

    private static func named(_ text: ArraySlice<UInt8>, tools: [String: JSONValue]) -> Step {
        guard let brace = text.firstIndex(of: UInt8(ascii: "{")) else {
            return text.count > longestName ? .none : .more
        }
        var head = String(decoding: text[..<brace], as: UTF8.self), id: String?
        if head.hasSuffix("[ARGS]") { head.removeLast(6) }
        if let mark = head.firstRange(of: "[CALL_ID]") {
            id = String(head[mark.upperBound...])
            head = String(head[..<mark.lowerBound])
        }
        let name = head.trimmingSpace
        guard !name.isEmpty, !name.contains(where: \.isWhitespace), tools.isEmpty || tools[name] != nil else {
            return .none
        }
        guard let end = JSONScan(text[brace...]).end else { return .more }
        guard let arguments = try? JSONValue(parsing: Array(text[brace..<end])) else { return .none }
        return .call(ToolCall(name: name, arguments: arguments.text(), id: id), end: end)
    }
}

extension String {
    /// Without white space around it.
    var trimmingSpace: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

/// What stands between DeepSeek's marks of one call: `function`, a separator, the name and a block of JSON (R1), or the
/// name, a separator and JSON (V3.1).
enum DeepSeekCall {
    static func call(in body: ArraySlice<UInt8>) -> ToolCall? {
        let separator = Array(DeepSeekMarks.separator.utf8)
        guard let middle = body.firstRange(of: separator) else { return nil }
        let rest = body[middle.upperBound...]
        guard let brace = rest.firstIndex(of: UInt8(ascii: "{")), let end = JSONScan(rest[brace...]).end,
            let arguments = try? JSONValue(parsing: Array(rest[brace..<end]))
        else { return nil }
        let before = String(decoding: rest[..<brace], as: UTF8.self).replacing("```json", with: "").trimmingSpace
        let kind = String(decoding: body[..<middle.lowerBound], as: UTF8.self).trimmingSpace
        let name = before.isEmpty ? kind : before
        return name.isEmpty ? nil : ToolCall(name: name, arguments: arguments.text())
    }
}
