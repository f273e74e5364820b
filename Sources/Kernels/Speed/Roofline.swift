import CKernels

/// What this machine can do, measured with the engine's own instructions and threads.
public struct Roofline: Sendable, Equatable {
    /// Bytes per second when all threads read memory.
    public var readBandwidth: Double
    /// int8 multiply-adds per second, all threads together, operands in registers.
    public var int8Rate: Double

    /// Measures both; takes some tenths of a second. The bandwidth is read over 512 MiB, far beyond any cache here,
    /// four times.
    public init(engine: ComputeEngine, seconds: Double = 0.1) throws(KernelError) {
        readBandwidth = try engine.withProbeBuffer { bk_probe_read(&engine.raw, $0.base, $0.byteCount, 4) }
        int8Rate = bk_probe_int8(&engine.raw, seconds)
    }

    /// Measures both, reading matrices that are there already, one behind the other.
    init(engine: ComputeEngine, reading matrices: [PackedMatrix], seconds: Double) {
        let bytes = matrices.reduce(0) { $0 + $1.byteCount }
        readBandwidth = withExtendedLifetime(matrices) { bk_probe_read(&engine.raw, matrices[0].raw.data, bytes, 4) }
        int8Rate = bk_probe_int8(&engine.raw, seconds)
    }

    /// A roofline known from elsewhere.
    public init(readBandwidth: Double, int8Rate: Double) {
        self.readBandwidth = readBandwidth
        self.int8Rate = int8Rate
    }
}
