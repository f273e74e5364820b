import GGUF
import Kernels

/// A run of consecutive rows of one sequence inside a batch.
public struct RowRun: Sendable, Equatable {
    /// The KV blocks of the sequence: positions 64i ... 64i+63 are in block `table[i]`.
    public var table: [Int32]
    /// The position of the first row, and the number of rows.
    public var firstPosition: Int, count: Int

    /// A run of `count` rows from `firstPosition` on.
    public init(table: [Int32], firstPosition: Int, count: Int) {
        self.table = table
        self.firstPosition = firstPosition
        self.count = count
    }
}

/// The blocks of a slice, whether it has the head, and its KV cache.
public struct SliceDescription: Sendable, Equatable {
    /// The transformer blocks it holds.
    public var layers: Range<Int>
    /// Whether it includes the final norm and the output matrix.
    public var hasHead: Bool
    /// KV blocks of `KVLayer.blockTokens` positions, for all sequences together.
    public var kvBlocks: Int
    /// How keys and values are stored.
    public var kvType: KVType
    /// The rope scaling; nil for that of the file.
    public var ropeScaling: RopeScaling?

    /// A slice with these values.
    public init(
        layers: Range<Int>, hasHead: Bool, kvBlocks: Int, kvType: KVType = .f16, ropeScaling: RopeScaling? = nil
    ) {
        self.layers = layers
        self.hasHead = hasHead
        self.kvBlocks = kvBlocks
        self.kvType = kvType
        self.ropeScaling = ropeScaling
    }
}

/// A contiguous range of transformer blocks, optionally with the head, and the KV cache for them.
///
/// Input and output are rows, `[rows][width]` floats of the residual stream. The same rows give the same bits, however
/// they are divided into batches. Two threads must not use a slice at once.
public final class Slice {
    /// The configuration of the model with the plan's rope scaling, and the description of the slice.
    public let configuration: ModelConfiguration, description: SliceDescription
    /// Its weights, which a later slice may use again.
    public let weights: SliceWeights
    let engine: ComputeEngine
    let cache: [KVLayer]
    let head: Head?
    let work: Workspace
    private let attention: RotaryAttention
    private var places = RowPlaces()

    /// The most rows computed at once; longer batches are divided.
    public static let batchRows = 128

    /// Loads the tensors of the slice, and only those.
    ///
    /// - Parameter progress: called with the bytes loaded so far.
    /// - Throws: an error about the file, a tensor, or the memory.
    public convenience init(
        _ file: GGUFFile, _ description: SliceDescription, engine: ComputeEngine, progress: (Int) -> Void = { _ in }
    ) throws(ModelError) {
        let weights = try SliceWeights(
            file, layers: description.layers, hasHead: description.hasHead, engine: engine, progress: progress)
        try self.init(weights, description, engine: engine)
    }

    /// A slice with weights that are in memory already. They must be those that `description` names.
    ///
    /// - Throws: `unsupported` for an invalid rope scaling or number of KV blocks, `kernel` without the memory.
    public init(_ weights: SliceWeights, _ description: SliceDescription, engine: ComputeEngine) throws(ModelError) {
        precondition(
            weights.layers == description.layers && weights.hasHead == description.hasHead, "another slice's weights")
        let c =
            try description.ropeScaling.map { scaling throws(ModelError) in try weights.configuration.scaled(scaling) }
            ?? weights.configuration
        guard description.kvBlocks >= 1 else {
            throw .unsupported("the plan asks for \(description.kvBlocks) KV blocks, expected 1 or more.")
        }
        configuration = c
        self.weights = weights
        self.description = description
        self.engine = engine
        head = try weights.head.map { head throws(ModelError) in try Head(c, head) }
        do {
            cache = try description.layers.map { _ throws(KernelError) in
                try KVLayer(
                    kvHeads: c.kvHeads, headDimension: c.headDimension, blocks: description.kvBlocks,
                    type: description.kvType)
            }
            work = try Workspace(c, rows: Self.batchRows)
            attention = try RotaryAttention(
                heads: c.heads, kvHeads: c.kvHeads, rotation: weights.rotation(c), rows: Self.batchRows,
                threads: engine.threads)
        } catch { throw .kernel(error) }
    }

