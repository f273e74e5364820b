import GGUF
import Kernels

extension ModelConfiguration {
    /// The longest context with this rope scaling, in tokens.
    public var longestContext: Int { ropeScaling.longestContext(madeFor: contextLength) }

    /// The configuration with another rope scaling than that of the file.
    ///
    /// - Throws: `unsupported` if a number of the scaling is outside its range.
    public func scaled(_ scaling: RopeScaling) throws(ModelError) -> ModelConfiguration {
        if let problem = scaling.problem { throw .unsupported(problem) }
        var changed = self
        changed.ropeScaling = scaling
        return changed
    }

    /// The rope scaling of the file: the keys `<architecture>.rope.scaling.*`, as ggml's `docs/gguf.md` describes them.
    /// `prefix` is the architecture with a dot.
    static func ropeScaling(of file: GGUFFile, _ prefix: String) throws -> RopeScaling {
        let key = prefix + "rope.scaling."
        func float(_ name: String, _ otherwise: Double) throws -> Double {
            file.contains(key + name) ? Double(try file.float(key + name)) : otherwise
        }
        let scaling: RopeScaling
        switch file.contains(key + "type") ? try file.string(key + "type") : "none" {
        case "none": scaling = .none
        case "linear": scaling = .linear(factor: Double(try file.float(key + "factor")))
        case "yarn":
            let blend = try float("yarn_ext_factor", 1)
            guard blend == 1 || blend < 0 else {  // below 0: not set
                throw ModelError.unsupported(
                    """
                    \(key)yarn_ext_factor is \(blend), expected 1: YaRN is applied wholly or not at all. Choose with \
                    --rope-scaling.
                    """
                )
            }
            // Some converters write 0 for a factor that is not set.
            let attention = try float("attn_factor", 1)
            scaling = .yarn(
                RopeScaling.Yarn(
                    factor: Double(try file.float(key + "factor")),
                    originalContext: try file.int(key + "original_context_length"),
                    attentionFactor: attention == 0 ? 1 : attention, betaFast: try float("yarn_beta_fast", 32),
                    betaSlow: try float("yarn_beta_slow", 1)))
        case let other:
            throw ModelError.unsupported(
                """
                \(key)type is "\(other)", expected none, linear or yarn. Without its scaling the model would answer \
                wrongly; choose another with --rope-scaling.
                """
            )
        }
        if let problem = scaling.problem { throw ModelError.unsupported("\(key)*: " + problem) }
        return scaling
    }
}
