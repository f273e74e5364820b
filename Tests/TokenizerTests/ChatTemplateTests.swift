import JSON
import Testing

@testable import Tokenizer

/// The styles that are known by name write what the templates published with their models write.
struct ChatTemplateTests {
    private let conversation = [
        ChatMessage(role: .user, content: "hi"),
        ChatMessage(role: .assistant, content: "<think>\nhm</think>\n\n\nok"),
        ChatMessage(role: .tool, content: "1"), ChatMessage(role: .tool, content: "2"),
        ChatMessage(role: .user, content: "and?"),
    ]
    private let system = ChatMessage(role: .system, content: " Be brief.\n")

    @Test func chatMLWritesEveryTurn() throws {
        let template = ChatTemplate(.chatML, defaultSystem: "Be kind.")
        #expect(
            try template.text(conversation) == """
                <|im_start|>system
                Be kind.<|im_end|>
                <|im_start|>user
                hi<|im_end|>
                <|im_start|>assistant
                <think>
                hm</think>


                ok<|im_end|>
                <|im_start|>user
                <tool_response>
                1
                </tool_response>
                <tool_response>
                2
                </tool_response><|im_end|>
                <|im_start|>user
                and?<|im_end|>
                <|im_start|>assistant

                """)
        #expect(!(try template.prompt(ChatRequest(conversation)).startsInThinking) && !template.format.thinks)
    }

    @Test func qwqOpensThinkingAndForgetsEarlierThoughts() throws {
        let template = ChatTemplate(.qwq), plain = conversation.filter { $0.role != .tool }
        let prompt = try template.prompt(ChatRequest(plain))
        #expect(
            prompt.text == """
                <|im_start|>user
                hi<|im_end|>
                <|im_start|>assistant
                ok<|im_end|>
                <|im_start|>user
                and?<|im_end|>
                <|im_start|>assistant
                <think>

                """)
        #expect(prompt.startsInThinking && template.format.thinks)
    }

    @Test func aGivenSystemMessageReplacesTheDefault() throws {
        let template = ChatTemplate(.chatML, defaultSystem: "Be kind.")
        let system = ChatMessage(role: .system, content: "Be brief.")
        let text = "<|im_start|>system\nBe brief.<|im_end|>\n", opening = "<|im_start|>assistant\n"
        #expect(try template.text([system]) == text + opening)
        let later = try template.text([conversation[0], system])
        #expect(
            later == "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n" + text + opening)
        #expect(try ChatTemplate(.chatML).closed([]) == "")
    }

    @Test func qwen3KeepsWhatItThoughtSinceTheLastQuestion() throws {
        let turns = [
            ChatMessage(role: .user, content: "a"), ChatMessage(role: .assistant, content: "<think>\nx\n</think>\n\nb"),
            ChatMessage(role: .user, content: "c"), ChatMessage(role: .assistant, content: "d", thinking: "y"),
            ChatMessage(role: .tool, content: "1"),
        ]
        #expect(
            try ChatTemplate(.qwen3).text([system] + turns)
                == "<|im_start|>system\n Be brief.\n<|im_end|>\n"
                + "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n"
                + "<|im_start|>assistant\n<think>\ny\n</think>\n\nd<|im_end|>\n"
                + "<|im_start|>user\n<tool_response>\n1\n</tool_response><|im_end|>\n<|im_start|>assistant\n")
    }

    @Test(arguments: [
        (ChatTemplate.Style.qwq, true), (.qwen3, true), (.deepSeekR1, true), (.chatML, false), (.llama3, false),
    ])
    func aSkippedThoughtIsOneThatIsClosedAlready(style: ChatTemplate.Style, thinks: Bool) throws {
        let prompt = try ChatTemplate(style).prompt(ChatRequest([conversation[0]], thinks: false))
        #expect(prompt.text.hasSuffix("<think>\n\n</think>\n\n") == thinks && prompt.text.contains("<think>") == thinks)
        #expect(!prompt.startsInThinking)
    }

    @Test func aTemplateWithoutASwitchHasItsThoughtClosed() throws {
        let template = try ChatTemplate("{{ messages[0].content }}{{ '<|im_start|><think>\n' }}")
        #expect(try template.prompt(ChatRequest([conversation[0]])).startsInThinking)
        let prompt = try template.prompt(ChatRequest([conversation[0]], thinks: false))
        #expect(prompt.text == "hi<|im_start|><think>\n\n</think>\n\n" && !prompt.startsInThinking)
    }

    @Test func aSwitchThatNobodySetIsOn() throws {
        let template = try PublishedTemplates.template("Qwen-QwQ-32B")
        #expect(try template.text([conversation[0]]).hasSuffix("<|im_start|>assistant\n<think>\n"))
        #expect(try template.text([conversation[0]], thinks: false).hasSuffix("assistant\n<think>\n</think>"))
    }

    @Test func deepSeekPutsTheSystemMessageFirstAndForgetsEarlierThoughts() throws {
        let plain = conversation.filter { $0.role != .tool } + [system]
        #expect(
            try ChatTemplate(.deepSeekR1).text(plain)
                == " Be brief.\n<｜User｜>hi<｜Assistant｜>\n\n\nok<｜end▁of▁sentence｜><｜User｜>and?<｜Assistant｜><think>\n")
    }

    @Test func deepSeekGoesOnBehindItsToolsResults() throws {
        let tools = conversation[..<4] + [ChatMessage(role: .assistant, content: "so")]
        let outputs =
            """
            <｜tool▁outputs▁begin｜><｜tool▁output▁begin｜>1<｜tool▁output▁end｜>\n\
            <｜tool▁output▁begin｜>2<｜tool▁output▁end｜><｜tool▁outputs▁end｜>
            """
        let opening = "<｜User｜>hi<｜Assistant｜>\n\n\nok<｜end▁of▁sentence｜>"
        let template = ChatTemplate(.deepSeekR1)
        #expect(try template.closed(Array(tools)) == opening + outputs + "so<｜end▁of▁sentence｜>")
        #expect(try template.text(Array(tools.dropLast())) == opening + outputs)
    }

    @Test func llamaTrimsMessagesAndNamesToolsIpython() throws {
        func turn(_ role: String, _ text: String) -> String {
            "<|start_header_id|>\(role)<|end_header_id|>\n\n\(text)<|eot_id|>"
        }
        let turns = [
            ChatMessage(role: .user, content: "\t hi\n"), ChatMessage(role: .tool, content: "1"),
            ChatMessage(role: .user, content: " \n"),
        ]
        let rest = turn("user", "hi") + turn("ipython", "1") + turn("user", "")
        let opening = "<|start_header_id|>assistant<|end_header_id|>\n\n"
        #expect(try ChatTemplate(.llama3).text(turns) == rest + opening)
        #expect(try ChatTemplate(.llama3).closed([system] + turns) == turn("system", "Be brief.") + rest)
    }

    @Test func ofSeveralTemplatesToolUseIsTakenWhereThereAreTools() throws {
        let template = try ChatTemplate([
            .init(name: "rag", text: "r"), .init(name: "tool_use", text: "t{{ tools[0].function.name }}"),
            .init(name: "default", text: "d"),
        ])
        #expect(try template.text([conversation[0]]) == "d")
        #expect(try template.text([conversation[0]], tools: [PublishedTemplates.tool]) == "tadd")
        #expect(try ChatTemplate([.init(name: "rag", text: "r")]).text([conversation[0]]) == "r")
    }

    @Test func aTemplateThatIsNoneSaysWhereAndWhy() {
        let error = #expect(throws: TemplateError.self) { try ChatTemplate("a\n {% if %}") }
        #expect(error?.line == 2 && error?.kind == .syntax)
        #expect(error?.description.hasPrefix("the chat template, line 2, column ") == true)
    }

    @Test func aRefusalIsTheTemplatesOwn() throws {
        let template = try PublishedTemplates.template("google-gemma-2-2b-it")
        let error = #expect(throws: TemplateError.self) { try template.text([system, conversation[0]]) }
        #expect(error?.kind == .refused && error?.message == "System role not supported")
    }

    @Test func variablesOfAClientAreTold() throws {
        let template = try ChatTemplate("{{ effort }}{{ enable_thinking }}{{ bos_token }}", beginningOfSequence: "B")
        let request = ChatRequest(
            [conversation[0]], variables: [.init("effort", "high"), .init("enable_thinking", "x")], thinks: true)
        #expect(try template.prompt(request).text == "highxB")
    }

    @Test(arguments: [
        ("<|im_start|>{{ .Content }}<|im_end|>", ChatTemplate.Style.chatML),
        ("<|im_start|>{{ .Content }}<|im_end|><think>", .qwq),
        ("<|im_start|>{{ if and $.IsThinkSet }}<|im_end|><think>", .qwen3),
        ("<｜User｜>{{ .Prompt }}<｜Assistant｜>", .deepSeekR1),
        ("<|start_header_id|>x<|end_header_id|>{{ .System }}<|eot_id|>", .llama3),
    ])
    func ofTemplatesInGoTheKnownStylesAreTaken(text: String, style: ChatTemplate.Style) throws {
        #expect(try GoTemplate.style(of: text) == style)
    }

    @Test func anUnknownTemplateInGoIsRefused() {
        let text = "[INST] {{ .Prompt }} [/INST]"
        let error = #expect(throws: TokenizerError.self) { try GoTemplate.style(of: text) }
        #expect(error == .unknownChatTemplate(start: text))
        #expect(error?.description.hasSuffix("--chat-template: chatml, qwq, qwen3, deepseek-r1, llama3.") == true)
    }
}
