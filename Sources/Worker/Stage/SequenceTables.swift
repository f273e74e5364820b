import Wire

/// Why a frame or an order is invalid; the sentence says what was found and expected.
public struct StageFault: Error, Equatable, CustomStringConvertible, Sendable {
    /// The sentence.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// The KV blocks of every sequence, as the coordinator's operations define them. Bookkeeping only: nothing is computed
/// here.
public struct SequenceTables: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        var blocks: [Int32] = []
        /// Number of positions written so far; rows may start at any position up to this one.
        var length = 0
    }

    /// Number of KV blocks of the plan, and positions in each.
    public let blockCount: Int, blockTokens: Int
    private(set) var sequences: [UInt32: Entry] = [:]

    /// Tables without sequences.
    public init(blockCount: Int, blockTokens: Int) {
        self.blockCount = blockCount
        self.blockTokens = blockTokens
    }

    /// Number of blocks that sequences use; shared ones count once.
    public var blocksUsed: Int {
        var seen = Set<Int32>()
        for entry in sequences.values { seen.formUnion(entry.blocks) }
        return seen.count
    }

    /// Applies one operation; returns the block copy that it needs, if any.
    mutating func apply(_ operation: CacheOperation) throws(StageFault) -> (from: Int, to: Int)? {
        switch operation {
        case .append(let sequence, let block):
            sequences[sequence, default: Entry()].blocks.append(try checked(block))
        case .truncate(let sequence, let length):
            var entry = try entry(sequence)
            guard length <= entry.length else {
                throw StageFault("truncate of sequence \(sequence) to \(length) positions, but it has \(entry.length)")
            }
            entry.length = length
            entry.blocks.removeLast(entry.blocks.count - (length + blockTokens - 1) / blockTokens)
            sequences[sequence] = entry
        case .copy(let sequence, let index, let block):
            var entry = try entry(sequence)
            guard entry.blocks.indices.contains(index) else {
                throw StageFault(
                    "copy of block \(index) of sequence \(sequence), but it has \(entry.blocks.count) blocks")
            }
            let from = entry.blocks[index], to = try checked(block)
            entry.blocks[index] = to
            sequences[sequence] = entry
            return (Int(from), Int(to))
        case .share(let sequence, let blocks, let length):
            guard sequences[sequence] == nil else { throw StageFault("sequence \(sequence) is to be started twice") }
            guard length <= blocks.count * blockTokens else {
                throw StageFault(
                    "sequence \(sequence) of \(length) positions on \(blocks.count) blocks of \(blockTokens)")
            }
            var entry = Entry(blocks: [], length: length)
            for block in blocks { entry.blocks.append(try checked(block)) }
            sequences[sequence] = entry
        case .free(let sequence):
            _ = try entry(sequence)
            sequences[sequence] = nil
        case .seal(let block, _): _ = try checked(block)
        }
        return nil
    }

    /// The block table of a sequence for the rows `first ..< first + count`, which extend the sequence if needed.
    mutating func extend(_ sequence: UInt32, first: Int, count: Int) throws(StageFault) -> [Int32] {
        var entry = try entry(sequence)
        guard first <= entry.length else {
            throw StageFault(
                "rows of sequence \(sequence) from position \(first) on, but it has only \(entry.length) positions")
        }
        guard first + count <= entry.blocks.count * blockTokens else {
            throw StageFault(
                """
                rows of sequence \(sequence) up to position \(first + count - 1), but its \(entry.blocks.count) blocks \
                end at \(entry.blocks.count * blockTokens - 1)
                """
            )
        }
        entry.length = max(entry.length, first + count)
        sequences[sequence] = entry
        return entry.blocks
    }

    private func entry(_ sequence: UInt32) throws(StageFault) -> Entry {
        guard let entry = sequences[sequence] else { throw StageFault("sequence \(sequence) is not known here") }
        return entry
    }

    private func checked(_ block: UInt32) throws(StageFault) -> Int32 {
        guard block < blockCount, let number = Int32(exactly: block) else {
            throw StageFault("KV block \(block), but the plan has \(blockCount) blocks")
        }
        return number
    }
}
