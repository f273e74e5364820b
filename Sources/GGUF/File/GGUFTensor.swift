/// One entry of a file's tensor table: what the tensor is and where its bytes are.
public struct GGUFTensor: Sendable, Equatable {
    /// For example `blk.0.attn_q.weight`.
    public let name: String
    /// How the weights are stored.
    public let type: GGUFTensorType
    /// Weights per dimension in the format's order, fastest first: `shape[0]` is the length of a row. Each is at
    /// least 1.
    public let shape: [Int]
    /// Bytes of the whole tensor, without padding.
    public let byteCount: Int
    /// The part of a split file that holds the bytes, counted from 0.
    public let part: Int
    /// Where the bytes begin, counted from the first byte of that part.
    public let offset: Int

    /// Weights in a row; a tensor without dimensions has one row of one weight.
    public var rowLength: Int { shape.first ?? 1 }
    /// Rows of the tensor.
    public var rowCount: Int { byteCount / bytesPerRow }
    /// Bytes of one row. There are no gaps between rows.
    public var bytesPerRow: Int { rowLength / type.blockSize * type.bytesPerBlock }

    /// The bytes of a tensor. Every product is checked, so later code may multiply the dimensions of an accepted tensor
    /// without checks.
    ///
    /// - Throws: `wrongShape` for more than four dimensions, a dimension of 0, a row that is not a whole number of
    ///   blocks, or a size that does not fit into an `Int`.
    static func byteCount(
        of name: String, _ type: GGUFTensorType, shape: [Int]
    ) throws(GGUFError.Problem) -> Int {
        func refuse(_ expected: String) -> GGUFError.Problem {
            .wrongShape(tensor: name, found: shape, expected: expected)
        }
        guard shape.count <= GGUFLimits.dimensions else { throw refuse("at most \(GGUFLimits.dimensions) dimensions") }
        guard shape.allSatisfy({ $0 > 0 }) else { throw refuse("every dimension to be at least 1") }
        let rowLength = shape.first ?? 1
        guard rowLength % type.blockSize == 0 else {
            throw refuse("rows of a multiple of \(type.blockSize) weights for type \(type.name)")
        }
        // Weights are counted as well: a quantized tensor can have more weights than bytes.
        var bytes = rowLength / type.blockSize
        var weights = rowLength
        var overflow: Bool
        (bytes, overflow) = bytes.multipliedReportingOverflow(by: type.bytesPerBlock)
        for dimension in shape.dropFirst() {
            let (b, bo) = bytes.multipliedReportingOverflow(by: dimension)
            let (w, wo) = weights.multipliedReportingOverflow(by: dimension)
            (bytes, weights, overflow) = (b, w, overflow || bo || wo)
        }
        guard !overflow else { throw refuse("fewer than 2^63 bytes and weights in all") }
        return bytes
    }
}
