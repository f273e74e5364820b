extension SamplingParameters {
    /// The settings that a model's makers recommend, by its name (`general.name`, or a tag such as `qwq:32b`); Ollama's
    /// defaults for other models.
    ///
    /// Sources: QwQ-32B's model card ("Usage Guidelines": temperature 0.6, top-p 0.95, min-p 0, top-k 20 to 40) and its
    /// `generation_config.json` (top-k 40); the `generation_config.json` of Qwen2.5-Instruct and Qwen2.5-Coder-Instruct
    /// (0.7, 0.8, 20; repetition penalty 1.05, also for Coder-32B, but 1.1 for the smaller Coders and the sizes 0.5B
    /// and 1.5B); DeepSeek-R1's model card (0.6, 0.95); Qwen3's (thinking: 0.6, 0.95, 20); Llama 3's
    /// `generation_config.json` (0.6, 0.9); Ollama's `DefaultOptions` (0.8, 0.9, 40, repeat penalty 1.1 over 64
    /// tokens).
    public static func recommended(modelName: String) -> SamplingParameters {
        let name = modelName.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "." }
        // Distilled models also carry the name of their base model, so theirs is checked first.
        if name.contains("deepseekr1") { return SamplingParameters(temperature: 0.6, topK: 40, topP: 0.95) }
        if name.contains("qwen3") { return SamplingParameters(temperature: 0.6, topK: 20, topP: 0.95) }
        if name.contains("llama3") { return SamplingParameters(temperature: 0.6, topK: 40, topP: 0.9) }
        if name.contains("qwq") {
            return SamplingParameters(temperature: 0.6, topK: 40, topP: 0.95)
        }
        if name.contains("qwen2.5") {
            let isCoder = name.contains("coder")
            let is32B = name.contains("32b")
            let strong = isCoder && !is32B || ["2.50.5b", "2.51.5b"].contains { name.contains($0) }
            return SamplingParameters(temperature: 0.7, topK: 20, topP: 0.8, repeatPenalty: strong ? 1.1 : 1.05)
        }
        return SamplingParameters(temperature: 0.8, topK: 40, topP: 0.9, repeatPenalty: 1.1)
    }
}
