import GGUF
import Kernels

/// A run of consecutive rows of one sequence inside a batch.
public struct RowRun: Sendable, Equatable {
    /// The sequence's KV blocks: positions 64i ... 64i+63 lie in block `table[i]`.
    public var table: [Int32]
    /// The first row's position, and how many rows there are.
    public var firstPosition: Int, count: Int

    /// A run of `count` rows from `firstPosition` on.
    public init(table: [Int32], firstPosition: Int, count: Int) {
        self.table = table
        self.firstPosition = firstPosition
        self.count = count
    }
}

/// What a slice is: which blocks, whether the head, and how much KV cache.
public struct SliceDescription: Sendable, Equatable {
    /// The blocks it holds.
    public var layers: Range<Int>
    /// Whether it ends in the final norm and the output matrix.
    public var hasHead: Bool
    /// KV blocks of `KVLayer.blockTokens` positions, shared by all sequences.
    public var kvBlocks: Int
    /// How keys and values are kept.
    public var kvType: KVType
    /// How positions are stretched; nil: as the file says.
    public var ropeScaling: RopeScaling?

    /// A slice of those blocks.
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
/// Rows in, rows out: `[rows][width]` floats of the residual stream. The same rows give the same bits, however they are
/// divided into batches. Not for use by two threads at once.
public final class Slice {
    /// The model's facts and the slice's own.
    public let configuration: ModelConfiguration, description: SliceDescription
    /// Its weights, which outlive it when somebody keeps them.
    public let weights: SliceWeights
    let engine: ComputeEngine
    let cache: [KVLayer]
    let head: Head?
    let work: Workspace
    private let attention: RotaryAttention
    private var places = RowPlaces()

    /// Rows computed at once; longer batches are taken in parts.
    public static let batchRows = 128

    /// Loads the slice's tensors, and only those. `progress` hears the bytes loaded so far.
    public convenience init(
        _ file: GGUFFile, _ description: SliceDescription, engine: ComputeEngine, progress: (Int) -> Void = { _ in }
    ) throws(ModelError) {
        let weights = try SliceWeights(
            file, layers: description.layers, hasHead: description.hasHead, engine: engine, progress: progress)
        try self.init(weights, description, engine: engine)
    }

    /// A slice of weights that are in memory; they must be those that `description` names.
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
    /// Bytes of everything else that is held from batch to batch.
    public var workspaceBytes: Int { work.byteCount + attention.byteCount + (head?.workspaceBytes ?? 0) }

    /// Passes a batch through the slice's blocks.
    ///
    /// - Parameters:
    ///   - runs: which rows belong to which positions of which blocks, in the order of the rows.
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

    /// What a KV block of a layer holds, counted from the slice's first layer.
    public func kvBlock(_ block: Int, layer: Int) -> [UInt8] { cache[layer].bytes(ofBlock: block) }

    /// Fills a KV block of a layer with what `kvBlock` gave, there or elsewhere.
    public func setKVBlock(_ block: Int, layer: Int, to bytes: [UInt8]) { cache[layer].setBlock(block, to: bytes) }
}
