/// Finds by trial into how many micro-batches running answers are best divided.
///
/// With as many micro-batches as stages every stage works all the time. But where stages share a memory, larger micro-batches may be
/// faster that pass the line one after another: each reads the weights once for more rows. Nobody can know that
/// beforehand, so where larger micro-batches might pay they are tried for a few tokens, now and then again, and what was
/// faster is kept. It changes the speed, never an answer.
struct MicroBatchPacer: Sendable {
    /// What was measured of so many answers.
    private struct Trial {
        var most: Int, chosen: Int
        /// Tokens a second by micro-batches.
        var rates: [Int: Double] = [:]
        var measured = 0
    }

    private var trials: [Int: Trial] = [:]
    /// The measurement that runs: of how many answers in how many micro-batches, tokens so far, and since when; nil: not
    /// settled yet.
    private var answers = 0, microBatches = 0, tokens = 0, since: Double?

    /// Tokens of each answer that a grouping takes to settle, and that are then counted.
    private static let settling = 1, counted = 4
    /// After so many measurements the groupings that were slower are tried again.
    private static let measurementsKept = 150
    /// Larger micro-batches are tried when all of them together cost at most this share.
    private static let worthTrying = 0.9

    /// Groups for so many answers; `most`: as many as stages can work on.
    mutating func microBatches(of answers: Int, most: Int, cost: StepCost) -> Int {
        guard most > 1 else { return most }
        if trials[answers]?.most != most { trials[answers] = Trial(most: most, chosen: most) }
        if self.answers != answers || microBatches != trials[answers]!.chosen { begin(answers) }
        // What was measured is judged here, where the cost is known.
        if trials[answers]!.rates[microBatches] != nil, let next = Self.next(trials[answers]!, answers, cost) {
            trials[answers]!.chosen = next
            begin(answers)
        }
        return trials[answers]!.chosen
    }

    private mutating func begin(_ answers: Int) {
        (self.answers, microBatches, tokens, since) = (answers, trials[answers]!.chosen, 0, nil)
    }

    /// What to do after a measurement; nil: go on.
    private static func next(_ trial: Trial, _ answers: Int, _ cost: StepCost) -> Int? {
        guard trial.rates[trial.most] != nil else { return trial.most }
        var candidate = trial.most
        let all = Double(candidate) * cost.of((answers + candidate - 1) / candidate)
        while candidate > 1 {
            let smaller = (candidate + 1) / 2
            guard Double(smaller) * cost.of((answers + smaller - 1) / smaller) <= worthTrying * all else { break }
            guard let found = trial.rates[smaller] else { return smaller }
            // Where larger micro-batches were slower still larger ones are as well.
            guard let before = trial.rates[candidate], found > before else { break }
            candidate = smaller
        }
        let best = trial.rates.max { ($0.value, $0.key) < ($1.value, $1.key) }!.key
        return best == trial.chosen ? nil : best
    }

    /// A frame of a micro-batch has come back and gave `tokens` tokens.
    ///
    /// - Parameter isSteady: nothing but these answers was in flight.
    mutating func noted(tokens count: Int, answers: Int, isSteady: Bool, now: Double) {
        guard isSteady, answers == self.answers, microBatches > 0 else {
            (tokens, since) = (0, nil)
            return
        }
        tokens += count
        guard let start = since else {
            if tokens >= Self.settling * answers { (tokens, since) = (0, now) }
            return
        }
        guard tokens >= Self.counted * answers, now > start else { return }
        let rate = Double(tokens) / (now - start)
        trials[answers]!.measured += 1
        if trials[answers]!.measured % Self.measurementsKept == 0 { trials[answers]!.rates = [:] }
        let before = trials[answers]!.rates[microBatches] ?? rate
        trials[answers]!.rates[microBatches] = (before + rate) / 2
        (tokens, since) = (0, now)
    }
}
