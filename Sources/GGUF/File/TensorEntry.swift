/// An entry of the tensor table as read; its offset is not yet checked against the file.
struct TensorEntry {
    let name: String
    let type: GGUFTensorType
    let shape: [Int]
    let byteCount: Int
    let offset: UInt64

    init(_ reader: inout ByteReader, number: Int, of total: Int) throws(GGUFError.Problem) {
        let name = try reader.name(limit: GGUFLimits.tensorNameLength) { "the name of tensor \(number) of \(total)" }
        let field = { "the entry of tensor \(quoted(name))" }
        let dimensions: UInt32 = try reader.integer(field)
        guard dimensions <= GGUFLimits.dimensions else {
            throw .limitExceeded(
                field: "the number of dimensions of tensor \(quoted(name))", found: UInt64(dimensions),
                limit: UInt64(GGUFLimits.dimensions))
        }
        var shape: [Int] = []
        for _ in 0..<dimensions {
            let dimension: UInt64 = try reader.integer(field)
            guard let dimension = Int(exactly: dimension) else {
                throw .limitExceeded(
                    field: "a dimension of tensor \(quoted(name))", found: dimension, limit: UInt64(Int.max))
            }
            shape.append(dimension)
        }
        let typeNumber: UInt32 = try reader.integer(field)
        guard let type = GGUFTensorType(rawValue: typeNumber) else {
            throw .unsupportedTensorType(tensor: name, found: typeNumber)
        }
        self.name = name
        self.type = type
        self.shape = shape
        offset = try reader.integer(field)
        byteCount = try GGUFTensor.byteCount(of: name, type, shape: shape)
    }
}

extension GGUFPart {
    /// Checks every tensor's offset: aligned, inside the file, no overlap with another tensor. Gaps are allowed.
    static func place(
        _ table: [TensorEntry], part: Int, dataOffset: Int, available: Int, alignment: Int
    ) throws(GGUFError.Problem) -> [GGUFTensor] {
        var tensors: [GGUFTensor] = []
        tensors.reserveCapacity(table.count)
        for entry in table {
            guard entry.offset % UInt64(alignment) == 0 else {
                throw .misaligned(tensor: entry.name, offset: entry.offset, alignment: alignment)
            }
            guard entry.byteCount <= available, entry.offset <= UInt64(available - entry.byteCount) else {
                throw .beyondFile(
                    tensor: entry.name, offset: entry.offset, byteCount: entry.byteCount, available: available)
            }
            tensors.append(
                GGUFTensor(
                    name: entry.name, type: entry.type, shape: entry.shape, byteCount: entry.byteCount, part: part,
                    offset: dataOffset + Int(entry.offset)))
        }
        let byOffset = tensors.sorted { $0.offset < $1.offset }
        for (previous, tensor) in zip(byOffset, byOffset.dropFirst())
        where previous.offset + previous.byteCount > tensor.offset {
            throw .overlapping(
                tensor: tensor.name, offset: tensor.offset - dataOffset, previous: previous.name,
                previousEnd: previous.offset + previous.byteCount - dataOffset)
        }
        return tensors
    }
}
