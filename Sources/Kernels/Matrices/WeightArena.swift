/// One region for all matrices of a slice, one after the other in the order of their use.
///
/// With a region of its own, a small matrix would get small pages, and the processor would wait for the first bytes of
/// each matrix. In one region all matrices are in huge pages, and prefetching continues from one matrix into the next.
public final class WeightArena {
    private let memory: Memory
    private var used = 0

    /// Room for matrices of these sizes, in bytes.
    ///
    /// - Throws: `outOfMemory`.
    public init(_ byteCounts: [Int]) throws(KernelError) {
        memory = try Memory("the slice's weights", byteCount: byteCounts.reduce(0) { $0 + Self.rounded($1) })
    }

    /// The next part of the region; the sizes given to `init` must allow for it.
    func take(_ byteCount: Int) -> Memory {
        let piece = Memory(partOf: memory, from: used, byteCount: byteCount)
        used += Self.rounded(byteCount)
        return piece
    }

    /// Rounded up to a whole cache line.
    private static func rounded(_ byteCount: Int) -> Int { (byteCount + 63) / 64 * 64 }
}
