import Testing

@testable import Tokenizer

/// An assistant's message at the end of a conversation is continued, not answered.
struct ContinuationTests {
    private func prompt(_ name: String, _ last: ChatMessage) throws -> ChatPrompt {
        try PublishedTemplates.template(name).prompt(ChatRequest([ChatMessage(role: .user, content: "France?"), last]))
    }

    @Test(arguments: [
        ("Qwen-Qwen2.5-7B-Instruct", "<|im_start|>assistant\nIt is"), ("Qwen-QwQ-32B", "<|im_start|>assistant\nIt is"),
        ("Qwen-Qwen3-0.6B", "<|im_start|>assistant\n<think>\n\n</think>\n\nIt is"),
        ("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", "<｜Assistant｜>It is"),
        ("meta-llama-Llama-3.1-8B-Instruct", "<|end_header_id|>\n\nIt is"),
        ("mistralai-Mistral-Nemo-Instruct-2407", "[/INST]It is"),
    ])
    func thePromptEndsWithTheMessage(name: String, end: String) throws {
        let prompt = try prompt(name, ChatMessage(role: .assistant, content: "It is"))
        #expect(prompt.text.hasSuffix(end) && !prompt.startsInThinking)
        #expect(prompt.segments.last?.parsesControlTokens == false)
    }

    @Test func whatATemplateTrimsTheMessageDoesNotEndWith() throws {
        let last = ChatMessage(role: .assistant, content: "It is ")
        #expect(try prompt("meta-llama-Llama-3.1-8B-Instruct", last).text.hasSuffix("\n\nIt is"))
        #expect(try prompt("Qwen-Qwen2.5-7B-Instruct", last).text.hasSuffix("\nIt is "))
    }

    @Test(arguments: [
        ("<think>\nParis, I", true), ("<think>\nParis\n</think>\n\nIt is", false),
        ("<think>a</think>b</think>", false),
    ])
    func aThoughtStaysWhereTheModelWroteIt(content: String, isOpen: Bool) throws {
        for name in ["Qwen-QwQ-32B", "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", "Qwen-Qwen3-0.6B"] {
            let prompt = try prompt(name, ChatMessage(role: .assistant, content: content))
            #expect(
                prompt.text.hasSuffix(content)
                    || prompt.text.hasSuffix(content.replacing("<think>a", with: "<think>\na")))
            #expect(prompt.text.split(separator: "<think>", omittingEmptySubsequences: false).count == 2)
            #expect(prompt.startsInThinking == isOpen)
        }
    }

    @Test func aThoughtThatIsKeptApartIsPutBack() throws {
        let last = ChatMessage(role: .assistant, content: "It is", thinking: "Paris")
        let prompt = try prompt("Qwen-QwQ-32B", last)
        #expect(prompt.text.hasSuffix("<|im_start|>assistant\n<think>\nParis\n</think>\n\nIt is"))
        #expect(!prompt.startsInThinking)
        let open = try self.prompt("Qwen-Qwen3-0.6B", ChatMessage(role: .assistant, content: "", thinking: "Par"))
        #expect(open.text.hasSuffix("<|im_start|>assistant\n<think>\nPar") && open.startsInThinking)
    }

    @Test func aCallAtTheEndIsNotContinued() throws {
        let last = ChatMessage(role: .assistant, content: "", toolCalls: [ToolCall(name: "f", arguments: "{}")])
        #expect(try prompt("Qwen-Qwen2.5-7B-Instruct", last).text.hasSuffix("<|im_end|>\n<|im_start|>assistant\n"))
    }

    @Test func theNextTurnFollowsTheEndOfAnAnswer() throws {
        let template = try PublishedTemplates.template("Qwen-QwQ-32B")
        let turn = try template.following(ChatRequest([ChatMessage(role: .user, content: "And?")]))
        #expect(
            turn.text == "<|im_end|>\n<|im_start|>user\nAnd?<|im_end|>\n<|im_start|>assistant\n<think>\n")
        #expect(turn.startsInThinking)
    }
}
