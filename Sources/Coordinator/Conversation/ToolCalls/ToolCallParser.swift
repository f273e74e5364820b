import JSON
import Tokenizer

/// Finds tool calls in an answer as it arrives, in the way that the model's template writes them.
///
/// What is no call remains text. White space around calls is removed.
struct ToolCallParser: Sendable {
    /// What a mark in the text means.
    enum Mark: Sendable {
        /// A call begins; it ends with these bytes.
        case call(end: [UInt8])
        /// Calls begin, and end where the text is none of theirs.
        case calls
        /// Python, or a call of its kind, begins, and goes on to the end of the answer.
        case python
        /// Something around calls that is not shown.
        case frame
    }

    private enum State {
        /// Before the first word; here a bare call may stand.
        case start
        case text
        /// Behind a mark.
        case inside(Int)
    }

    let format: ToolCallFormat, tools: [String: JSONValue]
    private let marks: [(text: [UInt8], mark: Mark)]
    private var held: [UInt8] = []
    private var state: State, hasCalled = false

    /// - Parameters:
    ///   - format: how the model writes calls.
    ///   - tools: the schemas of the parameters of the tools that it was offered, by name.
    init(_ format: ToolCallFormat, tools: [String: JSONValue]) {
        self.format = format
        self.tools = tools
        marks = Self.marks(of: format)
        if case .bareJSON = format { state = .start } else { state = .text }
    }

    private static func marks(of format: ToolCallFormat) -> [(text: [UInt8], mark: Mark)] {
        func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
        let tagged: [(text: [UInt8], mark: Mark)] = [(bytes("<tool_call>"), .call(end: bytes("</tool_call>")))]
        switch format {
        case .tagged: return tagged
        case .functionTags:
            return tagged + [
                (bytes("<function="), .call(end: bytes("</function>"))), (bytes("</tool_call>"), .frame),
            ]
        case .bareJSON: return [(bytes("<|python_tag|>"), .python)]
        case .mistralList, .mistralNamed: return [(bytes("[TOOL_CALLS]"), .calls)]
        case .deepSeekR1, .deepSeekV31:
            return [
                (bytes(DeepSeekMarks.callBegin), .call(end: bytes(DeepSeekMarks.callEnd))),
                (bytes(DeepSeekMarks.callsBegin), .frame), (bytes(DeepSeekMarks.callsEnd), .frame),
            ]
        }
    }

    /// Adds text and returns the parts that are certain now.
    mutating func push(_ text: String) -> [AnswerParser.Part] {
        held += text.utf8
        var parts: [AnswerParser.Part] = []
        while advance(&parts, atEnd: false) {}
        return parts
    }

    /// Returns what was held back; to be called at the end of the text. A complete call whose closing tag is missing
    /// counts.
    mutating func finish() -> [AnswerParser.Part] {
        var parts: [AnswerParser.Part] = []
        while advance(&parts, atEnd: true) {}
        if !(hasCalled && held.allSatisfy(\.isJSONSpace)) { say(held, &parts) }
        held = []
        return parts
    }

    /// One step; false when more text is needed.
    private mutating func advance(_ parts: inout [AnswerParser.Part], atEnd: Bool) -> Bool {
        switch state {
        case .start: return bare(&parts, atEnd: atEnd)
        case .text: return text(&parts, atEnd: atEnd)
        case .inside(let index):
            switch marks[index].mark {
            case .call(let end): return single(&parts, marks[index].text, end: end, atEnd: atEnd)
            case .calls: return list(&parts, atEnd: atEnd)
            case .python:
                guard atEnd else { return false }
                if let calls = pythonCalls(held) { parts += calls.map { .call($0) } } else { say(held, &parts) }
                held = []
                state = .text
                return false
            case .frame: return false
            }
        }
    }

    private func say(_ bytes: some Sequence<UInt8>, _ parts: inout [AnswerParser.Part]) {
        let text = String(decoding: Array(bytes), as: UTF8.self)
        if !text.isEmpty { parts.append(.text(text)) }
    }

    // MARK: Text

    private mutating func text(_ parts: inout [AnswerParser.Part], atEnd: Bool) -> Bool {
        var first: (range: Range<Int>, index: Int)?
        for (index, mark) in marks.enumerated() {
            if let range = held.firstRange(of: mark.text), range.lowerBound < first?.range.lowerBound ?? .max {
                first = (range, index)
            }
        }
        if let first {
            var before = held[..<first.range.lowerBound]
            while let last = before.last, last.isJSONSpace { before.removeLast() }
            say(before, &parts)
            held.removeSubrange(..<first.range.upperBound)
            if case .frame = marks[first.index].mark { hasCalled = true } else { state = .inside(first.index) }
            return true
        }
        if atEnd { return false }
        // A possible beginning of a mark is held back, and so is the white space before it.
        var waiting = 0
        for mark in marks {
            var length = min(held.count, mark.text.count - 1)
            while length > waiting, !mark.text.starts(with: held.suffix(length)) { length -= 1 }
            waiting = max(waiting, length)
        }
        var shown = held.count - waiting
        while shown > 0, held[shown - 1].isJSONSpace { shown -= 1 }
        say(held[..<shown], &parts)
        held.removeSubrange(..<shown)
        return false
    }

