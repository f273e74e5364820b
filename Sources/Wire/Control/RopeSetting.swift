/// A plan's rope scaling. Numbers that a type has no use for are 1 or 0.
public struct RopeSetting: Codable, Equatable, Sendable {
    /// One of `none`, `linear`, `yarn`.
    public var type: String
    /// How many times longer the context gets.
    public var factor: Double
    /// Positions of the context before.
    public var originalContext: Int
    /// Multiplies cosines and sines besides what the type itself does.
    public var attentionFactor: Double
    /// Turns over the original context from which on a frequency is left alone, and below which it is slowed down
    /// wholly.
    public var betaFast: Double, betaSlow: Double

    /// No scaling.
    public static let none = RopeSetting(type: "none")

    /// A `RopeSetting` of these values.
    public init(
        type: String, factor: Double = 1, originalContext: Int = 0, attentionFactor: Double = 1, betaFast: Double = 0,
        betaSlow: Double = 0
    ) {
        self.type = type
        self.factor = factor
        self.originalContext = originalContext
        self.attentionFactor = attentionFactor
        self.betaFast = betaFast
        self.betaSlow = betaSlow
    }
}
