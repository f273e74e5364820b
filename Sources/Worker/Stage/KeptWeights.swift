import Transformer
import Wire

/// Weights of a plan that is over, in memory for a while: whoever starts the same model again need not wait for them,
/// nor do the nodes that remain when one is lost and comes back.
struct KeptWeights {
    /// The model they are of.
    let fingerprint: String
    let weights: SliceWeights
    /// When they are let go of; nil: never.
    let end: ContinuousClock.Instant?

    /// Whether they are what this assignment asks for.
    func serve(_ a: Assignment) -> Bool {
        fingerprint == a.modelFingerprint && weights.layers == a.firstLayer..<a.firstLayer + a.layerCount
            && weights.hasHead == a.hasHead
    }

    /// Whether their time is over.
    func isOver(at now: ContinuousClock.Instant) -> Bool { end.map { now >= $0 } ?? false }
}
