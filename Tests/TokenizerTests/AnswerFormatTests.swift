import JSON
import Testing

@testable import Tokenizer

/// What answers look like is learnt from the published templates.
struct AnswerFormatTests {
    @Test(arguments: [
        ("Qwen-QwQ-32B", ToolCallFormat?.some(.tagged)), ("Qwen-Qwen3-0.6B", .tagged),
        ("Qwen-Qwen2.5-7B-Instruct", .tagged), ("NousResearch-Hermes-3-Llama-3.1-8B-tool_use", .tagged),
        ("NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", .functionTags(inToolCall: true)),
        ("meta-llama-Llama-3.1-8B-Instruct", .bareJSON(argumentsName: "parameters")),
        ("meta-llama-Llama-3.3-70B-Instruct", .bareJSON(argumentsName: "parameters")),
        ("mistralai-Mistral-Nemo-Instruct-2407", .mistralList),
        ("Mistral-Small-3.2-24B-Instruct-2506", .mistralNamed(usesArgumentsMark: true)),
        ("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", .deepSeekR1), ("llama-cpp-deepseek-r1", .deepSeekR1),
        ("deepseek-ai-DeepSeek-V3.1", .deepSeekV31), ("google-gemma-2-2b-it", nil), ("GLM-4.6", nil),
    ])
    func callsAreWrittenAsTheTemplateWritesThem(name: String, format: ToolCallFormat?) throws {
        #expect(try PublishedTemplates.template(name).format.calls == format)
    }

    @Test(arguments: [
        ("Qwen-QwQ-32B", true, true), ("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", true, true),
        ("Qwen-Qwen3-0.6B", true, false), ("meta-llama-Llama-3.1-8B-Instruct", false, false),
    ])
    func thinkingIsOpenedByThePromptOrByTheModel(name: String, thinks: Bool, isOpened: Bool) throws {
        let template = try PublishedTemplates.template(name)
        let prompt = try template.prompt(ChatRequest([ChatMessage(role: .user, content: "Hi <think>\n")]))
        #expect(template.format.thinks == thinks && prompt.startsInThinking == isOpened)
        #expect(template.format.thinking == ThinkingTags())
    }

    @Test func otherTagsThanTheUsualOnesAreFound() throws {
        let template = try PublishedTemplates.template("MiniMax-M3")
        #expect(template.format.thinking == ThinkingTags(opening: "<mm:think>", closing: "</mm:think>"))
    }

    @Test(arguments: ["Qwen-QwQ-32B", "mistralai-Mistral-Nemo-Instruct-2407", "meta-llama-Llama-3.2-3B-Instruct"])
    func aTemplateWithAPlaceForToolsOffersThem(name: String) throws {
        #expect(try PublishedTemplates.template(name).offersTools)
    }

    @Test func aTemplateWithoutOneDoesNot() throws {
        #expect(!(try PublishedTemplates.template("google-gemma-2-2b-it").offersTools))
        #expect(!(try PublishedTemplates.template("microsoft-Phi-3.5-mini-instruct").offersTools))
    }

    @Test func whereCallsAreWrittenButNoToolsTheyAreDescribed() throws {
        let template = try PublishedTemplates.template("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B")
        let text = try template.text(
            [ChatMessage(role: .system, content: "Be brief."), ChatMessage(role: .user, content: "Hi")],
            tools: [PublishedTemplates.tool])
        #expect(text.contains(PublishedTemplates.tool.text(.python)))
        #expect(text.contains("<｜tool▁sep｜>NAME\n```json\n") && text.contains("Be brief."))
    }

    @Test func aCallAndItsResultAreWritten() throws {
        for name in ["deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", "mistralai-Mistral-Nemo-Instruct-2407"] {
            let template = try PublishedTemplates.template(name)
            for id in ["call_1", nil] as [String?] {
                let text = try template.text(
                    [
                        ChatMessage(role: .user, content: "Hi"),
                        ChatMessage(
                            role: .assistant, content: "",
                            toolCalls: [ToolCall(name: "add", arguments: "{\"a\": 17}", id: id)]),
                        ChatMessage(role: .tool, content: "thirty", toolCallID: id),
                    ], tools: [PublishedTemplates.tool])
                #expect(text.contains("17") && text.contains("thirty"), "\(name)")
            }
        }
    }

    @Test func contentIsGivenInPartsWhereATemplateWantsThem() throws {
        let template = try ChatTemplate(
            "{% for m in messages %}{% for p in m.content %}{% if p.type == 'text' %}{{ p.text }}|{% endif %}"
                + "{% endfor %}{% endfor %}")
        #expect(try template.text([ChatMessage(role: .user, content: "Hi")]) == "Hi|")
    }
}
