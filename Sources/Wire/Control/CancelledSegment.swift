/// The rows of one sequence in one frame that are cancelled.
public struct CancelledSegment: Codable, Equatable, Sendable {
    /// The number of the frame, unique in the plan's epoch.
    public var frame: UInt64
    /// The number of the sequence.
    public var sequence: UInt32

    /// A `CancelledSegment` with these values.
    public init(frame: UInt64, sequence: UInt32) {
        self.frame = frame
        self.sequence = sequence
    }
}
