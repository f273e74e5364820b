/// How rotary positions are stretched to a context longer than the one the model was trained on.
public enum RopeScaling: Sendable, Equatable {
    /// Positions stay as they are.
    case none
    /// Every position is divided by the factor.
    case linear(factor: Double)
    /// YaRN (Peng and others 2023, arXiv:2309.00071).
    case yarn(Yarn)

    /// YaRN's settings.
    public struct Yarn: Sendable, Equatable {
        /// How many times longer the context becomes, and the positions it had.
        public var factor: Double, originalContext: Int
        /// Multiplies the cosines and sines in addition to the method's own 1 + ln(factor) / 10.
        public var attentionFactor: Double
        /// In turns over the original context: pairs that turn at least `betaFast` times keep their frequency; for
        /// those that turn at most `betaSlow` times it is divided by the whole factor.
        public var betaFast: Double, betaSlow: Double

        /// YaRN with the paper's thresholds.
        public init(
            factor: Double, originalContext: Int, attentionFactor: Double = 1, betaFast: Double = 32,
            betaSlow: Double = 1
        ) {
            self.factor = factor
            self.originalContext = originalContext
            self.attentionFactor = attentionFactor
            self.betaFast = betaFast
            self.betaSlow = betaSlow
        }
    }

    /// One sentence about a number outside its range, or nil if all numbers are valid.
    public var problem: String? {
        func outside(_ name: String, _ value: Double, _ range: ClosedRange<Double>) -> String? {
            range.contains(value)
                ? nil : "the rope scaling's \(name) is \(value), expected \(range.lowerBound) to \(range.upperBound)."
        }
        switch self {
        case .none: return nil
        case .linear(let factor): return outside("factor", factor, 1...1024)
        case .yarn(let y):
            return outside("factor", y.factor, 1...1024) ?? outside(
                "original context", Double(y.originalContext), 1...0x1p24)
                ?? outside("attention factor", y.attentionFactor, 0.01...100) ?? outside(
                    "slow beta", y.betaSlow, 0.01...1000)
                ?? outside("fast beta", y.betaFast, y.betaSlow...1000)
        }
    }

    /// The longest context, in positions, for a model whose file states `contextLength`. A file with YaRN settings may
    /// already state the stretched length.
    public func longestContext(madeFor contextLength: Int) -> Int {
        switch self {
        case .none: contextLength
        case .linear(let factor): Int(Double(contextLength) * factor)
        case .yarn(let y): max(contextLength, Int(Double(y.originalContext) * y.factor))
        }
    }
}