    /// Bytes of packed weights.
    public var weightBytes: Int { weights.byteCount }
    /// Bytes of KV cache when every block is used.
    public var kvBytes: Int { cache.reduce(0) { $0 + $1.byteCount } }
    /// Bytes of everything else that stays allocated from batch to batch.
    public var workspaceBytes: Int { work.byteCount + attention.byteCount + (head?.workspaceBytes ?? 0) }

    /// Computes a batch through the blocks of the slice.
    ///
    /// - Parameters:
    ///   - runs: the positions and KV blocks of the rows, in the order of the rows.
    ///   - rows: `[rows][width]`, replaced by the result.
    public func forward(_ runs: [RowRun], rows: inout [Float]) {
        precondition(runs.reduce(0) { $0 + $1.count } * configuration.width == rows.count, "rows and runs differ")
        var firstRow = 0, pending = 0
        places.removeAll()
        for run in runs {
            var done = 0
            while done < run.count {
                let count = min(run.count - done, Self.batchRows - pending)
                places.append(firstPosition: run.firstPosition + done, count: count, table: run.table)
                done += count
                pending += count
                if pending == Self.batchRows { flush(&rows, &firstRow, &pending) }
            }
        }
        if pending > 0 { flush(&rows, &firstRow, &pending) }
    }

    /// Computes the `pending` rows of `places` in all blocks.
    private func flush(_ rows: inout [Float], _ firstRow: inout Int, _ pending: inout Int) {
        work.x.load(rows, firstRow: firstRow, count: pending)
        attention.prepare(places, engine: engine)
        for (weights, cache) in zip(weights.blocks, cache) { block(weights, cache, rows: pending) }
        work.x.store(pending, to: &rows, firstRow: firstRow)
        places.removeAll()
        firstRow += pending
        pending = 0
    }

    /// One transformer block.
    private func block(_ w: LayerWeights, _ cache: KVLayer, rows: Int) {
        let epsilon = configuration.epsilon
        engine.normalize(work.x, rows: rows, weight: w.attentionNorm, epsilon: epsilon, to: work.normalized)
        engine.multiply(
            work.normalized, rows: rows, Product(w.query, bias: w.queryBias, to: work.query),
            Product(w.key, bias: w.keyBias, to: work.key), Product(w.value, bias: w.valueBias, to: work.value))
        attention.attend(
            places, query: work.query, key: work.key, value: work.value, norms: w.headNorms, cache: cache,
            output: work.attended,
            engine: engine)
        engine.quantize(work.attended, rows: rows, to: work.mixed)
        engine.multiply(work.mixed, rows: rows, Product(w.attentionOutput, to: work.x, adds: true))
        engine.normalize(work.x, rows: rows, weight: w.feedForwardNorm, epsilon: epsilon, to: work.normalized)
        engine.multiply(work.normalized, rows: rows, Product(w.gate, to: work.gate), Product(w.up, to: work.up))
        engine.gate(work.gate, work.up, rows: rows, to: work.inner)
        engine.multiply(work.inner, rows: rows, Product(w.down, to: work.x, adds: true))
    }

    /// Copies a KV block in every layer, so that a sequence can write to its own copy.
    public func copyBlock(_ from: Int, to: Int) {
        for layer in cache { layer.copyBlock(from, to: to) }
    }

    /// Bytes of one KV block of one layer.
    public var kvBlockBytes: Int { configuration.kvBlockBytes(description.kvType) }

    /// The bytes of a KV block of a layer; layers count from the slice's first one.
    public func kvBlock(_ block: Int, layer: Int) -> [UInt8] { cache[layer].bytes(ofBlock: block) }

    /// Fills a KV block of a layer with bytes that `kvBlock` returned, on this or another machine.
    public func setKVBlock(_ block: Int, layer: Int, to bytes: [UInt8]) { cache[layer].setBlock(block, to: bytes) }
}
