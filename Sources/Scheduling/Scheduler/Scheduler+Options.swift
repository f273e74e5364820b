extension Scheduler {
    /// The settings of a scheduler.
    public struct Options: Sendable, Equatable {
        /// Stages of the pipeline.
        public var stages: Int
        /// The most frames in flight. One more than stages keeps the first stage busy while a result travels back.
        public var inFlight: Int
        /// Prompt rows of a frame while no answer is decoded; nil to choose by the length of the prompt.
        public var promptRows: Int?
        /// How many times longer a decode step may take because of prompt rows in the same frame.
        public var slowdownBesidePrompts: Double
        /// The most sequences served at the same time, and the most requests that wait.
        public var maxSequences: Int, maxQueued: Int
        /// The most tokens of any answer; nil if only the end of the context limits it.
        public var maxAnswerTokens: Int?
        /// Whether tokens may be drafted; whether also while earlier draft tokens are being verified; and the expected
        /// costs of steps until they have been measured.
        public var speculates: Bool, speculatesAhead: Bool, costs: StepCosts
        /// The cost of a token of the draft model, in steps of one row; nil without a draft model.
        public var draftCost: Double?
        /// Whether the draft model drafts more while its last tokens are verified. It then needs a processor and memory
        /// that no stage uses.
        public var draftsAhead: Bool

        /// The limit of `maxSequences`. A frame has a row for each, and a result may have the whole vocabulary for
        /// each; both sizes are limited.
        public static let mostSequences = 256

        /// Settings for a pipeline with this many stages; nil means a default for it.
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

        /// The most frames in flight while answers are decoded: one per stage, so that none waits behind another.
        var inFlightBesideDecodes: Int { max(min(stages, inFlight), inFlight - 1, 1) }

        /// The rows that kernels compute for little more than the cost of one.
        static let rowsTogether = 4

        /// Prompt rows for a frame with `rows` decode rows, if a micro-batch has `microBatch` of them. There are always
        /// a few, so that prefill ends.
        func promptRows(beside rows: Int, of microBatch: Int, cost: StepCost) -> Int {
            let most = cost.rows(within: slowdownBesidePrompts * cost.of(microBatch))
            let limit = promptRows ?? Self.mostPromptRows
            return max(min(most - rows, limit), min(Self.rowsTogether, limit))
        }

        /// Bounds for the prompt rows of a frame, and the rows if there is only one stage. Kernels gain almost nothing
        /// with more rows.
        private static let leastPromptRows = 8, mostPromptRows = 64, rowsOfOneStage = 128
        /// The cost of a frame besides its rows, in steps of one row: sockets and the coordinator.
        private static let frameCost = 0.05

        /// Rows of a frame for prompts of `tokens` tokens together. With one stage it is the best size for the kernels.
        /// With several, there must be enough frames, because some stages idle while the pipeline fills and empties:
        /// the last of n frames leaves s stages after the time of n + s - 1 frames. Among nearly equal sizes the
        /// largest is taken.
        func promptRows(of tokens: Int) -> Int {
            if let promptRows { return promptRows }
            if stages == 1 { return Self.rowsOfOneStage }
            var best = (rows: Self.mostPromptRows, time: Double.infinity)
            for rows in stride(from: Self.mostPromptRows, through: Self.leastPromptRows, by: -Self.rowsTogether) {
                let frames = (tokens + rows - 1) / rows + stages - 1
                let time = Double(frames) * (costs.prefill.of(rows) + Self.frameCost)
                if time < 0.99 * best.time { best = (rows, time) }
            }
            return best.rows
        }

        /// The most micro-batches for this many running answers: one per stage. `MicroBatchPacer` finds by trial
        /// whether fewer are better, because the cost of rows together depends on the processor.
        func microBatches(of answers: Int) -> Int { max(min(stages, inFlightBesideDecodes, answers), 1) }
    }
}
