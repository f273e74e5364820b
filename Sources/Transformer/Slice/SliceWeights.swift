import GGUF
import Kernels

/// The packed weights of a slice. They never change, so several slices may use them one after the other. That saves
/// reading and packing them, which takes most of the time of a start.
public final class SliceWeights {
    /// The transformer blocks.
    public let layers: Range<Int>
    /// Whether the final norm and the output matrix are included.
    public let hasHead: Bool
    /// Bytes of packed matrices.
    public let byteCount: Int
    /// The configuration of the model, with the rope scaling of the file.
    public let configuration: ModelConfiguration
    let blocks: [LayerWeights]
    let head: HeadWeights?
    private let ropeFactors: [Float]

    /// Loads the tensors of the slice, and only those.
    ///
    /// - Parameter progress: called with the bytes loaded so far.
    /// - Throws: `unsupported` for blocks that the model does not have, `file` for a missing or wrong tensor, `kernel`
    ///   without the memory.
    public init(
        _ file: GGUFFile, layers: Range<Int>, hasHead: Bool, engine: ComputeEngine, progress: (Int) -> Void = { _ in }
    ) throws(ModelError) {
        let c = try ModelConfiguration(file)
        guard layers.lowerBound >= 0, layers.upperBound <= c.layers else {
            throw .unsupported(
                """
                the plan asks for blocks \(layers), but the model has \(c.layers) blocks. Coordinator and worker have \
                different models.
                """
            )
        }
        configuration = c
        self.layers = layers
        self.hasHead = hasHead
        (blocks, head, ropeFactors, byteCount) = try withoutActuallyEscaping(progress) { progress throws(ModelError) in
            var reader = WeightReader(
                file: file, engine: engine, arena: try c.arena(layers: layers, head: hasHead, in: file),
                progress: progress)
            var blocks: [LayerWeights] = []
            for layer in layers { blocks.append(try LayerWeights(layer, c, &reader)) }
            let head = hasHead ? try HeadWeights(c, &reader) : nil
            return (blocks, head, try reader.ropeFactors(c), reader.bytes)
        }
    }

    /// The rotation with the rope scaling of `c`.
    func rotation(_ c: ModelConfiguration) -> Rotation {
        Rotation(
            base: c.ropeBase, dimension: c.headDimension, layout: c.architecture.rotationLayout, factors: ropeFactors,
            scaling: c.ropeScaling)
    }
}
