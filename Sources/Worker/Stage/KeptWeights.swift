import Transformer
import Wire

/// Weights of an ended plan that stay in memory for a while, so that the next plan with the same slice need not load
/// them. This also helps the remaining nodes when one is lost and comes back.
struct KeptWeights {
    /// The model's fingerprint.
    let fingerprint: String
    let weights: SliceWeights
    /// When they are freed; nil: never.
    let end: ContinuousClock.Instant?

    /// Whether they are the weights that the assignment needs.
    func serve(_ a: Assignment) -> Bool {
        fingerprint == a.modelFingerprint && weights.layers == a.firstLayer..<a.firstLayer + a.layerCount
            && weights.hasHead == a.hasHead
    }

    func isOver(at now: ContinuousClock.Instant) -> Bool { end.map { now >= $0 } ?? false }
}
