import CKernels
import GGUF

/// A weight matrix of `outputs` rows by `inputs` columns in the layout of the kernels: 16 outputs interleaved, with
/// scales next to their quants.
public final class PackedMatrix: @unchecked Sendable {
    // Unchecked is safe: it is written only in `init`.
    /// The shape of the matrix.
    public let outputs: Int, inputs: Int
    var raw: bk_matrix
    private let memory: Memory

    /// Packs a tensor of the file, part by part. After each part its pages of the file are released, so that at most
    /// one part is in memory twice: the head of a big model alone is 0.64 GB.
    ///
    /// - Parameters:
    ///   - arena: where the matrix gets its memory; without one it has its own.
    ///   - partBytes: the bytes of the file in a part, but at least one panel of rows.
    /// - Throws: `matrix` for a type or shape without kernels, `outOfMemory`.
    public init(
        _ file: GGUFFile, _ tensor: GGUFTensor, engine: ComputeEngine, arena: WeightArena? = nil,
        partBytes: Int = 64 << 20
    ) throws(KernelError) {
        let description = try Self.describe(tensor), size = Self.byteCount(description)
        let memory = if let arena { arena.take(size) } else { try Memory("tensor \(tensor.name)", byteCount: size) }
        outputs = tensor.rowCount
        inputs = tensor.rowLength
        raw = description
        raw.data = memory.at(UInt8.self)
        self.memory = memory
        let rowsPerPanel = Int(BK_PANEL), panels = Int(raw.panels)
        let panelsPerPart = max(partBytes / (rowsPerPanel * tensor.bytesPerRow), 1)
        for first in stride(from: 0, to: panels, by: panelsPerPart) {
            let last = min(first + panelsPerPart, panels)
            file.withBytes(of: tensor) {
                bk_pack(&engine.raw, &raw, $0.baseAddress, tensor.bytesPerRow, Int32(first), Int32(last))
            }
            file.releasePages(of: tensor, firstRows: min(last * rowsPerPanel, outputs))
        }
    }

    /// The bytes of the packed matrix; the kernels read all of them for one row of activations.
    public var byteCount: Int { memory.byteCount }

    /// The bytes a tensor will take when it is packed.
    ///
    /// - Throws: `matrix` for a type or shape without kernels.
    public static func byteCount(of tensor: GGUFTensor) throws(KernelError) -> Int {
        byteCount(try describe(tensor))
    }

    private static func byteCount(_ m: bk_matrix) -> Int { Int(m.panels) * m.panel_bytes }

    private static func describe(_ tensor: GGUFTensor) throws(KernelError) -> bk_matrix {
        var m = bk_matrix()
        guard tensor.shape.count <= 2, let n = Int32(exactly: tensor.rowCount),
            let k = Int32(exactly: tensor.rowLength),
            bk_matrix_describe(&m, Int32(tensor.type.rawValue), n, k)
        else {
            throw .matrix(
                tensor: tensor.name, found: "\(tensor.type.name) of shape \(tensor.shape)",
                expected: "a matrix of a known type whose rows are whole blocks")
        }
        return m
    }
}
