/// What so many requests at once took, measured or simulated. Speeds in tokens a second, times in seconds.
public struct StreamReport: Sendable, Equatable, Encodable {
    /// Requests at once, and tokens of each one's prompt and answer.
    public var streams: Int, promptTokens: Int, tokens: Int
    /// All prompts together, from the start to the last first token, and how long a first token took.
    public var promptSpeed: Double, firstTokenMedian: Double, firstTokenP99: Double
    /// How long a first token took when the same prompt came again.
    public var firstTokenAgain: Double
    /// All answers together behind prompts that are known, and one of them.
    public var speed: Double, speedPerStream: Double

    /// A `StreamReport` of these values.
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

    /// The value that `share` of the sorted values do not exceed.
    public static func share(_ sorted: [Double], _ share: Double) -> Double {
        sorted.isEmpty ? 0 : sorted[min(Int((Double(sorted.count) * share).rounded(.up)), sorted.count) - 1]
    }
}
