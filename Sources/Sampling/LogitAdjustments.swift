/// The effect of bias and penalties on the logits, for one history.
///
/// As in llama.cpp, the bias is added first. Then, for a token that occurs `n` > 0 times in the recent window, a
/// positive logit is divided by the repeat penalty and any other is multiplied by it, and `n` * frequency + presence is
/// subtracted.
struct LogitAdjustments {
    private struct Adjustment {
        var bias: Float = 0
        var occurrences = 0
    }

    private let repeatPenalty: Float
    private let frequencyPenalty: Float
    private let presencePenalty: Float
    private var tokens: [Int32: Adjustment] = [:]

    init(_ parameters: SamplingParameters, history: ArraySlice<Int32>) {
        repeatPenalty = parameters.repeatPenalty
        frequencyPenalty = parameters.frequencyPenalty
        presencePenalty = parameters.presencePenalty
        for (id, bias) in parameters.logitBias where bias != 0 { tokens[id, default: Adjustment()].bias = bias }
        guard repeatPenalty != 1 || frequencyPenalty != 0 || presencePenalty != 0 else { return }
        let window = parameters.repeatLastN < 0 ? history : history.suffix(parameters.repeatLastN)
        for id in window { tokens[id, default: Adjustment()].occurrences += 1 }
    }

    /// Number of distinct tokens with an adjustment.
    var count: Int { tokens.count }

    /// The tokens whose logit may rise, in ascending order. (Rounding cannot raise what exact arithmetic lowers.)
    var rising: [Int32] {
        tokens.filter { _, adjustment in
            adjustment.bias > 0
                || adjustment.occurrences > 0 && (repeatPenalty < 1 || subtracted(adjustment.occurrences) < 0)
        }.keys.sorted()
    }

    /// The adjusted logit of token `id`.
    func apply(to logit: Float, of id: Int32) -> Float {
        guard let adjustment = tokens[id] else { return logit }
        return apply(adjustment, to: logit)
    }

    /// The adjusted logits of the whole vocabulary; adjustments of ids outside it are ignored.
    func apply(toAll logits: [Float]) -> [Float] {
        var adjusted = logits
        for (id, adjustment) in tokens where id >= 0 && Int(id) < logits.count {
            adjusted[Int(id)] = apply(adjustment, to: logits[Int(id)])
        }
        return adjusted
    }

    private func apply(_ adjustment: Adjustment, to logit: Float) -> Float {
        var result = logit + adjustment.bias
        if adjustment.occurrences > 0 {
            result = result > 0 ? result / repeatPenalty : result * repeatPenalty
            result -= subtracted(adjustment.occurrences)
        }
        return result
    }

    private func subtracted(_ occurrences: Int) -> Float {
        Float(occurrences) * frequencyPenalty + presencePenalty
    }
}
