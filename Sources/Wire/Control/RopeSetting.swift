/// The rope scaling of a plan. Numbers that the type does not use are 1 or 0.
public struct RopeSetting: Codable, Equatable, Sendable {
    /// One of `none`, `linear`, `yarn`.
    public var type: String
    /// How many times longer the context becomes.
    public var factor: Double
    /// Positions of the original context.
    public var originalContext: Int
    /// Multiplies cosines and sines in addition to the type's own factor.
    public var attentionFactor: Double
    /// In turns over the original context: from `betaFast` on a frequency stays; up to `betaSlow` it is divided by the
    /// whole factor.
    public var betaFast: Double, betaSlow: Double

    /// No scaling.
    public static let none = RopeSetting(type: "none")

    /// A `RopeSetting` with these values.
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
