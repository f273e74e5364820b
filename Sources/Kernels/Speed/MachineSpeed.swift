import GGUF

/// How fast this machine computes with weights, and the limits of its memory and processor.
///
/// A plan needs the first; people compare it with the second. Both are measured over the same made-up Q4_K weights,
/// many times as large as the caches. With fewer weights, a pass would find some of them in a cache and seem faster
/// than the memory allows.
public struct MachineSpeed: Sendable, Equatable {
    /// Bytes per second: read by the probe, and read as weights in a product with one row.
    public var readBandwidth: Double, weightBandwidth: Double
    /// Multiply-adds per second: in int8 by the probe, and in a product with 64 rows.
    public var int8Rate: Double, multiplyAddRate: Double

    /// Measures all four. It takes about half a second, and a little more than `byteCount` of memory meanwhile.
    ///
    /// - Parameter byteCount: the bytes of the weights.
    /// - Throws: `outOfMemory`, `threads`, `cpu`.
    public init(threads: Int, byteCount: Int = 384 << 20) throws(KernelError) {
        let engine = try ComputeEngine(threads: threads)
        let inputs = 4096, outputs = 5456
        let weights = try Self.weights(inputs: inputs, outputs: outputs, byteCount: byteCount, engine)
        let rows = 64, input = try QuantizedRows(rows: rows, width: inputs)
        let x = try FloatRows("the probe's rows", rows: rows, width: inputs),
            y = try FloatRows("the probe's products", rows: rows, width: outputs)
        x.load((0..<rows * inputs).map { Float(($0 &* 7919 &+ 13) % 2003) / 1001 - 1 }, firstRow: 0, count: rows)
        engine.quantize(x, rows: rows, to: input)
        // The fastest of several runs is the least disturbed by other work of the machine.
        func fastest(_ times: Int, _ rows: Int, _ matrices: ArraySlice<PackedMatrix>) -> Double {
            (0..<times).reduce(Double.infinity) { best, _ in
                let start = ContinuousClock.now
                for matrix in matrices { engine.multiply(input, rows: rows, Product(matrix, to: y)) }
                return min(best, (ContinuousClock.now - start) / .seconds(1))
            }
        }
        let bytes = weights.reduce(0) { $0 + $1.byteCount }
        weightBandwidth = Double(bytes) / fastest(5, 1, weights[...])
        multiplyAddRate =
            Double(rows * inputs * outputs * weights.prefix(2).count) / fastest(3, rows, weights.prefix(2))
        let roofline = Roofline(engine: engine, reading: weights, seconds: 0.05)
        readBandwidth = roofline.readBandwidth
        int8Rate = roofline.int8Rate
    }

    /// Matrices one after the other in memory. Their values do not matter as long as they are finite.
    private static func weights(
        inputs: Int, outputs: Int, byteCount: Int, _ engine: ComputeEngine
    ) throws(KernelError) -> [PackedMatrix] {
        let block: [UInt8] = [0x00, 0x20, 0x00, 0x18] + (0..<140).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        let blocks = outputs * inputs / 256
        var bytes: [UInt8] = []
        bytes.reserveCapacity(blocks * block.count)
        for _ in 0..<blocks { bytes += block }
        do {
            var writer = GGUFWriter()
            try writer.add("probe", .q4_K, shape: [inputs, outputs], bytes: bytes)
            let file = try GGUFFile(bytes: writer.serialized()), tensor = try file.tensor("probe")
            let size = try PackedMatrix.byteCount(of: tensor), count = max(byteCount / size, 1)
            let arena = try WeightArena([Int](repeating: size, count: count))
            return try (0..<count).map { _ in try PackedMatrix(file, tensor, engine: engine, arena: arena) }
        } catch let error as KernelError {
            throw error
        } catch { throw .matrix(tensor: "probe", found: "\(error)", expected: "made-up weights") }
    }
}
