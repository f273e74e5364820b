/// What a frame waits on its way through the line, besides being computed: learned from frames that came back.
struct HopLatency: Sendable {
    /// Seconds of one row in a stage, and of the shortest hop lately.
    private var stage: Double?, hop: Double?

    /// The share by which a new stage's time counts, and by which the shortest hop is forgotten.
    private static let share = 0.1, forgetting = 1.01

    /// A frame came back `line` seconds after it left, of which the last stage computed for `stage`.
    mutating func noted(rows: Int, stage seconds: Double, line: Double, cost: StepCost, _ options: Scheduler.Options) {
        let one = seconds / cost.of(max(rows, 1))
        stage = stage.map { $0 + (one - $0) * Self.share } ?? one
        // What it waited behind others is none of the line's: the shortest counts.
        let found = max(line - Double(options.stages) * seconds, 0)
        hop = min(hop.map { $0 * Self.forgetting } ?? found, found)
    }

    /// The hop in steps of one row in one stage.
    func steps(_ options: Scheduler.Options) -> Double {
        guard let stage, let hop, stage > 0 else { return 0 }
        return min(hop / stage, Self.mostSteps)
    }

    /// Enough to make a step's rows all but free.
    private static let mostSteps = 100.0
}
