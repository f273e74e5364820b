import ArgumentParser
import Kernels
import Transformer

/// How a model's positions are stretched to a longer context, instead of as its file says.
struct RopeOptions: ParsableArguments {
    enum Method: String, CaseIterable, ExpressibleByArgument { case none, linear, yarn }

    @Option(help: ArgumentHelp("Stretch positions to a longer context: yarn, linear or none (default: as the file says).", valueName: "METHOD"))
    var ropeScaling: Method?

    @Option(help: ArgumentHelp("How many times longer the context gets, as in 4 for QwQ's 131072 tokens.", valueName: "N"))
    var ropeFactor: Double?

    @Option(help: ArgumentHelp("Tokens the model was trained on before stretching, for yarn (default: what the file says).", valueName: "N"))
    var ropeOriginal: Int?

    func validate() throws {
        if ropeScaling == nil || ropeScaling == Method.none, ropeFactor != nil || ropeOriginal != nil {
            throw ValidationError("--rope-factor and --rope-original say how to stretch; name the method with --rope-scaling yarn or linear.")
        }
        if let ropeFactor, !(1...1024).contains(ropeFactor) {
            throw ValidationError("--rope-factor is \(ropeFactor), expected 1 to 1024.")
        }
        if let ropeOriginal, !(1...16_777_216).contains(ropeOriginal) {
            throw ValidationError("--rope-original is \(ropeOriginal), expected 1 to 16777216.")
        }
        if ropeScaling == .linear, ropeOriginal != nil {
            throw ValidationError("--rope-original belongs to --rope-scaling yarn; linear needs only --rope-factor.")
        }
    }

    /// What the options ask for; nil when they say nothing. What they leave open is as in the file.
    func scaling(for c: ModelConfiguration) throws -> RopeScaling? {
        guard let ropeScaling else { return nil }
        func factor(_ ofFile: Double?) throws -> Double {
            guard let factor = ropeFactor ?? ofFile else {
                throw ValidationError("--rope-scaling \(ropeScaling.rawValue) needs --rope-factor, as the file states none.")
            }
            return factor
        }
        switch (ropeScaling, c.ropeScaling) {
        case (.none, _): return RopeScaling.none
        case (.linear, .linear(let ofFile)): return .linear(factor: try factor(ofFile))
        case (.linear, _): return .linear(factor: try factor(nil))
        case (.yarn, .yarn(var yarn)):
            yarn.factor = try factor(yarn.factor)
            yarn.originalContext = ropeOriginal ?? yarn.originalContext
            return .yarn(yarn)
        case (.yarn, _):
            return .yarn(.init(factor: try factor(nil), originalContext: ropeOriginal ?? c.contextLength))
        }
    }
}
