import Candidates

/// The format of the numbers in a row. All frames of a plan have the same type.
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
    /// The number of the sequence, which the coordinator chose.
    public var sequence: UInt32
    /// The position of the segment's first row in the sequence, from 0.
    public var firstPosition: Int
    /// Rows of the segment. In `Frame.rows` they follow those of the segments before it.
    public var rowCount: Int
    /// The rows whose logits are wanted.
    public var outputs: [CandidateRequest]
    /// Whether its rows are cancelled: they are not in the frame, and stages do not compute them.
    public var isCancelled: Bool

    /// A `Segment` with these values.
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

/// A change of the KV cache's block tables. A stage applies a frame's operations in order, before it computes the rows.
public enum CacheOperation: Equatable, Sendable {
    /// Adds `block` at the end of the sequence's table. The first append starts the sequence.
    case append(sequence: UInt32, block: UInt32)
    /// Removes all positions from `length` on, for example after a rejected draft.
    case truncate(sequence: UInt32, length: Int)
    /// Copies the block at place `index` of the sequence's table to block `to`, which takes its place: copy-on-write.
    case copy(sequence: UInt32, index: Int, to: UInt32)
    /// Starts a sequence of `length` positions with blocks that already have these positions.
    case share(sequence: UInt32, blocks: [UInt32], length: Int)
    /// Removes the sequence and its table.
    case free(sequence: UInt32)
    /// Tells that the block is full of tokens that are certain. A copy of it may go to the keeper under `name`.
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
/// | 44 | 4 | Q: candidate requests of all segments |
/// | 48 | 4 | E: extra ids of all requests |
/// | 52 | 4 | B: blocks of all `share` operations |
/// | 56 | 4 | N: names of all `seal` operations |
/// | 60 | 4 | zero |
/// | 64 | 16 | authenticator: see ``Authenticator`` |
/// | 80 | 16·O | operations: kind (u8), three zero bytes, sequence, a, b (u32 each); see below |
/// | | 4·B | the shared blocks' numbers, in the order of their operations |
/// | | 32·N | the sealed blocks' names, in the order of their operations |
/// | | 16·S | segments: sequence, first position, rows, requests (u32 each); see below |
/// | | 12·Q | requests: row, top, extra ids (u32 each), in the order of their segments |
/// | | 4·E | extra ids (i32) |
/// | | 4·R·W | rows, row-major, f32 |
///
/// Operations' kinds with `a` and `b`: 1 append (block, 0), 2 truncate (length, 0), 3 copy (index, target block),
/// 4 share (number of blocks, length), 5 free (0, 0), 6 seal (block, 0), with sequence 0. The highest bit of a
/// segment's rows says that they are cancelled; R does not count them. The message ends with the last row; its length
/// is exact.
public struct Frame: Equatable, Sendable {
    /// The plan of this frame, and its epoch. Stages drop frames of other plans and epochs.
    public var plan: UInt32, epoch: UInt64
    /// Rises by one from frame to frame within an epoch, so that a lost frame is noticed.
    public var number: UInt64
    /// Elements of one row.
    public var width: Int
    /// The format of the rows.
    public var rowType: RowType
    /// The rank of the node it is for, if the stage has several; else 0.
    public var rank: UInt8
    /// Proves that the sender knows the plan's secret.
    public var authenticator: Authenticator
    /// Changes of the KV cache, applied in order before the rows are computed.
    public var operations: [CacheOperation]
    /// The sequences and positions of the rows, in the order of the rows.
    public var segments: [Segment]
    /// Shape [rowCount, width], row-major.
    public var rows: [Float]

    /// Rows of all segments that are not cancelled.
    public var rowCount: Int { segments.reduce(0) { $0 + ($1.isCancelled ? 0 : $1.rowCount) } }

    /// Removes the rows of these cancelled sequences. Their segments stay, marked as cancelled and without outputs.
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

    /// A `Frame` with these values.
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
