/// Access to the tensors' bytes and weights.
extension GGUFFile {
    /// Calls `body` with a tensor's bytes as they are in the file. They are valid only during the call, and only the
    /// pages that are touched cost memory. The tensor must belong to this file.
    public func withBytes<R, E: Error>(
        of tensor: GGUFTensor, _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try withExtendedLifetime(self) { () throws(E) in try body(bytes(of: tensor)) }
    }

    /// Copies a range of a tensor's bytes; the range must lie inside the tensor.
    public func copyBytes(of tensor: GGUFTensor, _ range: Range<Int>) -> [UInt8] {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= tensor.byteCount, "bytes outside tensor \(tensor.name)")
        return withBytes(of: tensor) { [UInt8]($0[range]) }
    }

    /// Dequantizes one row.
    ///
    /// - Parameters:
    ///   - index: from 0, below `tensor.rowCount`.
    ///   - out: becomes `[rowLength]`; an array that already has that length is written in place.
    public func row(_ index: Int, of tensor: GGUFTensor, into out: inout [Float]) {
        precondition(
            index >= 0 && index < tensor.rowCount, "row \(index) of tensor \(tensor.name) with \(tensor.rowCount) rows")
        if out.count != tensor.rowLength { out = [Float](repeating: 0, count: tensor.rowLength) }
        let start = index * tensor.bytesPerRow
        withBytes(of: tensor) { bytes in
            out.withUnsafeMutableBufferPointer {
                dequantize(
                    tensor.type, UnsafeRawBufferPointer(rebasing: bytes[start..<start + tensor.bytesPerRow]), into: $0)
            }
        }
    }

    /// Dequantizes a whole tensor, row after row: `[rowCount][rowLength]`. Meant for norms, biases and tests.
    ///
    /// - Throws: `wrongShape` when the byte count of its float32 weights does not fit into an `Int`.
    public func floats(of tensor: GGUFTensor) throws(GGUFError) -> [Float] {
        let (count, overflow) = tensor.rowLength.multipliedReportingOverflow(by: tensor.rowCount)
        guard !overflow, count <= Int.max / MemoryLayout<Float>.stride else {
            throw GGUFError(
                file: allParts[tensor.part].path,
                problem: .wrongShape(tensor: tensor.name, found: tensor.shape, expected: "fewer than 2^61 weights"))
        }
        return withBytes(of: tensor) { bytes in
            [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
                dequantize(tensor.type, bytes, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                initialized = count
            }
        }
    }

    /// Gives memory of a tensor, or of its first rows, back to the system: the pages that lie wholly inside. They stay
    /// readable, but are read from the file again. Does nothing for bytes in memory.
    ///
    /// - Parameter rows: how many rows, at most `rowCount`; nil for all.
    public func releasePages(of tensor: GGUFTensor, firstRows rows: Int? = nil) {
        _ = bytes(of: tensor)
        let count = rows.map { $0 * tensor.bytesPerRow } ?? tensor.byteCount
        precondition(count >= 0 && count <= tensor.byteCount, "rows outside tensor \(tensor.name)")
        allParts[tensor.part].file.releasePages(in: tensor.offset..<tensor.offset + count)
    }

    private func bytes(of tensor: GGUFTensor) -> UnsafeRawBufferPointer {
        let bytes = allParts[tensor.part].file.bytes
        let end = tensor.offset + tensor.byteCount
        precondition(end <= bytes.count, "tensor \(tensor.name) belongs to another file")
        return UnsafeRawBufferPointer(rebasing: bytes[tensor.offset..<end])
    }
}
