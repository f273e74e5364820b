/// Merges the bytes of one piece into tokens: the neighbours with the lowest rank first, the leftmost among equals,
/// until no neighbours merge. The buffers are reused from piece to piece.
struct PieceMerger {
    private let merges: MergeTable
    private let byteTokens: [Int32]
    /// The current tokens, one per position.
    private var ids: [Int32] = []
    /// The merge of the token at each position with the next.
    private var pairs: [MergeTable.Merge] = []
    private var queue = MergeQueue()

    /// Up to this many bytes, scanning all pairs each time is faster than a queue.
    private static let shortPiece = 48

    /// `byteTokens` holds the token of each of the 256 bytes.
    init(_ merges: MergeTable, byteTokens: [Int32]) {
        self.merges = merges
        self.byteTokens = byteTokens
    }

    /// Appends the tokens of `bytes[range]`, a piece of the pre-tokenizer, to `out`.
    mutating func append(_ bytes: [UInt8], _ range: Range<Int>, to out: inout [Int32]) {
        if range.isEmpty { return }
        ids.removeAll(keepingCapacity: true)
        pairs.removeAll(keepingCapacity: true)
        var left = byteTokens[Int(bytes[range.lowerBound])]
        ids.append(left)
        for index in range.dropFirst() {
            let right = byteTokens[Int(bytes[index])]
            ids.append(right)
            pairs.append(merges.merge(left, right))
            left = right
        }
        pairs.append(MergeTable.none)
        if range.count <= Self.shortPiece {
            mergeByScanning()
            out.append(contentsOf: ids)
        } else {
            mergeByQueue(to: &out)
        }
    }

    /// For short pieces: finds the best pair by a scan each time, and moves up what follows it.
    private mutating func mergeByScanning() {
        while true {
            var best = MergeTable.none
            var place = 0
            for index in 0..<pairs.count where pairs[index] < best {
                best = pairs[index]
                place = index
            }
            if best == MergeTable.none { return }
            ids[place] = Int32(truncatingIfNeeded: best)
            ids.remove(at: place + 1)
            pairs.remove(at: place + 1)
            pairs[place] = place + 1 < ids.count ? merges.merge(ids[place], ids[place + 1]) : MergeTable.none
            if place > 0 { pairs[place - 1] = merges.merge(ids[place - 1], ids[place]) }
        }
    }

    /// For long pieces: positions do not move but are linked to their neighbours, and a queue yields the best pair. An
    /// entry is skipped when its pair has changed since. n bytes take O(n log n).
    private mutating func mergeByQueue(to out: inout [Int32]) {
        let count = ids.count
        var next = Array(1...count)
        var previous = Array(-1..<count - 1)
        for place in 0..<count where pairs[place] != MergeTable.none { queue.insert(entry(place)) }
        while let best = queue.popMin() {
            let place = Int(best & (1 << MergeQueue.placeBits - 1))
            if pairs[place] == MergeTable.none || pairs[place] >> 32 != best >> MergeQueue.placeBits { continue }
            ids[place] = Int32(truncatingIfNeeded: pairs[place])
            let gone = next[place]
            pairs[gone] = MergeTable.none
            next[place] = next[gone]
            if next[place] < count {
                previous[next[place]] = place
                pairs[place] = merges.merge(ids[place], ids[next[place]])
                if pairs[place] != MergeTable.none { queue.insert(entry(place)) }
            } else {
                pairs[place] = MergeTable.none
            }
            let before = previous[place]
            if before >= 0 {
                pairs[before] = merges.merge(ids[before], ids[place])
                if pairs[before] != MergeTable.none { queue.insert(entry(before)) }
            }
        }
        var place = 0
        while place < count {
            out.append(ids[place])
            place = next[place]
        }
    }

    private func entry(_ place: Int) -> UInt64 {
        (pairs[place] >> 32) << MergeQueue.placeBits | UInt64(place)
    }
}
