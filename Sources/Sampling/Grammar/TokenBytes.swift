/// The bytes every token stands for, and which tokens end an answer; made once for a model and shared by all
/// constraints.
public final class TokenBytes: Sendable {
    let storage: [UInt8]
    let offsets: [Int32]
    /// The tokens that have bytes, in the order of these, and how many first bytes each shares with the one before.
    let sorted: [Int32], shared: [Int32]
    /// How many bytes the longest token has.
    let longest: Int
    /// Tokens that end an answer.
    public let ends: Set<Int32>

    /// `bytes` gives a token's bytes; none for a token that must never stand in an answer, such as a control token.
    public init(count: Int, ends: Set<Int32>, bytes: (Int32) -> [UInt8]) {
        var storage: [UInt8] = [], offsets: [Int32] = [0]
        offsets.reserveCapacity(count + 1)
        for id in 0..<Int32(count) {
            if !ends.contains(id) { storage += bytes(id) }
            offsets.append(Int32(storage.count))
        }
        self.storage = storage
        self.offsets = offsets
        longest = zip(offsets, offsets.dropFirst()).map { Int($1 - $0) }.max() ?? 0
        (sorted, shared) = Self.order(storage, offsets)
        self.ends = ends
    }

    private static func order(_ storage: [UInt8], _ offsets: [Int32]) -> (sorted: [Int32], shared: [Int32]) {
        func bytes(_ id: Int32) -> ArraySlice<UInt8> { storage[Int(offsets[Int(id)])..<Int(offsets[Int(id) + 1])] }
        let sorted = (0..<Int32(offsets.count - 1)).filter { !bytes($0).isEmpty }.sorted {
            let a = bytes($0), b = bytes($1)
            return a == b ? $0 < $1 : a.lexicographicallyPrecedes(b)
        }
        var shared: [Int32] = [], last: ArraySlice<UInt8> = []
        shared.reserveCapacity(sorted.count)
        for id in sorted {
            let now = bytes(id)
            shared.append(Int32(zip(last, now).prefix { $0 == $1 }.count))
            last = now
        }
        return (sorted, shared)
    }

    /// Where a token's bytes lie in `storage`; empty for an id that is none.
    func range(of id: Int32) -> Range<Int> {
        guard id >= 0, Int(id) + 1 < offsets.count else { return 0..<0 }
        return Int(offsets[Int(id)])..<Int(offsets[Int(id) + 1])
    }
}
