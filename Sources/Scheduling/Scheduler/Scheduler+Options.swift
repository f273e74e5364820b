extension Scheduler {
    /// The settings of a schedule.
    public struct Options: Sendable, Equatable {
        /// Stages of the line.
        public var stages: Int
        /// Frames in flight at most. One more than stages keeps the first stage busy while a result travels back.
        public var inFlight: Int
        /// Prompt rows of a frame while no answer runs; nil: by the prompt's length.
        public var promptRows: Int?
        /// How much longer a step of running answers may take for the prompt rows that ride along.
        public var slowdownBesidePrompts: Double
        /// Sequences served at the same time, and requests that may wait.
        public var maxSequences: Int, maxQueued: Int
        /// The most tokens of any answer; nil: the context's end is the only limit.
        public var maxAnswerTokens: Int?
        /// Whether tokens may be drafted, also while earlier draft tokens are being checked, and what a step is
        /// expected to cost by its rows, until the stages have shown it.
        public var speculates: Bool, speculatesAhead: Bool, costs: StepCosts
        /// What a token of a draft model costs in steps of one row; nil: there is none.
        public var draftCost: Double?
        /// Whether it drafts on while its last draft tokens are checked, with a processor and memory that no stage needs.
        public var draftsAhead: Bool

        /// A frame holds a row of each, and a result may be asked for the whole vocabulary of each; both have limits.
        public static let mostSequences = 256

        /// Settings for a line of so many stages; what is nil is chosen for it.
        public init(
            stages: Int, inFlight: Int? = nil, promptRows: Int? = nil, slowdownBesidePrompts: Double = 1.6,
            maxSequences: Int = 64,
            maxQueued: Int = 256, maxAnswerTokens: Int? = nil, speculates: Bool = true, speculatesAhead: Bool = true,
            costs: StepCosts = StepCosts(), draftCost: Double? = nil, draftsAhead: Bool = true
        ) {
            self.stages = max(stages, 1)
            self.inFlight = max(inFlight ?? stages + 1, 1)
            self.promptRows = promptRows.map { max($0, 1) }
            self.slowdownBesidePrompts = max(slowdownBesidePrompts, 1)
            self.maxSequences = min(max(maxSequences, 1), Self.mostSequences)
            self.maxQueued = max(maxQueued, 0)
            self.maxAnswerTokens = maxAnswerTokens
            self.speculates = speculates
            self.speculatesAhead = speculatesAhead
            self.draftCost = draftCost
            self.draftsAhead = draftsAhead
            self.costs = costs
        }

        /// Frames in flight while answers run: one per stage, so that none waits behind another.
        var inFlightBesideDecodes: Int { max(min(stages, inFlight), inFlight - 1, 1) }

        /// Rows that kernels take for little more than the price of one.
        static let rowsTogether = 4

        /// Prompt rows for a frame with `rows` rows of answers, when a micro-batch has `microBatch` of them; a few in any case, so
        /// that prompts come to their end.
        func promptRows(beside rows: Int, of microBatch: Int, cost: StepCost) -> Int {
            let most = cost.rows(within: slowdownBesidePrompts * cost.of(microBatch))
            let limit = promptRows ?? Self.mostPromptRows
            return max(min(most - rows, limit), min(Self.rowsTogether, limit))
        }

        /// Rows of a prompt's frame; of one stage alone. Kernels gain next to nothing with more.
        private static let leastPromptRows = 8, mostPromptRows = 64, rowsOfOneStage = 128
        /// What a frame costs beyond its rows, in steps of one row: its way through sockets and the coordinator.
        private static let frameCost = 0.05

        /// Rows of a frame for prompts of so many tokens together. One stage takes what its kernels like best. Several
        /// must be given enough frames that they all work most of the time, since while the line fills and empties some
        /// do not: the last of n frames leaves a line of s stages after the time of n + s - 1 frames. Of sizes that are
        /// equally good the largest.
        func promptRows(of tokens: Int) -> Int {
            if let promptRows { return promptRows }
            if stages == 1 { return Self.rowsOfOneStage }
            var best = (rows: Self.mostPromptRows, time: Double.infinity)
            for rows in stride(from: Self.mostPromptRows, through: Self.leastPromptRows, by: -Self.rowsTogether) {
                let frames = (tokens + rows - 1) / rows + stages - 1
                let time = Double(frames) * (costs.ofPrompts.of(rows) + Self.frameCost)
                if time < 0.99 * best.time { best = (rows, time) }
            }
            return best.rows
        }

        /// Into how many micro-batches so many running answers may be divided: one for every stage. What rows cost together is
        /// the processor's affair, and whether fewer micro-batches are better is found by trial (`MicroBatchPacer`).
        func microBatches(of answers: Int) -> Int { max(min(stages, inFlightBesideDecodes, answers), 1) }
    }
}
