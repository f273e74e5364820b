import CKernels

/// Activations rounded for the matrix kernels, as `bk_group`s of 256 values (see kernels.h), and the same rows before
/// rounding, for plain float weights.
public final class QuantizedRows: @unchecked Sendable {
    // Unchecked is safe: one slice owns this, and only its thread uses it.
    /// The number of rows there is room for, and the values in each.
    public let rows: Int, width: Int
    var raw: bk_acts
    private let memory: Memory

    /// Room for `rows` rows of `width` values. If the width is not a multiple of 32, there are only unrounded rows: no
    /// block format has matrices of such a width.
    ///
    /// - Throws: `outOfMemory`.
    public init(rows: Int, width: Int) throws(KernelError) {
        self.rows = rows
        self.width = width
        let floats = Self.floatBytes(rows: rows, width: width)
        memory = try Memory("activations", byteCount: Self.byteCount(rows: rows, width: width))
        raw = bk_acts(
            k: Int32(width), rows: Int32(rows), groups: width % 32 == 0 ? memory.at(bk_group.self, floats) : nil,
            x: memory.at(Float.self, 0))
    }

    /// The bytes that `rows` rows of `width` values take.
    public static func byteCount(rows: Int, width: Int) -> Int {
        floatBytes(rows: rows, width: width) + rows * ((width + BK_GROUP - 1) / BK_GROUP)
            * MemoryLayout<bk_group>.stride
    }

    /// The bytes of the unrounded rows, rounded up to a whole cache line.
    private static func floatBytes(rows: Int, width: Int) -> Int { (rows * width * 4 + 63) / 64 * 64 }

    /// The bytes these rows take.
    public var byteCount: Int { memory.byteCount }
}
