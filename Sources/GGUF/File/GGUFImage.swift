/// The bytes of the file that a `GGUFWriter` describes. They are read piece by piece; the whole is never in memory.
public struct GGUFImage: Sendable {
    private let header: [UInt8]
    private let tensors: [GGUFWriter.Tensor]
    private let starts: [Int]
    /// Length of the file in bytes.
    public let byteCount: Int

    /// The file that `writer` would write now.
    public init(_ writer: GGUFWriter) {
        header = writer.header()
        tensors = writer.tensors
        var at = header.count, starts: [Int] = []
        for tensor in writer.tensors {
            starts.append(at)
            at += (tensor.byteCount + writer.alignment - 1) / writer.alignment * writer.alignment
        }
        self.starts = starts
        byteCount = at
    }

    /// The `count` bytes from `offset` on, or fewer at the end of the file.
    public func bytes(at offset: Int, count: Int) -> [UInt8] {
        precondition(offset >= 0 && count >= 0, "outside the file")
        let end = min(offset + count, byteCount)
        guard end > offset else { return [] }
        var out: [UInt8] = []
        out.reserveCapacity(end - offset)
        if offset < header.count { out += header[offset..<min(end, header.count)] }
        // Binary search for the first tensor that ends beyond `offset`.
        var low = 0, high = tensors.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] + tensors[middle].byteCount > offset { high = middle } else { low = middle + 1 }
        }
        for i in low..<tensors.count where offset + out.count < end {
            pad(&out, to: min(starts[i], end) - offset)
            let from = offset + out.count - starts[i]
            let take = min(tensors[i].byteCount - from, end - offset - out.count)
            guard take > 0 else { continue }
            switch tensors[i].source {
            case .bytes(let bytes): out += bytes[from..<from + take]
            case .file(let file, let tensor): file.withBytes(of: tensor) { out += $0[from..<from + take] }
            }
        }
        pad(&out, to: end - offset)
        return out
    }

    /// Appends zeros until `out` has `count` bytes: the gap before the next tensor.
    private func pad(_ out: inout [UInt8], to count: Int) {
        if out.count < count { out += repeatElement(0, count: count - out.count) }
    }
}
