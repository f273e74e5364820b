/// The merges that are possible in a long piece, in the order they must happen: by rank, then from left to right.
///
/// An entry holds the rank in the upper 24 bits and the position in the lower 40, so entries compare as numbers. They
/// wait unsorted in buckets of neighbouring ranks. A bucket is sorted when it becomes active, which takes linear time
/// for positions that ascend, as they usually do. Entries for the active or an earlier bucket go to a heap. In all, n
/// entries take O(n log n).
struct MergeQueue {
    /// Number of an entry's bits that hold the position.
    static let placeBits: UInt64 = 40

    private var buckets: [[UInt64]]
    /// The active bucket, which was moved to `run`; all before it are empty.
    private var active = -1
    private var run: [UInt64] = []
    /// Number of entries of `run` that were taken out.
    private var done = 0
    private var late = MinHeap()

    /// An empty queue for ranks below 2^24.
    init() {
        buckets = Array(repeating: [], count: Self.bucket(of: .max) + 1)
    }

    mutating func insert(_ entry: UInt64) {
        let bucket = Self.bucket(of: entry)
        if bucket > active {
            buckets[bucket].append(entry)
        } else {
            late.insert(entry)
        }
    }

    /// Removes and returns the smallest entry. Once it returns nil, the queue is ready for the next piece.
    mutating func popMin() -> UInt64? {
        while true {
            if done < run.count {
                if let least = late.min, least < run[done] { return late.popMin() }
                done += 1
                return run[done - 1]
            }
            if let least = late.popMin() { return least }
            run.removeAll(keepingCapacity: true)
            done = 0
            guard let next = buckets[(active + 1)...].firstIndex(where: { !$0.isEmpty }) else {
                active = -1
                return nil
            }
            active = next
            swap(&run, &buckets[next])
            run.sort()
        }
    }

    /// Ranks below 64 have a bucket each; above, each doubling of the rank has 32 buckets. Low ranks occur most often.
    private static func bucket(of entry: UInt64) -> Int {
        let rank = Int(entry >> placeBits)
        if rank < 64 { return rank }
        let shift = Int.bitWidth - rank.leadingZeroBitCount - 6
        return shift << 5 + rank >> shift
    }
}
