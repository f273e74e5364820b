/// Numbers frames, counts those in flight against the credits, and decides what an arriving result means. A plain
/// value; `Pipeline` carries out its decisions.
public struct PipelineState: Equatable, Sendable {
    /// What an arriving result means.
    public enum Arrival: Equatable, Sendable {
        /// It belongs to the oldest frame in flight.
        case deliver
        /// It belongs to an earlier plan.
        case ignore
        /// It belongs to another frame than the oldest: a frame was lost.
        case fault(String)
    }

    /// The plan, its epoch, and the limit on frames in flight.
    public let plan: UInt32, epoch: UInt64, credits: Int
    private var next: UInt64 = 0
    private var oldest: UInt64 = 0

    /// A state with no frame sent.
    public init(plan: UInt32 = 1, epoch: UInt64, credits: Int) {
        self.plan = plan
        self.epoch = epoch
        self.credits = credits
    }

    /// Number of frames sent whose result has not arrived.
    public var inFlight: Int { Int(next - oldest) }
    /// Whether another frame may be sent now.
    public var hasCredit: Bool { inFlight < credits }

    /// Uses a credit; returns the frame's number.
    public mutating func send() -> UInt64 {
        precondition(hasCredit, "no credit left")
        defer { next += 1 }
        return next
    }

    /// Decides what to do with a result that has arrived.
    public mutating func received(plan: UInt32 = 1, epoch: UInt64, number: UInt64) -> Arrival {
        guard plan == self.plan, epoch == self.epoch else { return .ignore }
        guard inFlight > 0 else { return .fault("a result for frame \(number) came, but no frame is in flight") }
        guard number == oldest else {
            return .fault("frame \(oldest) was lost: the answer to frame \(number) came instead")
        }
        oldest += 1
        return .deliver
    }
}
