import CKernels

/// How positions turn queries and keys: a frequency for each pair of a head's values.
///
/// Frequencies are base^(-2i/dimension), divided by the file's factors where it has some (Llama 3.1), then slowed down
/// as `scaling` says; all in double precision, so that every machine has the same bits.
public struct Rotation: Sendable, Equatable {
    /// Which values of a head turn together.
    public enum Layout: Sendable, Equatable {
        /// Values i and i + dimension/2, as GPT-NeoX has them, and Qwen.
        case halves
        /// Neighbours 2i and 2i + 1, as GGUF has Llama's.
        case pairs
    }

    /// Values of a head.
    public let dimension: Int
    /// Radians a position, `[dimension / 2]`, and what cosines and sines are multiplied by.
    public let frequencies: [Double], magnitude: Double
    /// Which values turn together.
    public let layout: Layout

    /// A rotation of heads of `dimension` values, an even number. `factors`: `[dimension / 2]`, none of them 0.
    public init(
        base: Double, dimension: Int, layout: Layout = .halves, factors: [Float] = [], scaling: RopeScaling = .none
    ) {
        precondition(dimension % 2 == 0 && (factors.isEmpty || factors.count == dimension / 2), "shapes differ")
        var f = [Double](repeating: 0, count: dimension / 2)
        bk_rope_frequencies(base, Int32(dimension), &f)
        for (i, factor) in factors.enumerated() { f[i] /= Double(factor) }
        switch scaling {
        case .none: magnitude = 1
        case .linear(let factor):
            for i in f.indices { f[i] /= factor }
            magnitude = 1
        case .yarn(let yarn):
            var raw = bk_yarn(
                factor: yarn.factor, original: Double(yarn.originalContext), beta_fast: yarn.betaFast,
                beta_slow: yarn.betaSlow)
            magnitude = bk_rope_yarn(&raw, base, Int32(dimension), &f) * yarn.attentionFactor
        }
        self.dimension = dimension
        self.layout = layout
        frequencies = f
    }
}
