import Candidates
import Sampling

extension Job {
    /// Chooses the token after the last known one.
    mutating func take(
        _ row: Candidates, contextLength: Int, now: Double, _ notices: inout [Scheduler.Notice]
    ) -> Scheduler.Outcome {
        if limit == 0 { return .ends(.limit) }
        let token: GeneratedToken
        do throws(SamplingError) {
            switch try chooser.choose(row, history: tokens[..<known]) {
            case .token(let chosen): token = chosen
            case .wantsAll:
                wantsAll = true
                turnBack()
                return .turnsBack
            }
        } catch {
            return .fails(
                chooser.constraint == nil
                    ? "\(error)" : "no token of the vocabulary fits the form that the answer must have. Change the form"
            )
        }
        wantsAll = false
        if firstToken == nil { firstToken = now }
        lastToken = now
        if ends.contains(token.id) { return .ends(.stop) }
        notices.append(.event(id, .token(token)))
        chooser.constraint?.accept(token.id)
        let isDraft = known < tokens.count, isRight = verifyDraft(token.id)
        known += 1
        if answerCount >= limit { return .ends(.limit) }
        if known >= contextLength { return .ends(.contextFull) }
        if isDraft && !isRight {
            turnBack()
            return .turnsBack
        }
        return .goesOn
    }

    /// Verifies the draft token after the last known one: accepts it if it is the chosen one; otherwise it and all that
    /// follow it are dropped, and the chosen token takes its place. Without a draft token the chosen one is added.
    private mutating func verifyDraft(_ chosen: Int32) -> Bool {
        let isDraft = known < tokens.count, isRight = isDraft && tokens[known] == chosen
        if isDraft { lookup?.learn(sources[0].grade, isRight: isRight) }
        if isDraft, sources[0].grade != PromptLookup.drafted {
            lookup?.follow(sources[0], isRight: isRight)
        } else {
            lookup?.pass(chosen, in: tokens)
        }
        if isRight {
            accepted += 1
            sources.removeFirst()
        } else {
            cutDrafts(to: known)
            tokens.append(chosen)
            follow(chosen, wasDrafted: isDraft)
        }
        return isRight
    }

    /// Keeps the draft model's tokens if the first of them is the chosen token, else drops them.
    private mutating func follow(_ token: Int32, wasDrafted: Bool) {
        if !wasDrafted, draft.first == token { draft.removeFirst() } else { dropDraft() }
    }

    /// Goes back to the row of the last known token, which is sent next. Rows that were sent after it are cancelled.
    private mutating func turnBack() {
        // The draft model's tokens follow draft tokens that are removed here.
        if tokens.count > known { dropDraft() }
        cutDrafts(to: known)
        sent = known - 1
        generation += 1
        inFlight = 0
    }
}
