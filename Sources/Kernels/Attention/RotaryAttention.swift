import CKernels

/// Rotary positions and causal attention over the paged cache, for batches of rows.
public final class RotaryAttention: @unchecked Sendable {
    // Unchecked is safe: one slice owns this, and only its thread uses it.
    /// The query heads, the key/value heads, and the floats per head.
    public let heads: Int, kvHeads: Int, headDimension: Int
    private let rotation: Rotation
    private let cosines: FloatRows, sines: FloatRows, scratch: FloatRows

    /// Room for batches of `rows` rows. `rotation` gives the width of a head, which must be a multiple of 32; `heads`
    /// must be a multiple of `kvHeads`.
    ///
    /// - Throws: `outOfMemory`.
    public init(heads: Int, kvHeads: Int, rotation: Rotation, rows: Int, threads: Int) throws(KernelError) {
        headDimension = rotation.dimension
        precondition(headDimension % 32 == 0 && heads % kvHeads == 0, "shapes the kernels do not have")
        self.heads = heads
        self.kvHeads = kvHeads
        self.rotation = rotation
        cosines = try FloatRows("rotary angles", rows: rows, width: headDimension / 2)
        sines = try FloatRows("rotary angles", rows: rows, width: headDimension / 2)
        scratch = try FloatRows(
            "attention", rows: 1,
            width: bk_attention_scratch(Int32(threads), Int32(heads), Int32(kvHeads), Int32(headDimension)))
    }

    /// The bytes it takes for these shapes: the angles of its rows, the scratch space of each thread, and the space
    /// that threads share when they divide a row's positions among them.
    public static func byteCount(heads: Int, kvHeads: Int, headDimension: Int, rows: Int, threads: Int) -> Int {
        let scratch = bk_attention_scratch(Int32(threads), Int32(heads), Int32(kvHeads), Int32(headDimension))
        return (rows * headDimension + Int(scratch)) * MemoryLayout<Float>.stride
    }

    /// The bytes it takes.
    public var byteCount: Int { cosines.byteCount + sines.byteCount + scratch.byteCount }

    /// Computes the angles of a batch; one call serves all layers.
    public func prepare(_ places: RowPlaces, engine: ComputeEngine) {
        precondition(places.positions.count <= cosines.rows, "more rows than there is room for")
        places.positions.withUnsafeBufferPointer { positions in
            withExtendedLifetime(self) {
                bk_rope_angles(
                    &engine.raw, positions.baseAddress, Int32(positions.count), rotation.frequencies,
                    Int32(headDimension / 2),
                    rotation.magnitude, cosines.pointer, sines.pointer)
            }
        }
    }

    /// The norms of each head's queries and keys, applied before rotation.
    public struct HeadNorms {
        let query: FloatRows, key: FloatRows
        let epsilon: Float

        /// `query` and `key` have one row of `headDimension` weights each.
        public init(query: FloatRows, key: FloatRows, epsilon: Float) {
            self.query = query
            self.key = key
            self.epsilon = epsilon
        }
    }

    /// Normalizes queries and keys if `norms` are given, rotates them, writes keys and values to the cache, and
    /// computes causal attention: each row over the positions of its sequence up to its own. Queries and keys change in
    /// place.
    ///
    /// - Parameters:
    ///   - query: `[rows][heads * headDimension]`.
    ///   - key: `[rows][kvHeads * headDimension]`; `value` has the same shape.
    ///   - output: `[rows][heads * headDimension]`.
    public func attend(
        _ places: RowPlaces, query: FloatRows, key: FloatRows, value: FloatRows, norms: HeadNorms? = nil,
        cache: KVLayer,
        output: FloatRows, engine: ComputeEngine
    ) {
        let rows = places.positions.count
        precondition(
            rows <= query.rows && query.width == heads * headDimension && output.width == query.width
                && key.width == kvHeads * headDimension && value.width == key.width, "shapes differ")
        if let norms {
            precondition(norms.query.width == headDimension && norms.key.width == headDimension, "shapes differ")
        }
        places.positions.withUnsafeBufferPointer { positions in
            places.tableStarts.withUnsafeBufferPointer { starts in
                places.tables.withUnsafeBufferPointer { tables in
                    precondition(tables.allSatisfy { $0 >= 0 && $0 < cache.raw.blocks }, "no such block")
                    var r = bk_attention_rows(
                        positions: positions.baseAddress, table_start: starts.baseAddress, tables: tables.baseAddress,
                        cosines: cosines.pointer, sines: sines.pointer, rows: Int32(rows), heads: Int32(heads),
                        scale: 1 / Float(headDimension).squareRoot(), query_norm: UnsafePointer(norms?.query.pointer),
                        key_norm: UnsafePointer(norms?.key.pointer), epsilon: norms?.epsilon ?? 0,
                        pairs: rotation.layout == .pairs)
                    withExtendedLifetime((self, query, key, value, norms, cache, output)) {
                        bk_rope_store(&engine.raw, &r, query.pointer, key.pointer, value.pointer, &cache.raw)
                        bk_attention(&engine.raw, &r, query.pointer, &cache.raw, output.pointer, scratch.pointer)
                    }
                }
            }
        }
    }
}
