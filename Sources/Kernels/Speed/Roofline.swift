import CKernels

/// The limits of this machine, measured with the engine's own instructions and threads.
public struct Roofline: Sendable, Equatable {
    /// Bytes per second when all threads together read memory.
    public var readBandwidth: Double
    /// int8 multiply-adds per second, all threads together, with operands in registers.
    public var int8Rate: Double

    /// Measures both, in some tenths of a second. The bandwidth is the best of four passes over 512 MiB, much more than
    /// the caches hold. `seconds` is the time for the int8 rate.
    ///
    /// - Throws: `outOfMemory`.
    public init(engine: ComputeEngine, seconds: Double = 0.1) throws(KernelError) {
        readBandwidth = try engine.withProbeBuffer { bk_probe_read(&engine.raw, $0.base, $0.byteCount, 4) }
        int8Rate = bk_probe_int8(&engine.raw, seconds)
    }

    /// Measures both; the bandwidth with matrices that lie one after the other in memory.
    init(engine: ComputeEngine, reading matrices: [PackedMatrix], seconds: Double) {
        let bytes = matrices.reduce(0) { $0 + $1.byteCount }
        readBandwidth = withExtendedLifetime(matrices) { bk_probe_read(&engine.raw, matrices[0].raw.data, bytes, 4) }
        int8Rate = bk_probe_int8(&engine.raw, seconds)
    }

    /// A roofline with known figures.
    public init(readBandwidth: Double, int8Rate: Double) {
        self.readBandwidth = readBandwidth
        self.int8Rate = int8Rate
    }
}
