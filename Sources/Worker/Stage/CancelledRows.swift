import Wire

/// What the coordinator has said nobody needs any more, until the frames come that carry it. A value.
///
/// Every entry names one segment of one frame of one plan, and a plan's frames come in the order of their numbers: so
/// an entry that comes late, twice, for another plan or for what does not exist can do nothing, and none stays longer
/// than until its frame.
struct CancelledRows: Equatable, Sendable {
    /// The plan, and the number of the next frame.
    private(set) var epoch: UInt64 = 0
    private var next: UInt64 = 0
    /// The sequences by frame.
    private var waiting: [UInt64: Set<UInt32>] = [:]

    /// How far ahead of the next frame an entry may be; more frames than that are never on their way.
    static let farthest: UInt64 = 1024
    /// Sequences of one frame.
    static let mostOfFrame = 1024

    /// Entries that wait.
    var count: Int { waiting.values.reduce(0) { $0 + $1.count } }

    /// A plan begins with frame 0.
    mutating func begin(_ epoch: UInt64) { self = CancelledRows(epoch: epoch) }

    init(epoch: UInt64 = 0) { self.epoch = epoch }

    mutating func add(_ segments: [CancelledSegment], epoch: UInt64) {
        guard epoch == self.epoch else { return }
        for segment in segments where segment.frame >= next && segment.frame - next < Self.farthest {
            if waiting[segment.frame, default: []].count < Self.mostOfFrame {
                waiting[segment.frame, default: []].insert(segment.sequence)
            }
        }
    }

    /// Frame `number` has come: whose rows are to be cancelled in it.
    mutating func take(_ number: UInt64, epoch: UInt64) -> Set<UInt32> {
        guard epoch == self.epoch, number >= next else { return [] }
        next = number == .max ? number : number + 1
        guard !waiting.isEmpty else { return [] }
        let found = waiting[number] ?? []
        waiting = waiting.filter { $0.key > number }
        return found
    }
}
