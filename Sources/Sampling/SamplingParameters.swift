/// The settings for choosing the next token.
///
/// The steps run in the order of llama.cpp's default chain: logit bias and penalties, top-k, top-p, min-p, temperature,
/// draw. So top-p and min-p use the probabilities before temperature changes them.
public struct SamplingParameters: Sendable, Equatable {
    /// Divides the logits before the draw, 0 to 100; 0 takes the best token (of equal ones the lowest id).
    public var temperature: Float
    /// Number of the best tokens that can be drawn, at most 2^20; 0: the whole vocabulary.
    public var topK: Int
    /// Restricts the draw to the fewest best tokens whose probabilities sum to at least this; above 0, 1 is off.
    public var topP: Float
    /// Excludes tokens less likely than this times the likeliest one, at most 1; 0 is off.
    public var minP: Float
    /// Divides positive and multiplies other logits of tokens in the recent window, 0.01 to 100; 1 is off.
    public var repeatPenalty: Float
    /// Length of the recent window, in tokens of prompt and answer; 0 turns all penalties off, -1 is the whole history.
    public var repeatLastN: Int
    /// Subtracted once from the logit of a token in the recent window, -2 to 2.
    public var presencePenalty: Float
    /// Subtracted from a token's logit for each occurrence in the recent window, -2 to 2.
    public var frequencyPenalty: Float
    /// Added to the logits of these tokens, -10^6 to 10^6; -infinity forbids a token.
    public var logitBias: [Int32: Float]
    /// The seed of the draws; nil lets every sampler choose one.
    public var seed: UInt64?

    /// Settings as given, unchecked until `validate()`.
    public init(
        temperature: Float = 0.7, topK: Int = 40, topP: Float = 0.9, minP: Float = 0, repeatPenalty: Float = 1,
        repeatLastN: Int = 64, presencePenalty: Float = 0, frequencyPenalty: Float = 0,
        logitBias: [Int32: Float] = [:], seed: UInt64? = nil
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.repeatPenalty = repeatPenalty
        self.repeatLastN = repeatLastN
        self.presencePenalty = presencePenalty
        self.frequencyPenalty = frequencyPenalty
        self.logitBias = logitBias
        self.seed = seed
    }

    /// Checks all settings.
    ///
    /// - Throws: `SamplingError.invalidParameter` for the first setting that is not a number or out of range.
    public func validate() throws(SamplingError) {
        func demand(_ holds: Bool, _ name: String, _ found: Any, _ expected: String) throws(SamplingError) {
            if !holds { throw .invalidParameter(name: name, found: "\(found)", expected: expected) }
        }
        // Each of these refuses NaN, which is in no range.
        try demand((0...100).contains(temperature), "temperature", temperature, "0 to 100")
        try demand((0...1 << 20).contains(topK), "top_k", topK, "0 (off) to 1048576")
        try demand(topP > 0 && topP <= 1, "top_p", topP, "above 0, at most 1 (off)")
        try demand((0...1).contains(minP), "min_p", minP, "0 (off) to 1")
        try demand((0.01...100).contains(repeatPenalty), "repeat_penalty", repeatPenalty, "0.01 to 100, 1 is off")
        try demand(repeatLastN >= -1, "repeat_last_n", repeatLastN, "-1 (the whole history), 0 (off) or more")
        try demand((-2...2).contains(presencePenalty), "presence_penalty", presencePenalty, "-2 to 2")
        try demand((-2...2).contains(frequencyPenalty), "frequency_penalty", frequencyPenalty, "-2 to 2")
        for (token, bias) in logitBias.sorted(by: { $0.key < $1.key }) {
            try demand(token >= 0, "logit_bias", "for token \(token)", "token ids of 0 or more")
            try demand(
                bias == -.infinity || (-1e6...1e6).contains(bias), "logit_bias", "\(bias) for token \(token)",
                "-1000000 to 1000000, or -infinity to forbid the token")
        }
    }
}
