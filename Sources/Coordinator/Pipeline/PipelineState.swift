/// Numbers frames, counts those in flight against the credits, and says what an arriving result means. A value; the
/// `Pipeline` around it only carries out what it says.
public struct PipelineState: Equatable, Sendable {
    /// What an arriving result means.
    public enum Arrival: Equatable, Sendable {
        /// It answers the oldest frame in flight.
        case deliver
        /// It belongs to a plan that is over.
        case ignore
        /// It answers another frame than the oldest one: one was lost on the way.
        case fault(String)
    }

    /// The plan, its epoch, and how many frames may be in flight.
    public let plan: UInt32, epoch: UInt64, credits: Int
    private var next: UInt64 = 0
    private var oldest: UInt64 = 0

    /// Nothing sent yet.
    public init(plan: UInt32 = 1, epoch: UInt64, credits: Int) {
        self.plan = plan
        self.epoch = epoch
        self.credits = credits
    }

    /// Frames sent and not answered.
    public var inFlight: Int { Int(next - oldest) }
    /// Whether another frame may be sent now.
    public var hasCredit: Bool { inFlight < credits }

    /// Takes a credit and gives the frame its number.
    public mutating func send() -> UInt64 {
        precondition(hasCredit, "no credit left")
        defer { next += 1 }
        return next
    }

    /// A result has arrived.
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
