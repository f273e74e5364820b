extension SamplingParameters {
    /// The names that `set(_:to:)` accepts: Ollama's sampling options.
    public static let names = [
        "temperature", "top_k", "top_p", "min_p", "repeat_penalty", "repeat_last_n", "presence_penalty",
        "frequency_penalty", "seed",
    ]

    /// Sets a parameter by name, from text as a user types it. A seed of -1 means none: a new one each time.
    ///
    /// - Throws: `SamplingError.unknownParameter`, or `.invalidParameter` for text that is not such a number or is out
    ///   of range; then nothing changes.
    public mutating func set(_ name: String, to text: String) throws(SamplingError) {
        func float() throws(SamplingError) -> Float {
            guard let value = Float(text) else {
                throw .invalidParameter(name: name, found: "\"\(text)\"", expected: "a number")
            }
            return value
        }
        func int() throws(SamplingError) -> Int {
            guard let value = Int(text) else {
                throw .invalidParameter(name: name, found: "\"\(text)\"", expected: "a whole number")
            }
            return value
        }
        var changed = self
        switch name {
        case "temperature": changed.temperature = try float()
        case "top_k": changed.topK = try int()
        case "top_p": changed.topP = try float()
        case "min_p": changed.minP = try float()
        case "repeat_penalty": changed.repeatPenalty = try float()
        case "repeat_last_n": changed.repeatLastN = try int()
        case "presence_penalty": changed.presencePenalty = try float()
        case "frequency_penalty": changed.frequencyPenalty = try float()
        case "seed":
            if text == "-1" {
                changed.seed = nil
            } else {
                guard let value = UInt64(text) else {
                    throw .invalidParameter(name: name, found: "\"\(text)\"", expected: "a whole number, or -1 for any")
                }
                changed.seed = value
            }
        default: throw .unknownParameter(name: name)
        }
        try changed.validate()
        self = changed
    }
}
