import Kernels
import Wire

extension RopeScaling {
    /// The scaling that a plan states; nil for a type that this version does not know.
    init?(_ setting: RopeSetting) {
        switch setting.type {
        case "none": self = .none
        case "linear": self = .linear(factor: setting.factor)
        case "yarn":
            self = .yarn(
                Yarn(
                    factor: setting.factor, originalContext: setting.originalContext,
                    attentionFactor: setting.attentionFactor,
                    betaFast: setting.betaFast, betaSlow: setting.betaSlow))
        default: return nil
        }
    }
}
