import Kernels
import Wire

extension RopeSetting {
    /// The scaling as it is sent to the workers.
    init(_ scaling: RopeScaling) {
        switch scaling {
        case .none: self = .none
        case .linear(let factor): self.init(type: "linear", factor: factor)
        case .yarn(let y):
            self.init(
                type: "yarn", factor: y.factor, originalContext: y.originalContext, attentionFactor: y.attentionFactor,
                betaFast: y.betaFast, betaSlow: y.betaSlow)
        }
    }
}
