/// The bytes every token stands for, and which tokens end an answer; made once for a model and shared by all constraints.
public final class TokenBytes: Sendable {
    let storage: [UInt8]
    let offsets: [Int32]
    /// [byte]: the tokens whose first byte it is, ascending.
    let byFirst: [[Int32]]
    /// Tokens that end an answer.
    public let ends: Set<Int32>

    /// `bytes` gives a token's bytes; none for a token that must never stand in an answer, such as a control token.
    public init(count: Int, ends: Set<Int32>, bytes: (Int32) -> [UInt8]) {
        var storage: [UInt8] = [], offsets: [Int32] = [0], byFirst = [[Int32]](repeating: [], count: 256)
        offsets.reserveCapacity(count + 1)
        for id in 0..<Int32(count) {
            if !ends.contains(id) {
                let start = storage.count
                storage += bytes(id)
                if start < storage.count { byFirst[Int(storage[start])].append(id) }
            }
            offsets.append(Int32(storage.count))
        }
        self.storage = storage
        self.offsets = offsets
        self.byFirst = byFirst
        self.ends = ends
    }

    /// Where a token's bytes lie in `storage`; empty for an id that is none.
    func range(of id: Int32) -> Range<Int> {
        guard id >= 0, Int(id) + 1 < offsets.count else { return 0..<0 }
        return Int(offsets[Int(id)])..<Int(offsets[Int(id) + 1])
    }
}
