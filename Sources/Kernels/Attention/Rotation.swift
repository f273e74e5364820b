import CKernels

/// How positions rotate queries and keys: a frequency for each pair of values of a head.
///
/// Frequencies are base^(-2i/dimension), divided by the file's factors if it has any (Llama 3.1), then scaled by
/// `scaling`. All of it is double precision, with the same bits on every machine.
public struct Rotation: Sendable, Equatable {
    /// Which values of a head are rotated together.
    public enum Layout: Sendable, Equatable {
        /// Values i and i + dimension/2, as in GPT-NeoX and Qwen.
        case halves
        /// Neighbours 2i and 2i + 1, as in GGUF files of Llama.
        case pairs
    }

    /// Values of a head.
    public let dimension: Int
    /// Radians per position, `[dimension / 2]`, and the factor for cosines and sines.
    public let frequencies: [Double], magnitude: Double
    /// Which values are rotated together.
    public let layout: Layout

    /// A rotation of heads of `dimension` values, an even number. `factors`: `[dimension / 2]` without zeros, or empty.
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
