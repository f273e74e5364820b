import JSON
import Sampling
import Tokenizer

/// Finds tool calls as Qwen's models write them: `<tool_call>`, a JSON object with `name` and `arguments`,
/// `</tool_call>`.
///
/// Anything else remains text. White space around calls is removed.
struct ToolCallParser: Sendable {
    private static let opening = Array("<tool_call>".utf8), closing = Array("</tool_call>".utf8)
    private var held: [UInt8] = []
    private var isInside = false, hasCalled = false

    /// Adds text and returns the parts that are certain now.
    mutating func push(_ text: String) -> [AnswerParser.Part] {
        held += text.utf8
        var parts: [AnswerParser.Part] = []
        while advance(&parts) {}
        return parts
    }

    /// Returns what was held back; to be called at the end of the text. A complete call whose closing tag is missing
    /// counts.
    mutating func finish() -> [AnswerParser.Part] {
        defer { held = [] }
        if isInside {
            if let call = Self.call(held) { return [.call(call)] }
            return [.text(String(decoding: Self.opening + held, as: UTF8.self))]
        }
        let rest = hasCalled && held.allSatisfy(Self.isSpace) ? [] : held
        return rest.isEmpty ? [] : [.text(String(decoding: rest, as: UTF8.self))]
    }

    private mutating func advance(_ parts: inout [AnswerParser.Part]) -> Bool {
        func say(_ bytes: some Sequence<UInt8>) {
            let text = String(decoding: Array(bytes), as: UTF8.self)
            if !text.isEmpty { parts.append(.text(text)) }
        }
        if isInside {
            guard let end = held.firstRange(of: Self.closing) else { return false }
            if let call = Self.call(Array(held[..<end.lowerBound])) {
                parts.append(.call(call))
                hasCalled = true
            } else {
                say(Self.opening + held[..<end.upperBound])
            }
            held.removeSubrange(..<end.upperBound)
            isInside = false
            return true
        }
        if let begin = held.firstRange(of: Self.opening) {
            var before = Array(held[..<begin.lowerBound])
            while let last = before.last, Self.isSpace(last) { before.removeLast() }
            say(before)
            held.removeSubrange(..<begin.upperBound)
            isInside = true
            return true
        }
        // A possible beginning of a tag is held back, and so is the white space before it.
        var waiting = min(held.count, Self.opening.count - 1)
        while waiting > 0, !Self.opening.starts(with: held.suffix(waiting)) { waiting -= 1 }
        var shown = held.count - waiting
        while shown > 0, Self.isSpace(held[shown - 1]) { shown -= 1 }
        say(held[..<shown])
        held.removeSubrange(..<shown)
        return false
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private static func call(_ text: [UInt8]) -> ToolCall? {
        guard let value = try? JSONValue(parsing: text), let name = value["name"]?.string, !name.isEmpty else {
            return nil
        }
        let arguments = value["arguments"] ?? value["parameters"] ?? .object([])
        if let text = arguments.string, let object = try? JSONValue(parsing: text), object.members != nil {
            return ToolCall(name: name, arguments: object.text())
        }
        guard arguments.members != nil else { return nil }
        return ToolCall(name: name, arguments: arguments.text())
    }
}
