import CKernels

/// Activations rounded for the matrix kernels: per block of 32 values one float scale (the greatest magnitude / 127) and 32
/// signed bytes, with the sums that minima and offsets need; beside them the rows before rounding, for plain float weights.
public final class QuantizedRows: @unchecked Sendable {
    // Unchecked: owned by one slice, whose thread alone touches it.
    /// How many rows there is room for, and how many values each holds.
    public let rows: Int, width: Int
    var raw: bk_acts
    private let memory: Memory

    /// Room for `rows` rows of `width` values. A width that is no multiple of 32 holds only unrounded rows, since no block
    /// format has such rows.
    public init(rows: Int, width: Int) throws(KernelError) {
        self.rows = rows
        self.width = width
        let blocks = width / 32, quantized = width % 32 == 0
        // In order of alignment: x, d, ds, s32, s16, q.
        let sizes = [rows * width * 4, rows * blocks * 4, rows * blocks * 4, rows * blocks * 4, rows * blocks * 4, rows * width]
        memory = try Memory("activations", byteCount: sizes.reduce(0, +))
        var offsets = [0]
        for size in sizes { offsets.append(offsets.last! + size) }
        raw = bk_acts(
            k: Int32(width), rows: Int32(rows), q: quantized ? memory.at(Int8.self, offsets[5]) : nil,
            d: memory.at(Float.self, offsets[1]), ds: memory.at(Float.self, offsets[2]),
            s16: memory.at(Int16.self, offsets[4]), s32: memory.at(Int32.self, offsets[3]),
            x: memory.at(Float.self, 0))
    }

    /// How many bytes it takes.
    public var byteCount: Int { memory.byteCount }
}
