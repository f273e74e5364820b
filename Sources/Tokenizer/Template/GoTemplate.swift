/// Templates in Go's language, which Ollama packs with models. They are not run: of those that write a known style, that
/// style is taken.
public enum GoTemplate {
    /// The style that a template writes.
    ///
    /// - Throws: ``TokenizerError/unknownChatTemplate(start:)`` for one of another kind.
    public static func style(of text: String) throws(TokenizerError) -> ChatTemplate.Style {
        func has(_ parts: String...) -> Bool { parts.allSatisfy { text.contains($0) } }
        if has("<|im_start|>", "<|im_end|>") {
            // Ollama's templates of models with a switch for thinking ask for its state.
            if has("IsThinkSet") || has(".Thinking") { return .qwen3 }
            return has("<think>") ? .qwq : .chatML
        }
        if has("<｜User｜>", "<｜Assistant｜>") { return .deepSeekR1 }
        if has("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>") { return .llama3 }
        throw .unknownChatTemplate(start: String(text.unicodeScalars.prefix(100)))
    }
}
