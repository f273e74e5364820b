import CKernels

/// The instruction set in use, and the pool of threads that computes with it.
///
/// An engine belongs to one stage. Its operations run one after the other, each divided among the pool's threads, of
/// which the caller is one. The number of threads does not change a result.
public final class ComputeEngine: @unchecked Sendable {
    // Unchecked is safe: only the thread that owns the engine's slice uses the pool; the rest is constant.
    var raw: bk_engine

    /// Starts `threads` - 1 threads besides the caller's.
    ///
    /// - Parameters:
    ///   - threads: 1 to 256.
    ///   - cpu: the name of an instruction set (`portable`, `avx2`, `avxvnni`, `avx512`, `neon`, `dotprod`, `i8mm`);
    ///     nil for the one that `BRIGADE_CPU` names, or else the best of this machine.
    /// - Throws: `cpu`, `threads`.
    public init(threads: Int, cpu: String? = nil) throws(KernelError) {
        let chosen = cpu.map { bk_cpu_named($0) } ?? bk_cpu()
        guard let ops = chosen else {
            throw .cpu(cpu.map { "this machine has no \($0) kernels" } ?? String(cString: bk_cpu_problem()))
        }
        guard let pool = bk_pool_create(Int32(clamping: threads)) else { throw .threads(asked: threads) }
        raw = bk_engine(ops: ops, pool: pool)
    }

    deinit { bk_pool_destroy(raw.pool) }

    /// The memory that the bandwidth probe reads. It is kept because allocating it takes longer than reading it.
    private var probeBuffer: Memory?

    func withProbeBuffer<R>(_ body: (Memory) -> R) throws(KernelError) -> R {
        if let probeBuffer { return body(probeBuffer) }
        let buffer = try Memory("the bandwidth probe", byteCount: 512 << 20)
        buffer.base.initializeMemory(as: UInt8.self, repeating: 1, count: buffer.byteCount)
        probeBuffer = buffer
        return body(buffer)
    }

    /// The number of threads that compute, with the caller's.
    public var threads: Int { Int(bk_pool_threads(raw.pool)) }

    /// The instruction set in use: `portable`, `avx2`, `avxvnni`, `avx512`, `neon`, `dotprod` or `i8mm`. Empty when
    /// `BRIGADE_CPU` names one that this machine or build does not have.
    public static var cpuName: String { String(cString: bk_cpu_name()) }

    /// Throws `cpu` when `BRIGADE_CPU` names an instruction set that this machine or build does not have. Called at
    /// start, so that the error does not come only when a model is loaded.
    public static func check() throws(KernelError) {
        if bk_cpu() == nil { throw .cpu(String(cString: bk_cpu_problem())) }
    }

    /// The instruction sets this machine has besides `portable`.
    public static var cpuFeatures: [String] {
        String(cString: bk_cpu_features()).split(separator: " ").map(String.init)
    }

    /// Whether this machine can run the kernels with that name.
    public static func has(cpu name: String) -> Bool { bk_cpu_named(name) != nil }
}
