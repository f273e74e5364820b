import Tokenizer

extension OpenAIRequest {
    /// Checks vLLM's fields on how a conversation is written. A message of the assistant at its end is continued, and
    /// everything else is answered, so they can only agree.
    func checkContinuation(_ fields: RequestFields, _ messages: [ChatMessage]) throws(ServingError) {
        let endsOpen = messages.last?.role == .assistant
        if try fields.bool("continue_final_message") ?? false, !endsOpen {
            throw .invalid(
                "continue_final_message",
                "'continue_final_message' needs a last message that is the assistant's, which is then continued")
        }
        if try fields.bool("add_generation_prompt") == false, !endsOpen {
            throw .invalid(
                "add_generation_prompt",
                "'add_generation_prompt' is false, which is only possible when the last message is the assistant's",
                code: "unsupported_value")
        }
        for name in ["add_special_tokens", "echo"] where try fields.bool(name) ?? false {
            throw .invalid(
                name, "'\(name)' is true, which is not supported for conversations; leave it out",
                code: "unsupported_value")
        }
    }
}
