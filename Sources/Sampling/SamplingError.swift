/// Why a setting is refused or a token cannot be drawn.
public enum SamplingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A setting is not a number or out of range.
    case invalidParameter(name: String, found: String, expected: String)
    /// A parameter's name is not one of `SamplingParameters.names`.
    case unknownParameter(name: String)
    /// The candidates do not match what `Sampler.request` asked for.
    case mismatchedCandidates(what: String, found: Int, expected: Int)
    /// A logit is NaN or +infinity.
    case invalidLogit(token: Int32, found: Float)
    /// Every candidate has a logit of -infinity, or there are no candidates.
    case noCandidates

    public var description: String {
        switch self {
        case .invalidParameter(let name, let found, let expected):
            "\(name) is \(found), expected \(expected). Choose another value."
        case .unknownParameter(let name):
            "there is no sampling parameter \"\(name)\". "
                + "Use one of \(SamplingParameters.names.joined(separator: ", "))."
        case .mismatchedCandidates(let what, let found, let expected):
            "the candidates have \(found) \(what), expected \(expected). "
                + "They must answer the sampler's request for the same history."
        case .invalidLogit(let token, let found):
            "the logit of token \(token) is \(found), expected a finite number. "
                + "The model's weights or a stage's arithmetic are broken."
        case .noCandidates:
            "no token is left to choose from. Loosen the logit bias, or check that the last stage answered."
        }
    }
}
