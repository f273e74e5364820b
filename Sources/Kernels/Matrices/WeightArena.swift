/// One region for all matrices of a slice, one behind the other in the order they are used.
///
/// A matrix of a megabyte of its own would get small pages, and the processor would wait anew for the first bytes of
/// each; in one region huge pages hold them all, and prefetching of weights runs from one matrix into the next.
public final class WeightArena {
    private let memory: Memory
    private var used = 0

    /// Room for matrices of these sizes, in bytes.
    public init(_ byteCounts: [Int]) throws(KernelError) {
        memory = try Memory("the slice's weights", byteCount: byteCounts.reduce(0) { $0 + Self.rounded($1) })
    }

    /// The next piece.
    func take(_ byteCount: Int) -> Memory {
        let piece = Memory(partOf: memory, from: used, byteCount: byteCount)
        used += Self.rounded(byteCount)
        return piece
    }

    /// Up to the next cache line.
    private static func rounded(_ byteCount: Int) -> Int { (byteCount + 63) / 64 * 64 }
}
