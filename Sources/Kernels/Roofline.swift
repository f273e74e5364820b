import CKernels

/// What this machine can do, measured with the engine's own instructions and threads.
public struct Roofline: Sendable, Equatable {
    /// Bytes per second when all threads read memory.
    public var readBandwidth: Double
    /// int8 multiply-adds per second, all threads together, operands in registers.
    public var int8Rate: Double

    /// Measures both; takes about a second. The bandwidth is read over 512 MiB, far beyond any cache here.
    public init(engine: ComputeEngine, seconds: Double = 0.3) throws(KernelError) {
        let buffer = try Memory("the bandwidth probe", byteCount: 512 << 20)
        memset(buffer)
        readBandwidth = bk_probe_read(&engine.raw, buffer.base, buffer.byteCount, 8)
        int8Rate = bk_probe_int8(&engine.raw, seconds)
    }

    /// A roofline known from elsewhere.
    public init(readBandwidth: Double, int8Rate: Double) {
        self.readBandwidth = readBandwidth
        self.int8Rate = int8Rate
    }

    /// Of two measurements, taken before and after something, the better of each.
    public func best(_ other: Roofline) -> Roofline {
        Roofline(
            readBandwidth: max(readBandwidth, other.readBandwidth), int8Rate: max(int8Rate, other.int8Rate))
    }
}

private func memset(_ memory: Memory) {
    memory.base.initializeMemory(as: UInt8.self, repeating: 1, count: memory.byteCount)
}
