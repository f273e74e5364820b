import CKernels

/// The instruction set in use and the pool of threads that computes with it.
///
/// One engine belongs to one stage: its operations run one after another, each spread over the pool's threads, the
/// caller being one of them. What an operation computes does not depend on the number of threads.
public final class ComputeEngine: @unchecked Sendable {
    // Unchecked: the pool is only ever driven by the one thread that owns the engine's slice; the rest is constant.
    var raw: bk_engine

    /// Starts `threads` - 1 threads besides the caller's.
    ///
    /// - Parameters:
    ///   - threads: 1 to 256.
    ///   - cpu: an instruction set by name (`portable`, `avx2`, `avxvnni`, `avx512`, `neon`, `dotprod`, `i8mm`);
    ///     without it
    ///     `BRIGADE_CPU`'s, or the best there is.
    public init(threads: Int, cpu: String? = nil) throws(KernelError) {
        let chosen = cpu.map { bk_cpu_named($0) } ?? bk_cpu()
        guard let ops = chosen else {
            throw .cpu(cpu.map { "this machine has no \($0) kernels" } ?? String(cString: bk_cpu_problem()))
        }
        guard let pool = bk_pool_create(Int32(clamping: threads)) else { throw .threads(asked: threads) }
        raw = bk_engine(ops: ops, pool: pool)
    }

    deinit { bk_pool_destroy(raw.pool) }

    /// What the bandwidth probe reads; kept, for the system takes longer to give it than the probe to read it.
    private var probeBuffer: Memory?

    func withProbeBuffer<R>(_ body: (Memory) -> R) throws(KernelError) -> R {
        if let probeBuffer { return body(probeBuffer) }
        let buffer = try Memory("the bandwidth probe", byteCount: 512 << 20)
        buffer.base.initializeMemory(as: UInt8.self, repeating: 1, count: buffer.byteCount)
        probeBuffer = buffer
        return body(buffer)
    }

    /// How many threads compute.
    public var threads: Int { Int(bk_pool_threads(raw.pool)) }

    /// The instruction set in use: `portable`, `avx2`, `avxvnni`, `avx512`, `neon`, `dotprod` or `i8mm`. Empty when
    /// `BRIGADE_CPU` asks for one that is not to be had.
    public static var cpuName: String { String(cString: bk_cpu_name()) }

    /// Throws when `BRIGADE_CPU` asks for an instruction set that is not to be had; better said at start than at load.
    public static func check() throws(KernelError) {
        if bk_cpu() == nil { throw .cpu(String(cString: bk_cpu_problem())) }
    }

    /// The instruction sets this machine has beyond plain C.
    public static var cpuFeatures: [String] {
        String(cString: bk_cpu_features()).split(separator: " ").map(String.init)
    }

    /// Whether this machine can run the kernels of that name.
    public static func has(cpu name: String) -> Bool { bk_cpu_named(name) != nil }
}
