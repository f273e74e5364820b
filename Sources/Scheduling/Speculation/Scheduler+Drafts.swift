/// Draft tokens are added to frames here, and verified in Job+Verification.swift. They go in the same frame as the row
/// that is due, or ahead, while earlier rows of the sequence are still in flight.
extension Scheduler {
    /// The most draft tokens of a sequence in one frame.
    static let mostDraftTokens = 15
    /// The most tokens that a draft model may be ahead.
    static let mostDraftsAhead = 6

    /// Adds draft tokens to a sequence and returns their number.
    ///
    /// - Parameter rows: sequences that share the frame; 0 if no row is due, so that the draft tokens go ahead.
    mutating func addDraft(for id: Int, rows: Int) -> Int {
        let before = jobs[id].tokens.count, room = roomForDrafts(id)
        guard room > 0 else { return 0 }
        jobs[id].appendDraft(atMost: room, rows: rows, cost: costOfDrafts, leastSurvival: leastSurvival)
        let drafted = jobs[id].tokens.count, held = growFreely(id, to: drafted)
        if held < drafted {
            jobs[id].cutDrafts(to: held)
            jobs[id].dropDraft()
        }
        let count = jobs[id].tokens.count - before
        jobs[id].drafted += count
        return count
    }

    /// The cost of a step by its rows. With a single answer, each step also waits for the hops, for any number of rows.
    private var costOfDrafts: StepCost {
        serving.count == 1 ? costs.cost.beside(hopSteps / Double(options.stages)) : costs.cost
    }

    /// The least probability with which all draft tokens in flight must be right before more are sent ahead. If they
    /// are right, a pass through the pipeline is saved. If not, the right row may wait behind them in one stage.
    private var leastSurvival: Double {
        min(1 / (1 + Double(options.stages) + (serving.count == 1 ? hopSteps : 0)), Self.mostCaution)
    }

    private static let mostCaution = 0.35

    private func roomForDrafts(_ id: Int) -> Int {
        let job = jobs[id]
        guard job.speculates, !job.wantsAll else { return 0 }
        let pending = job.tokens.count - job.known
        return min(
            job.limit - job.answerCount - 1 - pending, contextLength - job.tokens.count - 1, Self.mostDraftTokens)
    }

    /// Draft rows to send ahead while stages would idle, for answers whose drafts are mostly accepted.
    mutating func pickDraftsAhead() -> [Pick] {
        guard options.speculates, options.speculatesAhead, options.stages > 1 else { return [] }
        var picks: [Pick] = []
        for id in serving where jobs[id].inFlight > 0 && !jobs[id].isDue {
            let count = addDraft(for: id, rows: 0)
            if count > 0 { picks.append(Pick(id: id, count: count)) }
        }
        return picks
    }

    // MARK: A draft model

    /// The work for a draft model.
    public struct DraftTarget: Sendable, Equatable {
        /// The request and its generation, which `drafted` takes with each token.
        public var id: Int, generation: Int
        /// The tokens so far, including draft tokens, and how many to draft after them.
        public var tokens: [Int32], count: Int
    }

    /// The request to draft for: the only one that is served, if it may be drafted. Several requests fill the steps
    /// without drafts.
    public var draftTarget: DraftTarget? {
        guard options.speculates, options.draftCost != nil, serving.count == 1 else { return nil }
        let job = jobs[serving[0]]
        guard job.speculates, !job.draftEnded else { return nil }
        let count = options.draftsAhead || !job.draftStarted ? Self.mostDraftsAhead : job.isDue ? job.draftWanted : 0
        return count > 0
            ? DraftTarget(id: job.id, generation: job.draftGeneration, tokens: job.tokens, count: count) : nil
    }

    /// Takes a draft model's token for `position` of a request's tokens; nil if it cannot continue this request.
    public mutating func drafted(_ token: Int32?, at position: Int, id: Int, generation: Int) {
        guard let wanted = jobs.find(id)?.draftGeneration else { return }
        jobs[id].draftStarted = true
        guard generation == wanted else { return }
        guard let token else {
            jobs[id].draftEnded = true
            return
        }
        if position == jobs[id].tokens.count + jobs[id].draft.count { jobs[id].draft.append(token) }
    }

    /// Whether the row that is due should wait for more tokens of the draft model.
    mutating func waitsForDraft(_ id: Int) -> Bool {
        guard let cost = options.draftCost, options.speculates, serving.count == 1, jobs[id].draftStarted,
            !jobs[id].draftEnded
        else {
            return false
        }
        let room = roomForDrafts(id)
        let most = min(room, Self.mostDraftsAhead)
        jobs[id].draftWanted = room > 0 ? jobs[id].wantedDraft(atMost: most, costs.cost, draftCost: cost) : 0
        return jobs[id].draftWanted > jobs[id].draft.count
    }
}

extension Job {
    /// Appends at most `most` draft tokens, for a frame with `rows` rows that are due.
    mutating func appendDraft(atMost most: Int, rows: Int, cost: StepCost, leastSurvival: Double) {
        if lookup == nil { lookup = PromptLookup() }
        let ahead = rows == 0
        // Send ahead only if the draft tokens in flight are likely to be accepted.
        if ahead, sources.reduce(1, { $0 * lookup!.rates[$1.grade] }) < leastSurvival { return }
        let source = lookup!.source(in: tokens, known: known, after: sources.last),
            grade = source?.grade ?? PromptLookup.drafted
        if !draft.isEmpty, source == nil || lookup!.rates[PromptLookup.drafted] >= lookup!.rates[grade] {
            let length = lookup!.length(
                PromptLookup.drafted, rows: max(rows, 1), cost: cost, most: min(most, draft.count), ready: draft.count)
            // A frame for a single draft token does not pay.
            guard length > 0, !ahead || draft.count >= Self.leastDraftAhead else { return }
            for token in draft.prefix(length) { add(token, .init(position: -1, grade: PromptLookup.drafted)) }
            draft.removeFirst(length)
        } else if let source {
            let length = lookup!.length(source.grade, rows: max(rows, 1), cost: cost, most: most)
            // Ahead, one more: `length` counts the tokens after a row that is computed anyway, and here is none.
            let count = ahead && length > 0 ? min(length + 1, most) : length
            for i in 0..<count {
                let token = tokens[source.position + i]
                add(token, .init(position: source.position + i, grade: source.grade))
                if draft.first == token { draft.removeFirst() } else { dropDraft() }
            }
        }
    }

    private mutating func add(_ token: Int32, _ source: DraftSource) {
        tokens.append(token)
        sources.append(source)
    }

    /// The fewest tokens of a draft model that are sent ahead at a time.
    private static let leastDraftAhead = 2

    /// How many tokens of the draft model are worth waiting for.
    mutating func wantedDraft(atMost most: Int, _ cost: StepCost, draftCost: Double) -> Int {
        if lookup == nil { lookup = PromptLookup() }
        if let source = lookup!.source(in: tokens, known: known, after: sources.last),
            lookup!.rates[source.grade] > lookup!.rates[PromptLookup.drafted]
        {
            return 0
        }
        // Tokens that are drafted already count like the others, because they took time as well.
        return lookup!.length(PromptLookup.drafted, rows: 1, cost: cost, most: most, wait: draftCost)
    }

    /// Drops the draft model's tokens, because they no longer follow `tokens`.
    mutating func dropDraft() {
        draft = []
        draftGeneration += 1
    }

    /// Removes the draft tokens beyond `count` tokens.
    mutating func cutDrafts(to count: Int) {
        guard tokens.count > count else { return }
        sources.removeLast(tokens.count - count)
        tokens.removeLast(tokens.count - count)
    }
}
