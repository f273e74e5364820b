extension Scheduler {
    /// The settings of a schedule.
    public struct Options: Sendable, Equatable {
        /// Stages of the line.
        public var stages: Int
        /// Frames on their way at most. One more than stages keeps the first stage busy while a result travels back.
        public var inFlight: Int
        /// Prompt rows of a frame while no answer runs, and while some do.
        public var promptRows: Int, promptRowsBesideAnswers: Int
        /// Sequences served at the same time, and requests that may wait.
        public var maxSequences: Int, maxQueued: Int
        /// The most tokens of any answer; nil: the context's end is the only limit.
        public var maxAnswerTokens: Int?
        /// Whether tokens may be guessed, also while earlier guesses are being checked, and what a step costs by its rows.
        public var guesses: Bool, guessesAhead: Bool, stepCost: StepCost
        /// What a token of a draft model costs in steps of one row; nil: there is none.
        public var draftCost: Double?
        /// Whether it drafts on while its last guesses are checked, with a processor and memory that no stage needs.
        public var draftsAhead: Bool

        /// Settings for a line of so many stages; what is nil is chosen for it.
        public init(
            stages: Int, inFlight: Int? = nil, promptRows: Int? = nil, promptRowsBesideAnswers: Int = 12, maxSequences: Int = 64,
            maxQueued: Int = 256, maxAnswerTokens: Int? = nil, guesses: Bool = true, guessesAhead: Bool = true,
            stepCost: StepCost = .measured, draftCost: Double? = nil, draftsAhead: Bool = true
        ) {
            self.stages = max(stages, 1)
            self.inFlight = max(inFlight ?? stages + 1, 1)
            // Over several stages a prompt must be cut finely enough that they all work on it; one takes what its kernels like best.
            self.promptRows = max(promptRows ?? (stages == 1 ? 128 : 64), 1)
            self.promptRowsBesideAnswers = max(promptRowsBesideAnswers, 1)
            self.maxSequences = max(maxSequences, 1)
            self.maxQueued = max(maxQueued, 0)
            self.maxAnswerTokens = maxAnswerTokens
            self.guesses = guesses
            self.guessesAhead = guessesAhead
            self.draftCost = draftCost
            self.draftsAhead = draftsAhead
            self.stepCost = stepCost
        }

        /// Frames on their way while answers run: one per stage, so that none waits behind another.
        var inFlightBesideAnswers: Int { max(min(stages, inFlight), inFlight - 1, 1) }

        /// Rows that kernels take for little more than the price of one.
        static let rowsTogether = 4

        /// Into how many groups so many running answers are divided: one for every stage, but none so small that rows are left which
        /// would cost next to nothing.
        func groups(of answers: Int) -> Int {
            max(min(stages, inFlightBesideAnswers, (answers + Self.rowsTogether - 1) / Self.rowsTogether), 1)
        }
    }
}
