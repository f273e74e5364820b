import ArgumentParser
import Transformer

/// How a model's positions are stretched to a longer context, instead of as its file says.
struct RopeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Stretch positions to a longer context: yarn, linear or none (default: as the file says).",
            valueName: "METHOD"))
    var ropeScaling: RopeRequest.Method?

    @Option(
        help: ArgumentHelp("How many times longer the context gets, as in 4 for QwQ's 131072 tokens.", valueName: "N"))
    var ropeFactor: Double?

    @Option(
        help: ArgumentHelp(
            "Tokens the model was trained on before stretching, for yarn (default: what the file says).", valueName: "N"
        ))
    var ropeOriginal: Int?

    func validate() throws {
        if ropeScaling == nil || ropeScaling == RopeRequest.Method.none, ropeFactor != nil || ropeOriginal != nil {
            throw ValidationError(
                """
                --rope-factor and --rope-original say how to stretch; name the method with --rope-scaling yarn or \
                linear.
                """
            )
        }
        if let ropeFactor, !RopeRequest.factors.contains(ropeFactor) {
            throw ValidationError("--rope-factor is \(ropeFactor), expected 1 to 1024.")
        }
        if let ropeOriginal, !RopeRequest.originals.contains(ropeOriginal) {
            throw ValidationError("--rope-original is \(ropeOriginal), expected 1 to 16777216.")
        }
        if ropeScaling == .linear, ropeOriginal != nil {
            throw ValidationError("--rope-original belongs to --rope-scaling yarn; linear needs only --rope-factor.")
        }
    }

    /// What the options ask for; nil when they say nothing.
    var request: RopeRequest? { ropeScaling.map { RopeRequest($0, factor: ropeFactor, original: ropeOriginal) } }
}

extension RopeRequest.Method: ExpressibleByArgument {}