    // MARK: One call between two marks

    private mutating func single(
        _ parts: inout [AnswerParser.Part], _ opening: [UInt8], end: [UInt8], atEnd: Bool
    ) -> Bool {
        var search = 0
        while let range = held[search...].firstRange(of: end) {
            let body = held[..<range.lowerBound]
            if let call = call(in: body, behind: opening) {
                parts.append(.call(call))
                hasCalled = true
            } else if JSONScan(body).endsInString {
                search = range.upperBound  // the mark stands in an argument
                continue
            } else {
                say(opening + held[..<range.upperBound], &parts)
            }
            held.removeSubrange(..<range.upperBound)
            state = .text
            return true
        }
        guard atEnd else { return false }
        state = .text
        if let call = call(in: held[...], behind: opening) {
            parts.append(.call(call))
            hasCalled = true
            held = []
        } else {
            held = opening + held
            say(held, &parts)
            held = []
        }
        return false
    }

    // MARK: Calls without an end mark

    private mutating func list(_ parts: inout [AnswerParser.Part], atEnd: Bool) -> Bool {
        switch MistralCalls.next(in: held, tools: tools) {
        case .call(let call, let end):
            parts.append(.call(call))
            hasCalled = true
            held.removeSubrange(..<end)
            return true
        case .skip(let end):
            held.removeSubrange(..<end)
            return true
        case .more where !atEnd: return false
        case .more, .none:
            if !hasCalled { say("[TOOL_CALLS]".utf8, &parts) }
            state = .text
            return true
        }
    }

    // MARK: Calls without marks

    private mutating func bare(_ parts: inout [AnswerParser.Part], atEnd: Bool) -> Bool {
        let space = held.prefix { $0.isJSONSpace || hasCalled && $0 == UInt8(ascii: ";") }.count
        guard space < held.count else { return false }
        let body = held[space...]
        if BareCall.mayBegin(body), body.first == UInt8(ascii: "{") {
            if let end = JSONScan(body).end, let call = ToolCall(json: Array(held[space..<end])), isOffered(call.name) {
                parts.append(.call(call))
                hasCalled = true
                held.removeSubrange(..<end)
                return true
            }
            if JSONScan(body).end == nil, !atEnd { return false }
        }
        state = .text
        return true
    }

    private func isOffered(_ name: String) -> Bool { tools.isEmpty || tools[name] != nil }

    private func call(in body: ArraySlice<UInt8>, behind opening: [UInt8]) -> ToolCall? {
        switch format {
        case .deepSeekR1, .deepSeekV31: return DeepSeekCall.call(in: body)
        default:
            if opening.first == UInt8(ascii: "<"), opening.last == UInt8(ascii: "=") {
                return FunctionTags.call(in: opening + body, tools: tools)
            }
            return ToolCall(json: Array(body)) ?? FunctionTags.call(in: Array(body), tools: tools)
        }
    }

    /// The calls that Python text stands for; nil if it is none.
    private func pythonCalls(_ text: [UInt8]) -> [ToolCall]? {
        if let call = ToolCall(json: text), isOffered(call.name) { return [call] }
        if let call = PythonCall.call(in: String(decoding: text, as: UTF8.self), isOffered: isOffered) { return [call] }
        for name in ["code_interpreter", "python", "ipython"] where tools[name] != nil {
            let code: JSONValue = ["code": .string(String(decoding: text, as: UTF8.self))]
            return [ToolCall(name: name, arguments: code.text())]
        }
        return nil
    }
}

extension ToolCall {
    /// A call that is written as a JSON object of name and arguments, perhaps with white space around; nil for anything
    /// else.
    init?(json text: [UInt8]) {
        guard let value = try? JSONValue(parsing: text) else { return nil }
        self.init(json: value)
    }

    init?(json value: JSONValue) {
        guard let name = value["name"]?.string, !name.isEmpty else { return nil }
        let arguments = value["arguments"] ?? value["parameters"] ?? .object([])
        if let text = arguments.string, let object = try? JSONValue(parsing: text), object.members != nil {
            self.init(name: name, arguments: object.text())
            return
        }
        guard arguments.members != nil else { return nil }
        self.init(name: name, arguments: arguments.text())
    }
}
