import GGUF

/// How fast this machine computes with real weights, and what its memory and processor could do.
///
/// A plan needs the first, people compare with the second. Both are measured over the same piece of made-up Q4_K weights,
/// large enough for no cache to hold it.
public struct MachineSpeed: Sendable, Equatable {
    /// Bytes a second: read by the probe, and read as weights by a product of one row.
    public var readBandwidth: Double, weightBandwidth: Double
    /// Multiply-adds a second: the probe's int8 ones, and a product's of 64 rows.
    public var int8Rate: Double, multiplyAddRate: Double

    /// Measures; takes about half a second and, while it lasts, three times `byteCount` of memory.
    ///
    /// - Parameter byteCount: of the weights; the caches should be smaller.
    public init(threads: Int, byteCount: Int = 96 << 20) throws(KernelError) {
        let engine = try ComputeEngine(threads: threads)
        let inputs = 4096, rowBytes = inputs / 256 * 144, outputs = max(byteCount / rowBytes / 16, 1) * 16
        let weights = try Self.weights(inputs: inputs, outputs: outputs, rowBytes: rowBytes, engine)
        let rows = 64, input = try QuantizedRows(rows: rows, width: inputs)
        let x = try FloatRows("the probe's rows", rows: rows, width: inputs), y = try FloatRows("the probe's products", rows: rows, width: outputs)
        x.load((0..<rows * inputs).map { Float(($0 &* 7919 &+ 13) % 2003) / 1001 - 1 }, firstRow: 0, count: rows)
        engine.quantize(x, rows: rows, to: input)
        let product = Product(weights, to: y)
        // The best of some: what the machine can do, whatever else it was doing meanwhile.
        func fastest(_ times: Int, _ body: () -> Void) -> Double {
            (0..<times).reduce(Double.infinity) { best, _ in
                let start = ContinuousClock.now
                body()
                return min(best, (ContinuousClock.now - start) / .seconds(1))
            }
        }
        weightBandwidth = Double(weights.byteCount) / fastest(6) { engine.multiply(input, rows: 1, product) }
        multiplyAddRate = Double(rows * inputs * outputs) / fastest(3) { engine.multiply(input, rows: rows, product) }
        let roofline = Roofline(engine: engine, reading: weights, seconds: 0.05)
        readBandwidth = roofline.readBandwidth
        int8Rate = roofline.int8Rate
    }

    /// A matrix whose numbers do not matter, but for being finite.
    private static func weights(inputs: Int, outputs: Int, rowBytes: Int, _ engine: ComputeEngine) throws(KernelError) -> PackedMatrix {
        let block: [UInt8] = [0x00, 0x20, 0x00, 0x18] + (0..<140).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(outputs * rowBytes)
        let row = [UInt8]((0..<rowBytes / 144).flatMap { _ in block })
        for _ in 0..<outputs { bytes += row }
        do {
            var writer = GGUFWriter()
            try writer.add("probe", .q4_K, shape: [inputs, outputs], bytes: bytes)
            bytes = []
            let file = try GGUFFile(bytes: writer.serialized())
            return try PackedMatrix(file, file.tensor("probe"), engine: engine)
        } catch let error as KernelError {
            throw error
        } catch { throw .matrix(tensor: "probe", found: "\(error)", expected: "made-up weights") }
    }
}
