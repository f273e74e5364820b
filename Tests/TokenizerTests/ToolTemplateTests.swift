import JSON
import Testing

@testable import Tokenizer

/// What is expected was rendered with the templates published with Qwen2.5-Coder and QwQ.
struct ToolTemplateTests {
    private let tools: [JSONValue] = [["type": "function", "function": ["name": "f"]]]
    private let talk = [
        ChatMessage(role: .user, content: "hi"),
        ChatMessage(
            role: .assistant, content: "",
            toolCalls: [ToolCall(name: "f", arguments: #"{"x": 1}"#), ToolCall(name: "f", arguments: "{}")]),
        ChatMessage(role: .tool, content: "1"), ChatMessage(role: .tool, content: "2"),
    ]
    private let rest = """
        <|im_start|>user
        hi<|im_end|>
        <|im_start|>assistant
        <tool_call>
        {"name": "f", "arguments": {"x": 1}}
        </tool_call>
        <tool_call>
        {"name": "f", "arguments": {}}
        </tool_call><|im_end|>
        <|im_start|>user
        <tool_response>
        1
        </tool_response>
        <tool_response>
        2
        </tool_response><|im_end|>
        <|im_start|>assistant

        """
    private let introduction = """


        # Tools

        You may call one or more functions to assist with the user query.

        You are provided with function signatures within <tools></tools> XML tags:
        <tools>
        {"type": "function", "function": {"name": "f"}}
        </tools>

        For each function call, return a json object with function name and arguments within <tool_call></tool_call> \
        XML tags:
        <tool_call>
        {"name": <function-name>, "arguments": <args-json-object>}
        </tool_call><|im_end|>

        """

    @Test func toolsStandInTheSystemMessage() throws {
        let template = ChatTemplate(.chatML, defaultSystem: "Be kind.")
        let system = ChatMessage(role: .system, content: "Be brief.")
        #expect(try template.text(talk, tools: tools) == "<|im_start|>system\nBe kind." + introduction + rest)
        #expect(
            try template.text([system] + talk, tools: tools) == "<|im_start|>system\nBe brief." + introduction + rest)
        #expect(
            try ChatTemplate(.qwq).text(talk, tools: tools) == "<|im_start|>system\n" + introduction + rest
                + "<think>\n")
    }

    @Test func theStyleWritesWhatThePublishedTemplateWrites() throws {
        for (style, name) in [(ChatTemplate.Style.qwq, "Qwen-QwQ-32B"), (.qwen3, "Qwen-Qwen3-0.6B")] {
            let published = try PublishedTemplates.template(name)
            for turns in [talk, [talk[0]], [ChatMessage(role: .system, content: "Be brief.")] + talk] {
                #expect(try ChatTemplate(style).text(turns, tools: tools) == published.text(turns, tools: tools))
                #expect(try ChatTemplate(style).text(turns) == published.text(turns))
            }
        }
    }
}
