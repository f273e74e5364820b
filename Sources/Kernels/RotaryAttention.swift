import CKernels

/// Rotary positions and causal attention over the paged cache, for batches of rows.
public final class RotaryAttention: @unchecked Sendable {
    // Unchecked: owned by one slice, whose thread alone touches it.
    /// The shape: query heads, key/value heads, and floats per head.
    public let heads: Int, kvHeads: Int, headDimension: Int
    private let frequencies: [Double]
    private let cosines: FloatRows, sines: FloatRows, scratch: FloatRows

    /// Room for batches of `rows` rows. `headDimension` must be a multiple of 16, `heads` of `kvHeads`.
    ///
    /// Frequencies are base^(-2i/dimension), the half-split rotation of GPT-NeoX that Qwen2 uses.
    public init(heads: Int, kvHeads: Int, headDimension: Int, ropeBase: Double, rows: Int, threads: Int) throws(KernelError) {
        precondition(headDimension % 32 == 0 && heads % kvHeads == 0, "shapes the kernels do not have")
        self.heads = heads
        self.kvHeads = kvHeads
        self.headDimension = headDimension
        var f = [Double](repeating: 0, count: headDimension / 2)
        bk_rope_frequencies(ropeBase, Int32(headDimension), &f)
        frequencies = f
        cosines = try FloatRows("rotary angles", rows: rows, width: headDimension / 2)
        sines = try FloatRows("rotary angles", rows: rows, width: headDimension / 2)
        scratch = try FloatRows(
            "attention", rows: 1,
            width: bk_attention_scratch(Int32(threads), Int32(heads), Int32(kvHeads), Int32(headDimension)))
    }

    /// How many bytes it takes.
    public var byteCount: Int { cosines.byteCount + sines.byteCount + scratch.byteCount }

    /// Computes the angles of a batch, once for all layers.
    public func prepare(_ places: RowPlaces, engine: ComputeEngine) {
        precondition(places.positions.count <= cosines.rows, "more rows than there is room for")
        places.positions.withUnsafeBufferPointer {
            bk_rope_angles(
                &engine.raw, $0.baseAddress, Int32($0.count), frequencies, Int32(headDimension / 2), 1, cosines.pointer,
                sines.pointer)
        }
    }

    /// Rotates queries and keys in place, writes keys and values to the cache, and attends: each row to its own sequence's
    /// positions up to its own.
    ///
    /// - Parameters:
    ///   - query: `[rows][heads * headDimension]`; rotated in place.
    ///   - key: `[rows][kvHeads * headDimension]`; rotated in place. `value`: the same shape.
    ///   - output: `[rows][heads * headDimension]`.
    public func attend(
        _ places: RowPlaces, query: FloatRows, key: FloatRows, value: FloatRows, cache: KVLayer, output: FloatRows,
        engine: ComputeEngine
    ) {
        let rows = places.positions.count
        precondition(
            rows <= query.rows && query.width == heads * headDimension && output.width == query.width
                && key.width == kvHeads * headDimension && value.width == key.width, "shapes differ")
        places.positions.withUnsafeBufferPointer { positions in
            places.tableStarts.withUnsafeBufferPointer { starts in
                places.tables.withUnsafeBufferPointer { tables in
                    precondition(tables.allSatisfy { $0 >= 0 && $0 < cache.raw.blocks }, "no such block")
                    var r = bk_attention_rows(
                        positions: positions.baseAddress, table_start: starts.baseAddress, tables: tables.baseAddress,
                        cosines: cosines.pointer, sines: sines.pointer, rows: Int32(rows), heads: Int32(heads),
                        scale: 1 / Float(headDimension).squareRoot())
                    bk_rope_store(&engine.raw, &r, query.pointer, key.pointer, value.pointer, &cache.raw)
                    bk_attention(&engine.raw, &r, query.pointer, &cache.raw, output.pointer, scratch.pointer)
                }
            }
        }
    }
}
