/// The time that a frame spends on the hops of the pipeline, learned from frames that came back.
struct HopLatency: Sendable {
    /// Seconds in which a stage computes one row, and the least seconds on all hops together lately.
    private var stage: Double?, hop: Double?

    /// The weight of a new stage time, and the factor by which the least hop time grows with each frame.
    private static let share = 0.1, forgetting = 1.01

    /// Notes a frame that came back `pipeline` seconds after it left; the last stage computed it in `stage` seconds.
    mutating func noted(
        rows: Int, stage seconds: Double, pipeline: Double, cost: StepCost, _ options: Scheduler.Options
    ) {
        let one = seconds / cost.of(max(rows, 1))
        stage = stage.map { $0 + (one - $0) * Self.share } ?? one
        // The rest may include waiting behind other frames, so only the least counts.
        let found = max(pipeline - Double(options.stages) * seconds, 0)
        hop = min(hop.map { $0 * Self.forgetting } ?? found, found)
    }

    /// The time on all hops, in steps of one row in one stage.
    func steps(_ options: Scheduler.Options) -> Double {
        guard let stage, let hop, stage > 0 else { return 0 }
        return min(hop / stage, Self.mostSteps)
    }

    /// With this many steps the rows of a step cost almost nothing in comparison.
    private static let mostSteps = 100.0
}
