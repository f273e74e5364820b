import CKernels

/// What this machine can do, measured with the engine's own instructions and threads.
public struct Roofline: Sendable, Equatable {
    /// Bytes per second when all threads read memory.
    public var readBandwidth: Double
    /// int8 multiply-adds per second, all threads together, operands in registers.
    public var int8Rate: Double

    /// Measures both; takes some tenths of a second. The bandwidth is read over 512 MiB, far beyond any cache here, four times.
    public init(engine: ComputeEngine, seconds: Double = 0.1) throws(KernelError) {
        readBandwidth = try engine.withProbeBuffer { bk_probe_read(&engine.raw, $0.base, $0.byteCount, 4) }
        int8Rate = bk_probe_int8(&engine.raw, seconds)
    }

    /// Measures both, reading memory that is there already.
    init(engine: ComputeEngine, reading matrix: PackedMatrix, seconds: Double) {
        readBandwidth = bk_probe_read(&engine.raw, matrix.raw.data, matrix.byteCount, 4)
        int8Rate = bk_probe_int8(&engine.raw, seconds)
    }

    /// A roofline known from elsewhere.
    public init(readBandwidth: Double, int8Rate: Double) {
        self.readBandwidth = readBandwidth
        self.int8Rate = int8Rate
    }
}
