@testable import Coordinator
import JSON
import Sampling
import Testing
import Tokenizer

@testable import Serving

struct AnswerParserTests {
    typealias Part = AnswerParser.Part

    /// The parts of a text that arrives in pieces of `size` characters; neighbours of one kind are joined.
    static func parse(
        _ text: String, by size: Int, _ format: ToolCallFormat = .tagged, tools: [String: JSONValue] = [:]
    ) -> [Part] {
        var parser = ToolCallParser(format, tools: tools), parts: [Part] = [], rest = text[...]
        while !rest.isEmpty {
            parts += parser.push(String(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        parts += parser.finish()
        return parts.reduce(into: []) { joined, part in
            if case .text(let text) = part, case .text(let before) = joined.last {
                joined[joined.count - 1] = .text(before + text)
            } else {
                joined.append(part)
            }
        }
    }

    static let call = "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": \"</tool\"}}\n</tool_call>"

    @Test(
        arguments: [
            ("hello", [Part.text("hello")]), ("a < b <tool", [.text("a < b <tool")]),
            ("so:\n\n" + call, [.text("so:"), .call(ToolCall(name: "f", arguments: #"{"x":"</tool"}"#))]),
            (
                call + "\n" + call + "\n",
                [
                    .call(ToolCall(name: "f", arguments: #"{"x":"</tool"}"#)),
                    .call(ToolCall(name: "f", arguments: #"{"x":"</tool"}"#)),
                ]
            ),
            (
                "<tool_call>{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": 1}\"}",
                [.call(ToolCall(name: "f", arguments: #"{"a":1}"#))]
            ),
            ("<tool_call>nonsense</tool_call> x", [.text("<tool_call>nonsense</tool_call> x")]),
            ("<tool_call>{\"na", [.text("<tool_call>{\"na")]),
            ("ä 😀  ", [.text("ä 😀  ")]),
        ], [1, 2, 3, 7, 1000])
    func callsAreFoundHoweverTheTextIsCut(example: (String, [Part]), size: Int) {
        #expect(Self.parse(example.0, by: size) == example.1)
    }

    @Test func aCharacterInTwoTokensIsWhole() {
        var parser = AnswerParser(
            Fixture.tokenizer, format: ChatTemplate(.chatML).format, stops: [], splitsThinking: true,
            startsInThinking: false, tools: [:])
        let ids = Fixture.tokenizer.encode("ä", parseSpecial: false)
        #expect(ids.count == 2 && parser.push(ids[0]).isEmpty && parser.push(ids[1]) == [.text("ä")])
    }
}
