import Wire

/// The rows that the coordinator has cancelled, until their frames arrive. A plain value.
///
/// Every entry names one segment of one frame of one plan, and a plan's frames arrive in the order of their numbers. An
/// entry that is late, repeated, or for another plan or a frame that does not exist therefore has no effect, and none
/// is stored longer than until its frame.
struct CancelledRows: Equatable, Sendable {
    /// The plan's epoch.
    private(set) var epoch: UInt64 = 0
    /// The number of the next frame.
    private var next: UInt64 = 0
    /// The cancelled sequences, by frame number.
    private var waiting: [UInt64: Set<UInt32>] = [:]

    /// Limit on how far ahead of the next frame an entry may be. No more frames than that are ever in flight.
    static let farthest: UInt64 = 1024
    /// Limit on the sequences of one frame.
    static let mostOfFrame = 1024

    /// Number of entries.
    var count: Int { waiting.values.reduce(0) { $0 + $1.count } }

    /// Starts a new plan, whose first frame is 0.
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

    /// The sequences whose rows are to be cancelled in frame `number`, which has arrived.
    mutating func take(_ number: UInt64, epoch: UInt64) -> Set<UInt32> {
        guard epoch == self.epoch, number >= next else { return [] }
        next = number == .max ? number : number + 1
        guard !waiting.isEmpty else { return [] }
        let found = waiting[number] ?? []
        waiting = waiting.filter { $0.key > number }
        return found
    }
}
