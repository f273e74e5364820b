import Sampling
import Tokenizer

extension AnswerRequest {
    /// Sets the prompt to a conversation, as the model's chat template writes it.
    mutating func ask(_ chat: ChatRequest, _ model: ServedModel) throws(TemplateError) {
        let written = try model.template.prompt(chat)
        prompt = model.tokenizer.encode(written)
        startsInThinking = written.startsInThinking
    }

    /// Demands that the answer, behind what the model thinks, is one of a grammar.
    mutating func demand(_ grammar: JSONGrammar, _ model: ServedModel) {
        let closing = model.template.format.thinking.closing
        self.grammar = startsInThinking ? grammar.after(thinkingThrough: closing) : grammar
    }
}
