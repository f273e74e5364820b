import Candidates

/// How the numbers of a row are written. The plan fixes one type for all its frames.
public enum RowType: UInt8, Sendable, CaseIterable {
    /// IEEE binary32, little-endian. Other numbers are reserved for f16, bf16 and q8.
    case f32 = 0

    /// The name used in plans and control messages.
    public var name: String {
        switch self {
        case .f32: "f32"
        }
    }

    /// The type with this name, or nil.
    public init?(name: String) {
        guard let type = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = type
    }
}

/// Consecutive rows of one sequence inside a frame.
public struct Segment: Equatable, Sendable {
    /// The sequence's number, given by the coordinator.
    public var sequence: UInt32
    /// Position in the sequence of the segment's first row, from 0.
    public var firstPosition: Int
    /// Rows of the segment; they stand in `Frame.rows` after those of the segments before it.
    public var rowCount: Int
    /// The rows whose logits are wanted.
    public var outputs: [CandidateRequest]
    /// Nobody needs its rows any more: a stage has not computed them, and they are not in the frame.
    public var isCancelled: Bool

    /// A `Segment` of these values.
    public init(
        sequence: UInt32, firstPosition: Int, rowCount: Int, outputs: [CandidateRequest] = [], isCancelled: Bool = false
    ) {
        self.sequence = sequence
        self.firstPosition = firstPosition
        self.rowCount = rowCount
        self.outputs = outputs
        self.isCancelled = isCancelled
    }
}

/// A change of the KV cache's block tables. A stage applies a frame's operations in order, before it computes its rows.
public enum CacheOperation: Equatable, Sendable {
    /// Adds `block` at the end of the sequence's table; a first append starts the sequence.
    case append(sequence: UInt32, block: UInt32)
    /// Forgets everything from position `length` on, as after a rejected draft.
    case truncate(sequence: UInt32, length: Int)
    /// Copies the block at place `index` of the sequence's table to `block` and puts that in its place: copy-on-write.
    case copy(sequence: UInt32, index: Int, to: UInt32)
    /// Starts a sequence of `length` positions on blocks that other sequences hold already.
    case share(sequence: UInt32, blocks: [UInt32], length: Int)
    /// Forgets the sequence and its table.
    case free(sequence: UInt32)
    /// The block is full of tokens that are certain, and `name` is what its keys and values depend on: a copy of it may
    /// be given to the keeper under that name.
    case seal(block: UInt32, name: BlockName)
}

/// One message down the pipe: changes of the KV cache and a batch of rows, one row per token.
///
/// Layout, little-endian, offsets in bytes:
///
/// | at | size | field |
/// |---|---|---|
/// | 0 | 4 | magic `BRGF` |
/// | 4 | 2 | protocol version |
/// | 6 | 1 | row type |
/// | 7 | 1 | rank of the receiver in its stage |
/// | 8 | 4 | plan |
/// | 12 | 4 | width W: elements of a row |
/// | 16 | 8 | epoch |
/// | 24 | 8 | number |
/// | 32 | 4 | R: rows |
/// | 36 | 4 | O: operations |
/// | 40 | 4 | S: segments |
/// | 44 | 4 | Q: requests for candidates of all segments |
/// | 48 | 4 | E: extra ids of all requests |
/// | 52 | 4 | B: blocks named by all `share` operations |
/// | 56 | 4 | N: names of all `seal` operations |
/// | 60 | 4 | zero |
/// | 64 | 16 | authenticator: see ``Authenticator`` |
/// | 80 | 16·O | operations: kind (u8), three zero bytes, sequence, a, b (u32 each); see below |
/// | | 4·B | the shared blocks' numbers, in the order of their operations |
/// | | 32·N | the sealed blocks' names, in the order of their operations |
/// | | 16·S | segments: sequence, first position, rows, requests (u32 each); rows' highest bit: cancelled, not in R |
/// | | 12·Q | requests: row, top, extra ids (u32 each), in the order of their segments |
/// | | 4·E | extra ids (i32) |
/// | | 4·R·W | rows, row-major, f32 |
///
/// Operations' `a` and `b`: 1 append (block, 0), 2 truncate (length, 0), 3 copy (index, target block),
/// 4 share (count of blocks, length), 5 free (0, 0), 6 seal (block, 0), with sequence 0. The message ends with the last
/// row; its length is exact.
public struct Frame: Equatable, Sendable {
    /// The plan this frame belongs to, and its epoch; stages drop frames of other plans and epochs.
    public var plan: UInt32, epoch: UInt64
    /// Ascending by one from frame to frame within an epoch, so that a lost frame is noticed.
    public var number: UInt64
    /// Elements of one row.
    public var width: Int
    /// How the rows are written.
    public var rowType: RowType
    /// Which of a stage's nodes it is meant for, when several work side by side; else 0.
    public var rank: UInt8
    /// Shows that whoever made the frame knows the plan's secret.
    public var authenticator: Authenticator
    /// Changes of the KV cache, applied in order before the rows.
    public var operations: [CacheOperation]
    /// What the rows belong to, in the rows' order.
    public var segments: [Segment]
    /// Shape [rowCount, width], row-major.
    public var rows: [Float]

    /// Rows of all segments together that are not cancelled.
    public var rowCount: Int { segments.reduce(0) { $0 + ($1.isCancelled ? 0 : $1.rowCount) } }

    /// Takes out the rows of these sequences, which nobody needs any more; what is said of them stays.
    public mutating func cancel(_ sequences: Set<UInt32>) {
        var row = 0
        for i in segments.indices where !segments[i].isCancelled {
            let count = segments[i].rowCount
            if sequences.contains(segments[i].sequence) {
                rows.removeSubrange(row * width..<(row + count) * width)
                segments[i].isCancelled = true
                segments[i].outputs = []
            } else {
                row += count
            }
        }
    }

    /// A `Frame` of these values.
    public init(
        plan: UInt32 = 1,
        epoch: UInt64 = 0,
        number: UInt64 = 0,
        width: Int = 0,
        rowType: RowType = .f32,
        rank: UInt8 = 0,
        authenticator: Authenticator = .none,
        operations: [CacheOperation] = [],
        segments: [Segment] = [],
        rows: [Float] = []
    ) {
        self.plan = plan
        self.epoch = epoch
        self.number = number
        self.width = width
        self.rowType = rowType
        self.rank = rank
        self.authenticator = authenticator
        self.operations = operations
        self.segments = segments
        self.rows = rows
    }

    static let magic: UInt32 = 0x4647_5242  // "BRGF", little-endian
    static let headerSize = 80
    static let operationSize = 16
    static let segmentSize = 16
    static let requestSize = 12
    static let cancelledBit: UInt32 = 1 << 31
}
