/// Rows whose tokens are drafted, to be checked together with the row that is due, or while others of the sequence are
/// still being checked.
extension Scheduler {
    /// Draft tokens in one frame at most.
    static let mostDraftTokens = 15
    /// Tokens that a draft model may be ahead.
    static let mostDraftsAhead = 6

    /// Adds draft tokens behind a sequence's tokens; returns how many.
    ///
    /// - Parameter rows: sequences that share the frame; 0: nothing is due, the draft tokens go ahead of a check.
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

    /// What a step costs by its rows. One answer alone also waits for the hops between the stages, whatever its rows.
    private var costOfDrafts: StepCost {
        serving.count == 1 ? costs.cost.beside(hopSteps / Double(options.stages)) : costs.cost
    }

    /// How likely speculation ahead of a check must be right. If they are they save a round of the line; if not, the row
    /// that is wanted instead may wait behind them in one stage.
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

    /// While stages would idle: rows behind those that are being checked, of answers that are drafted well.
    mutating func pickDraftsAhead() -> [Pick] {
        guard options.speculates, options.speculatesAhead, options.stages > 1 else { return [] }
        var picks: [Pick] = []
        for id in serving where jobs[id].underWay > 0 && !jobs[id].isDue {
            let count = addDraft(for: id, rows: 0)
            if count > 0 { picks.append(Pick(id: id, count: count)) }
        }
        return picks
    }

    // MARK: A draft model

    /// What a draft model should work on.
    public struct DraftTarget: Sendable, Equatable {
        /// The request and its generation, to be given back with what is drafted.
        public var id: Int, generation: Int
        /// The tokens so far, draft tokens included, and how many to draft behind them.
        public var tokens: [Int32], count: Int
    }

    /// The only request that is served, if it may be drafted for. Several together fill the steps without a draft.
    public var draftTarget: DraftTarget? {
        guard options.speculates, options.draftCost != nil, serving.count == 1 else { return nil }
        let job = jobs[serving[0]]
        guard job.speculates, !job.draftEnded else { return nil }
        let count = options.draftsAhead || !job.draftBegun ? Self.mostDraftsAhead : job.isDue ? job.draftWanted : 0
        return count > 0
            ? DraftTarget(id: job.id, generation: job.draftGeneration, tokens: job.tokens, count: count) : nil
    }

    /// A draft model expects `token` at `position` of a request's tokens; nil: it cannot go on with this request.
    public mutating func drafted(_ token: Int32?, at position: Int, id: Int, generation: Int) {
        guard let wanted = jobs.find(id)?.draftGeneration else { return }
        jobs[id].draftBegun = true
        guard generation == wanted else { return }
        guard let token else {
            jobs[id].draftEnded = true
            return
        }
        if position == jobs[id].tokens.count + jobs[id].draft.count { jobs[id].draft.append(token) }
    }

    /// Whether the row that is due should wait for the draft of what follows.
    mutating func waitsForDraft(_ id: Int) -> Bool {
        guard let cost = options.draftCost, options.speculates, serving.count == 1, jobs[id].draftBegun,
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
    /// Appends at most `most` draft tokens to the tokens, behind `rows` rows that are due.
    mutating func appendDraft(atMost most: Int, rows: Int, cost: StepCost, leastSurvival: Double) {
        if lookup == nil { lookup = PromptLookup() }
        let ahead = rows == 0
        // Ahead of a check only what is likely to survive it.
        if ahead, sources.reduce(1, { $0 * lookup!.rates[$1.grade] }) < leastSurvival { return }
        let source = lookup!.source(in: tokens, known: known, after: sources.last),
            grade = source?.grade ?? PromptLookup.drafted
        if !draft.isEmpty, source == nil || lookup!.rates[PromptLookup.drafted] >= lookup!.rates[grade] {
            let length = lookup!.length(
                PromptLookup.drafted, rows: max(rows, 1), cost: cost, most: min(most, draft.count), ready: draft.count)
            // A frame of its own is worth a few draft tokens, not one.
            guard length > 0, !ahead || draft.count >= Self.leastDraftAhead else { return }
            for token in draft.prefix(length) { add(token, .init(position: -1, grade: PromptLookup.drafted)) }
            draft.removeFirst(length)
        } else if let source {
            let length = lookup!.length(source.grade, rows: max(rows, 1), cost: cost, most: most)
            // Ahead there is no row that must be computed anyway.
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

    /// Drafted draft tokens go ahead at least so many at a time.
    private static let leastDraftAhead = 2

    /// For how many drafted tokens it pays to wait.
    mutating func wantedDraft(atMost most: Int, _ cost: StepCost, draftCost: Double) -> Int {
        if lookup == nil { lookup = PromptLookup() }
        if let source = lookup!.source(in: tokens, known: known, after: sources.last),
            lookup!.rates[source.grade] > lookup!.rates[PromptLookup.drafted]
        {
            return 0
        }
        // What is drafted already counts as if it were not: the time it took is the measure of the whole.
        return lookup!.length(PromptLookup.drafted, rows: 1, cost: cost, most: most, wait: draftCost)
    }

    /// What was drafted does not go on with the tokens.
    mutating func dropDraft() {
        draft = []
        draftGeneration += 1
    }

    /// Takes draft tokens back, those beyond `count` tokens.
    mutating func cutDrafts(to count: Int) {
        guard tokens.count > count else { return }
        sources.removeLast(tokens.count - count)
        tokens.removeLast(tokens.count - count)
    }
}
