import CKernels

/// Activations rounded for the matrix kernels: `bk_group`s of 256 values, see kernels.h; beside them the rows before
/// rounding, for plain float weights.
public final class QuantizedRows: @unchecked Sendable {
    // Unchecked: owned by one slice, whose thread alone touches it.
    /// How many rows there is room for, and how many values each holds.
    public let rows: Int, width: Int
    var raw: bk_acts
    private let memory: Memory

    /// Room for `rows` rows of `width` values. A width that is no multiple of 32 holds only unrounded rows, since no
    /// block format has such rows.
    public init(rows: Int, width: Int) throws(KernelError) {
        self.rows = rows
        self.width = width
        let floats = Self.floatBytes(rows: rows, width: width)
        memory = try Memory("activations", byteCount: Self.byteCount(rows: rows, width: width))
        raw = bk_acts(
            k: Int32(width), rows: Int32(rows), groups: width % 32 == 0 ? memory.at(bk_group.self, floats) : nil,
            x: memory.at(Float.self, 0))
    }

    /// What that many rows take, in bytes.
    public static func byteCount(rows: Int, width: Int) -> Int {
        floatBytes(rows: rows, width: width) + rows * ((width + BK_GROUP - 1) / BK_GROUP)
            * MemoryLayout<bk_group>.stride
    }

    /// The unrounded rows, up to the next cache line.
    private static func floatBytes(rows: Int, width: Int) -> Int { (rows * width * 4 + 63) / 64 * 64 }

    /// How many bytes it takes.
    public var byteCount: Int { memory.byteCount }
}
