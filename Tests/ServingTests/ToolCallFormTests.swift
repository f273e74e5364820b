@testable import Coordinator
import JSON
import Testing
import Tokenizer

/// Calls in the ways that models of several families write them, however the text is cut.
struct ToolCallFormTests {
    typealias Part = AnswerParser.Part

    static let tools: [String: JSONValue] = [
        "add": ["properties": ["a": ["type": "integer"], "note": ["type": "string"]]], "brave_search": .object([]),
        "python": .object([]),
    ]
    static func call(_ arguments: String, _ name: String = "add", id: String? = nil) -> Part {
        .call(ToolCall(name: name, arguments: arguments, id: id))
    }

    @Test(
        arguments: [
            (ToolCallFormat.mistralList, #"[TOOL_CALLS][{"name": "add", "arguments": {"a": 1}}]"#, [call(#"{"a":1}"#)]),
            (
                .mistralList,
                #"So: [TOOL_CALLS] [{"name": "add", "arguments": {}}, {"name":"add","arguments":{"a":2}}]"#,
                [.text("So:"), call("{}"), call(#"{"a":2}"#)]
            ),
            (.mistralNamed(usesArgumentsMark: true), #"[TOOL_CALLS]add[ARGS]{"a": 1}"#, [call(#"{"a":1}"#)]),
            (
                .mistralNamed(usesArgumentsMark: true), #"[TOOL_CALLS]add[CALL_ID]abc[ARGS]{"a": 1}[TOOL_CALLS]add{}"#,
                [call(#"{"a":1}"#, id: "abc"), call("{}")]
            ),
            (.mistralNamed(usesArgumentsMark: true), "[TOOL_CALLS]other[ARGS]{}", [.text("[TOOL_CALLS]other[ARGS]{}")]),
            (.mistralList, "a [b] c [TOOL", [.text("a [b] c [TOOL")]),
            (
                .deepSeekR1,
                """
                I will.\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n```json\n{"a": 1}\n```\
                <｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n```json\n{}\n```<｜tool▁call▁end｜>\
                <｜tool▁calls▁end｜>
                """, [.text("I will."), call(#"{"a":1}"#), call("{}")]
            ),
            (
                .deepSeekV31,
                "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{\"a\": 1}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
                [call(#"{"a":1}"#)]
            ),
            (.bareJSON(argumentsName: "parameters"), #"{"name": "add", "parameters": {"a": 1}}"#, [call(#"{"a":1}"#)]),
            (
                .bareJSON(argumentsName: "parameters"),
                #"{"name": "add", "parameters": {}}; {"name": "add", "parameters": {"a": 2}}"#,
                [call("{}"), call(#"{"a":2}"#)]
            ),
            (
                .bareJSON(argumentsName: "parameters"), #"{"name": "Ann", "age": 7}"#,
                [.text(#"{"name": "Ann", "age": 7}"#)]
            ),
            (.bareJSON(argumentsName: "parameters"), #" {"x": [1, 2"#, [.text(#" {"x": [1, 2"#)]),
            (
                .bareJSON(argumentsName: "parameters"), #"<|python_tag|>brave_search.call(query="a, \"b\"", n=3)"#,
                [call(#"{"query":"a, \"b\"","n":3}"#, "brave_search")]
            ),
            (
                .bareJSON(argumentsName: "parameters"), "<|python_tag|>print(1)\nx = 2",
                [call(#"{"code":"print(1)\nx = 2"}"#, "python")]
            ),
            (
                .functionTags(inToolCall: true),
                """
                Look:\n\n<tool_call>\n<function=add>\n<parameter=a>\n1\n</parameter>\n<parameter=note>\n17\n<b>\n\
                </parameter>\n</function>\n</tool_call>
                """, [.text("Look:"), call(#"{"a":1,"note":"17\n<b>"}"#)]
            ),
            (
                .functionTags(inToolCall: true),
                "<function=add>\n<parameter=a>\n2\n</parameter>\n</function>\n</tool_call>",
                [call(#"{"a":2}"#)]
            ),
            (.functionTags(inToolCall: false), "a <function", [.text("a <function")]),
            (
                .tagged, #"<tool_call>{"name": "add", "arguments": {"note": "</tool_call>"}}</tool_call>"#,
                [call(#"{"note":"</tool_call>"}"#)]
            ),
        ] as [(ToolCallFormat, String, [Part])], [1, 3, 1000])
    func callsAreFoundHoweverTheTextIsCut(example: (ToolCallFormat, String, [Part]), size: Int) {
        #expect(AnswerParserTests.parse(example.1, by: size, example.0, tools: Self.tools) == example.2)
    }

    /// What must be written where a call is demanded is what is read as one.
    @Test(arguments: [
        ToolCallFormat.tagged, .bareJSON(argumentsName: "parameters"), .mistralList,
        .mistralNamed(usesArgumentsMark: true), .mistralNamed(usesArgumentsMark: false), .deepSeekR1, .deepSeekV31,
    ])
    func whatIsDemandedIsRead(format: ToolCallFormat) {
        let text = format.opening(name: "add") + "{\"a\": 1}" + format.closing
        #expect(AnswerParserTests.parse(text, by: 2, format, tools: Self.tools) == [Self.call(#"{"a":1}"#)])
    }

    @Test func anAnswerInJSONIsNotHeldBack() {
        var parser = ToolCallParser(.bareJSON(argumentsName: "parameters"), tools: Self.tools)
        #expect(parser.push("{\"answer\": ") == [.text("{\"answer\":")])
    }

    @Test func callsAreGivenAsSoonAsTheyAreWhole() {
        var parser = ToolCallParser(.mistralList, tools: Self.tools)
        #expect(parser.push("[TOOL_CALLS][{\"name\": \"add\", \"arguments\": {\"a\": 1}").isEmpty)
        #expect(parser.push("}, ") == [Self.call(#"{"a":1}"#)])
    }
}
