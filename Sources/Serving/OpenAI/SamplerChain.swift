import JSON
import Sampling

/// llama.cpp's `samplers`: which steps choose a token, in which order. Steps that it leaves out are turned off.
struct SamplerChain {
    private enum Step: String {
        case penalties, topK = "top_k", topP = "top_p", minP = "min_p", temperature
        /// Steps that do nothing unless a field that is refused turns them on.
        case dry, typical = "typ_p", topNSigma = "top_n_sigma", xtc, adaptive = "adaptive_p"
    }

    /// The steps that are taken here, in their order; it is that of llama.cpp's default.
    private static let taken: [Step] = [.penalties, .topK, .topP, .minP, .temperature]
    /// The letters of llama.cpp's short form.
    private static let letters: [Character: Step] = [
        "e": .penalties, "k": .topK, "p": .topP, "m": .minP, "t": .temperature, "d": .dry, "y": .typical,
        "s": .topNSigma, "x": .xtc, "a": .adaptive,
    ]
    private static let otherNames: [String: Step] = [
        "top-k": .topK, "top-p": .topP, "nucleus": .topP, "min-p": .minP, "temp": .temperature, "typical": .typical,
        "typical_p": .typical, "typical-p": .typical, "typ-p": .typical, "typ": .typical, "top-n-sigma": .topNSigma,
    ]

    private let steps: [Step]

    /// Parses a list of names, or a text of letters. An empty one stands for the default.
    init(_ value: JSONValue) throws(ServingError) {
        let steps: [Step?]
        if let text = value.string {
            steps = text.map { Self.letters[$0] }
        } else {
            let names = value.array ?? [value]
            steps = names.map { $0.string.flatMap { Step(rawValue: $0) ?? Self.otherNames[$0] } }
        }
        let known = steps.compactMap { $0 }, places = known.compactMap { Self.taken.firstIndex(of: $0) }
        guard known.count == steps.count, zip(places, places.dropFirst()).allSatisfy(<) else {
            throw .invalid(
                "samplers",
                """
                'samplers' is \(value.text().prefix(200)), expected some of \
                \(Self.taken.map(\.rawValue).joined(separator: ", ")) in this order, which is the only one there is
                """,
                code: "unsupported_value")
        }
        self.steps = known
    }

    /// Turns off what is left out.
    func apply(to sampling: inout SamplingParameters) {
        guard !steps.isEmpty else { return }
        if !steps.contains(.penalties) {
            (sampling.repeatPenalty, sampling.presencePenalty, sampling.frequencyPenalty) = (1, 0, 0)
        }
        if !steps.contains(.topK) { sampling.topK = 0 }
        if !steps.contains(.topP) { sampling.topP = 1 }
        if !steps.contains(.minP) { sampling.minP = 0 }
        if !steps.contains(.temperature) { sampling.temperature = 1 }
    }
}
