/// Finds by trial the best number of micro-batches for the running answers.
///
/// With as many micro-batches as stages, every stage always works. But if stages share a memory, fewer and larger
/// micro-batches may be faster, because each reads the weights once for more rows. That cannot be known in advance. So
/// larger micro-batches that might be faster are tried for a few tokens, and again from time to time, and the fastest
/// number is used. It changes the speed, never an answer.
struct MicroBatchPacer: Sendable {
    /// The measurements for one number of answers.
    private struct Trial {
        var most: Int, chosen: Int
        /// Tokens per second by number of micro-batches.
        var rates: [Int: Double] = [:]
        var measured = 0
    }

    private var trials: [Int: Trial] = [:]
    /// The current measurement: answers, micro-batches, tokens so far, and its start (nil while it settles).
    private var answers = 0, microBatches = 0, tokens = 0, since: Double?

    /// Tokens of each answer until a new division has settled, and tokens that are then measured.
    private static let settling = 1, counted = 4
    /// After this many measurements the slower divisions are tried again.
    private static let measurementsKept = 150
    /// Larger micro-batches are tried if their total cost is at most this fraction of the current one.
    private static let worthTrying = 0.9

    /// The number of micro-batches for `answers` answers; `most` is the number that the stages can work on.
    mutating func microBatches(of answers: Int, most: Int, cost: StepCost) -> Int {
        guard most > 1 else { return most }
        if trials[answers]?.most != most { trials[answers] = Trial(most: most, chosen: most) }
        if self.answers != answers || microBatches != trials[answers]!.chosen { begin(answers) }
        // Measurements are judged here, because the cost is known here.
        if trials[answers]!.rates[microBatches] != nil, let next = Self.next(trials[answers]!, answers, cost) {
            trials[answers]!.chosen = next
            begin(answers)
        }
        return trials[answers]!.chosen
    }

    private mutating func begin(_ answers: Int) {
        (self.answers, microBatches, tokens, since) = (answers, trials[answers]!.chosen, 0, nil)
    }

    /// The next number of micro-batches after a measurement; nil to continue with the same.
    private static func next(_ trial: Trial, _ answers: Int, _ cost: StepCost) -> Int? {
        guard trial.rates[trial.most] != nil else { return trial.most }
        var candidate = trial.most
        let all = Double(candidate) * cost.of((answers + candidate - 1) / candidate)
        while candidate > 1 {
            let smaller = (candidate + 1) / 2
            guard Double(smaller) * cost.of((answers + smaller - 1) / smaller) <= worthTrying * all else { break }
            guard let found = trial.rates[smaller] else { return smaller }
            // If larger micro-batches were slower, still larger ones are not tried.
            guard let before = trial.rates[candidate], found > before else { break }
            candidate = smaller
        }
        let best = trial.rates.max { ($0.value, $0.key) < ($1.value, $1.key) }!.key
        return best == trial.chosen ? nil : best
    }

    /// Notes that the frame of a micro-batch has come back and gave `count` tokens.
    ///
    /// - Parameter isSteady: whether no prefill is going on, so that the time is only that of decode.
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
