import Candidates
import Sampling
import Wire

/// Takes results.
extension Scheduler {
    /// Takes the result of the oldest frame in flight.
    ///
    /// - Parameters:
    ///   - outputs: the rows of logits that the frame requested, in order.
    ///   - cancelled: sequences whose rows some stage did not compute; they have no outputs.
    ///   - stageSeconds: seconds in which the last stage computed the frame; nil if unknown.
    /// - Throws: `frameLost` if the result does not match the frame.
    public mutating func received(
        _ outputs: [Candidates], cancelled: [UInt32] = [], stageSeconds: Double? = nil, now: Double
    ) throws(SchedulingError) {
        guard !frames.isEmpty else { throw SchedulingError(.frameLost, "a result came, but no frame is in flight") }
        var frame = frames.removeFirst()
        for sequence in cancelled {
            // If rows that were not cancelled are missing, the cache is wrong from there on.
            guard let at = frame.parts.firstIndex(where: { $0.sequence == sequence && $0.isCancelled }) else {
                throw SchedulingError(
                    .frameLost,
                    """
                    a worker left out rows of sequence \(sequence) in frame \(frame.number) that are wanted. Something \
                    other than this coordinator told it to
                    """
                )
            }
            frame.parts.remove(at: at)
            totals.cancelledParts += 1
        }
        if let stageSeconds, cancelled.isEmpty, frame.decodes {
            let rows = frame.parts.reduce(0) { $0 + $1.count }
            costs.noted(rows: rows, seconds: stageSeconds)
            hops.noted(rows: rows, stage: stageSeconds, pipeline: now - frame.sent, cost: costs.cost, options)
        }
        let expected = frame.parts.reduce(0) { $0 + $1.outputs }
        guard outputs.count == expected else {
            throw SchedulingError(
                .frameLost,
                """
                the last worker answered with \(outputs.count) rows of logits, expected \(expected). Install the same \
                version on all machines
                """
            )
        }
        let answering = serving.count
        var drawn = 0
        var at = 0
        for part in frame.parts {
            let rows = outputs[at..<at + part.outputs]
            at += part.outputs
            // Rows of an earlier generation were cancelled, so their logits are ignored.
            guard jobs.find(part.id)?.generation == part.generation else { continue }
            drawn += take(part, rows, now: now)
        }
        guard frame.decodes else { return }
        pace.noted(tokens: drawn, answers: answering, isSteady: !serving.contains { jobs[$0].isPrefilling }, now: now)
    }

    /// Takes the logits of one request and returns the number of tokens chosen.
    private mutating func take(_ part: FrameInFlight.Part, _ rows: ArraySlice<Candidates>, now: Double) -> Int {
        var job = jobs.takeOut(part.id)
        let known = job.known
        job.inFlight -= 1
        if !job.isDecoding, part.first < job.promptCount {
            let done = min(part.first + part.count, job.promptCount)
            notices.append(.event(job.id, .prompt(done: done, of: job.promptCount, reused: job.reused)))
        }
        if part.scores > 0 { notices.append(.event(job.id, .scores(job.scores(rows.prefix(part.scores))))) }
        var outcome = Outcome.goesOn
        for row in rows.dropFirst(part.scores) where outcome == .goesOn {
            outcome = job.take(row, contextLength: contextLength, now: now, &notices)
        }
        switch outcome {
        case .goesOn, .turnsBack:
            if outcome == .turnsBack { truncate(&job) }
            turn += 1
            job.due = turn
            jobs.insert(job)
        case .ends(let ending):
            totals.ended += 1
            count(job)
            notices.append(.event(job.id, .end(job.summary(ending, now: now))))
            end(job)
        case .fails(let sentence):
            totals.failed += 1
            count(job)
            notices.append(.failed(job.id, SchedulingError(.refused, sentence)))
            end(job)
        }
        return job.known - known
    }

    /// Adds an answer that has ended, complete or not, to the totals.
    mutating func count(_ job: Job) {
        totals.answerTokens += job.answerCount
        totals.draftTokens += job.drafted
        totals.acceptedTokens += job.accepted
    }

    private mutating func end(_ job: Job) {
        jobs.insert(job)
        remove(job.id)
    }

    /// The result of one more row of logits for an answer.
    enum Outcome: Equatable {
        case goesOn
        /// Rows that were sent after it are wrong, or its row must be computed again; the stages must truncate.
        case turnsBack
        case ends(GenerationSummary.Ending)
        case fails(String)
    }
}

extension Job {
    /// Reports the next tokens of the prompt.
    fileprivate mutating func scores(_ rows: ArraySlice<Candidates>) -> [GeneratedToken] {
        rows.map { row in
            scored += 1
            return chooser.score(row, token: tokens[scored])
        }
    }
}
