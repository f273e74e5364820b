/// The speed of several requests at once, measured or simulated. Speeds are in tokens per second, times in seconds.
public struct StreamReport: Sendable, Equatable, Encodable {
    /// Requests at once, and the tokens of each prompt and answer.
    public var streams: Int, promptTokens: Int, tokens: Int
    /// The speed of all prompts together up to the last first token; the median and 99th percentile of the time to the
    /// first token.
    public var promptSpeed: Double, firstTokenMedian: Double, firstTokenP99: Double
    /// The median time to the first token when the same prompts come again.
    public var firstTokenAgain: Double
    /// The decode speed of all answers together with cached prompts, and that of one answer.
    public var speed: Double, speedPerStream: Double

    /// A `StreamReport` with these values.
    public init(
        streams: Int, promptTokens: Int, tokens: Int, promptSpeed: Double, firstTokenMedian: Double,
        firstTokenP99: Double, firstTokenAgain: Double, speed: Double, speedPerStream: Double
    ) {
        self.streams = streams
        self.promptTokens = promptTokens
        self.tokens = tokens
        self.promptSpeed = promptSpeed
        self.firstTokenMedian = firstTokenMedian
        self.firstTokenP99 = firstTokenP99
        self.firstTokenAgain = firstTokenAgain
        self.speed = speed
        self.speedPerStream = speedPerStream
    }

    /// The value that a fraction `share` of the sorted values does not exceed; 0 if there are none.
    public static func share(_ sorted: [Double], _ share: Double) -> Double {
        sorted.isEmpty ? 0 : sorted[min(Int((Double(sorted.count) * share).rounded(.up)), sorted.count) - 1]
    }
}
