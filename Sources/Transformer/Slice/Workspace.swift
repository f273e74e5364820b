import Kernels

/// The memory that a batch needs besides weights and KV cache. It is allocated once.
final class Workspace {
    let x: FloatRows  // [rows][width] the residual stream
    let normalized: QuantizedRows  // [rows][width] input of a matrix product
    let query: FloatRows, attended: FloatRows  // [rows][heads*dim]
    let mixed: QuantizedRows  // [rows][heads*dim] input of attn_output; the same object as `normalized` if as wide
    let key: FloatRows, value: FloatRows  // [rows][kvHeads*dim]
    let gate: FloatRows, up: FloatRows  // [rows][feedForward]
    let inner: QuantizedRows  // [rows][feedForward]

    init(_ c: ModelConfiguration, rows: Int) throws(KernelError) {
        x = try FloatRows("activations", rows: rows, width: c.width)
        normalized = try QuantizedRows(rows: rows, width: c.width)
        query = try FloatRows("queries", rows: rows, width: c.queryWidth)
        attended = try FloatRows("attention", rows: rows, width: c.queryWidth)
        mixed = c.queryWidth == c.width ? normalized : try QuantizedRows(rows: rows, width: c.queryWidth)
        key = try FloatRows("keys", rows: rows, width: c.kvWidth)
        value = try FloatRows("values", rows: rows, width: c.kvWidth)
        gate = try FloatRows("the feed-forward", rows: rows, width: c.feedForward)
        up = try FloatRows("the feed-forward", rows: rows, width: c.feedForward)
        inner = try QuantizedRows(rows: rows, width: c.feedForward)
    }

    var byteCount: Int {
        [x, query, attended, key, value, gate, up].reduce(0) { $0 + $1.byteCount } + normalized.byteCount
            + inner.byteCount
            + (mixed === normalized ? 0 : mixed.byteCount)
    }
}

extension ModelConfiguration {
    /// The bytes of a slice besides weights and KV cache: activations for `Slice.batchRows` rows, angles and scratch
    /// space for attention, and the head's logits.
    public func workspaceBytes(head: Bool, threads: Int) -> Int {
        let rows = Slice.batchRows
        let floats = rows * (width + 2 * queryWidth + 2 * kvWidth + 2 * feedForward)
        var rounded =
            QuantizedRows.byteCount(rows: rows, width: width) + QuantizedRows.byteCount(rows: rows, width: feedForward)
        if queryWidth != width { rounded += QuantizedRows.byteCount(rows: rows, width: queryWidth) }
        let attention = RotaryAttention.byteCount(
            heads: heads, kvHeads: kvHeads, headDimension: headDimension, rows: rows, threads: threads)
        let logits =
            head
            ? Head.rows * (vocabulary + width) * 4 + QuantizedRows.byteCount(rows: Head.rows, width: width) : 0
        return floats * 4 + rounded + attention + logits
    }
}
