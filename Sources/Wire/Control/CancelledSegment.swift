/// Rows of one sequence in one frame.
public struct CancelledSegment: Codable, Equatable, Sendable {
    /// The frame's number, which no other frame of the plan has.
    public var frame: UInt64
    /// The sequence's number.
    public var sequence: UInt32

    /// A `CancelledSegment` of these values.
    public init(frame: UInt64, sequence: UInt32) {
        self.frame = frame
        self.sequence = sequence
    }
}
