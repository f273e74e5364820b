import Candidates
import Wire

/// A frame as the scheduler decided it. Its rows are the embeddings of `tokens`.
public struct ScheduledFrame: Sendable, Equatable {
    /// The changes of the KV cache, the segments, and one token per row.
    public var operations: [CacheOperation], segments: [Segment], tokens: [Int32]
}

/// Builds frames.
extension Scheduler {
    /// The next `count` rows of a sequence that were not sent.
    struct Pick {
        var id: Int, count: Int
    }

    /// The next frame to send now, if any; it counts as sent. Call it until it returns nil, after every submission,
    /// cancellation and result.
    public mutating func nextFrame(now: Double) -> ScheduledFrame? {
        guard frames.count < options.inFlight else { return nil }
        admit(now: now)
        let answering = serving.reduce(0) { $0 + (jobs[$1].isPrefilling ? 0 : 1) }
        // A prompt that was sent completely, without its first token yet, is not delayed by what is sent now.
        let delayed = serving.contains { !jobs[$0].isPrefilling && (jobs[$0].isDecoding || jobs[$0].isDue) }
        var picks: [Pick] = []
        if answering == 0 || frames.count < options.inFlightBesideDecodes { picks = pickAnswers(of: answering) }
        let answers = picks.count
        if !delayed || frames.count < options.inFlightBesideDecodes {
            picks += pickPrompts(
                room: roomForPrompts(beside: picks.reduce(0) { $0 + $1.count }, of: delayed ? answering : 0))
        }
        if picks.isEmpty, answering > 0 { picks = pickDraftsAhead() }
        // A frame with only operations is sent if no other frame is in flight.
        guard !picks.isEmpty || (frames.isEmpty && !operations.isEmpty) else { return nil }
        return build(picks, decodes: answers > 0, now: now)
    }

    /// A frame without rows for the pending changes of the KV cache, or nil if there are none. It counts as sent.
    public mutating func nextOperations(now: Double) -> ScheduledFrame? {
        operations.isEmpty ? nil : build([], decodes: false, now: now)
    }

    /// The rows of a micro-batch: answers whose next token is known, longest waiting first, with draft tokens.
    private mutating func pickAnswers(of answering: Int) -> [Pick] {
        let due = serving.filter { jobs[$0].isDue && !jobs[$0].isPrefilling }.sorted { jobs[$0].due < jobs[$1].due }
        guard !due.isEmpty else { return [] }
        let microBatches = pace.microBatches(of: answering, most: options.microBatches(of: answering), cost: costs.cost)
        // Answers that are due beyond this wait until a micro-batch comes back.
        guard frames.reduce(0, { $0 + ($1.decodes ? 1 : 0) }) < microBatches else { return [] }
        let microBatch = due.prefix((answering + microBatches - 1) / microBatches)
        var picks: [Pick] = []
        for id in microBatch where jobs[id].sequence != nil {
            if grow(id, to: jobs[id].known) { picks.append(Pick(id: id, count: 1)) }
        }
        if let id = picks.first?.id, waitsForDraft(id) { return [] }
        // `grow` may have taken the blocks of an answer that was picked before.
        picks.removeAll { jobs[$0.id].sequence == nil }
        if options.speculates, !serving.contains(where: { jobs[$0].isPrefilling }) {
            for i in picks.indices { picks[i].count += addDraft(for: picks[i].id, rows: picks.count) }
        }
        return picks
    }

    private func roomForPrompts(beside rows: Int, of answering: Int) -> Int {
        guard answering > 0 else {
            return options.promptRows(of: serving.reduce(0) { $0 + (jobs[$1].isPrefilling ? jobs[$1].known : 0) })
        }
        let microBatches = options.microBatches(of: answering)
        return options.promptRows(beside: rows, of: (answering + microBatches - 1) / microBatches, cost: costs.cost)
    }

    /// Prompt rows for the remaining room. Clients take turns; within a client the oldest request is first.
    private mutating func pickPrompts(room: Int) -> [Pick] {
        var prefilling = serving.filter { jobs[$0].isPrefilling }, room = room, picks: [Pick] = []
        guard !prefilling.isEmpty else { return [] }
        func rank(_ id: Int) -> (Int, Int) { (lastPrefill[jobs[id].client] ?? 0, jobs[id].seniority) }
        prefilling.sort { rank($0) < rank($1) }
        for id in prefilling where room > 0 {
            // Parts of about equal size, in multiples of 4 rows, which kernels compute together.
            let left = jobs[id].known - jobs[id].sent, parts = (left + room - 1) / room
            let count = min((left + parts - 1) / parts, room), rounded = min((count + 3) / 4 * 4, room, left)
            picks.append(Pick(id: id, count: rounded))
            room -= rounded
            turn += 1
            lastPrefill[jobs[id].client] = turn
        }
        return picks
    }

    /// Makes the frame and notes its rows as sent.
    private mutating func build(_ picks: [Pick], decodes: Bool, now: Double) -> ScheduledFrame {
        var frame = ScheduledFrame(operations: operations, segments: [], tokens: [])
        var parts: [FrameInFlight.Part] = []
        for pick in picks {
            let part = jobs[pick.id].send(pick.count, to: &frame)
            parts.append(part)
            Self.cache(&jobs[pick.id], &pool)
        }
        operations = []
        frames.append(FrameInFlight(number: nextFrameNumber, parts: parts, decodes: decodes, sent: now))
        nextFrameNumber += 1
        return frame
    }
}

extension Job {
    /// Adds its next `count` rows to `frame`, with requests for logits from the last known token on.
    mutating func send(_ count: Int, to frame: inout ScheduledFrame) -> Scheduler.FrameInFlight.Part {
        var outputs = scoreRequests(count), chooser = chooser
        let scores = outputs.count
        for position in known - 1..<max(sent + count, known - 1) {
            // After a draft token, the constraint is in the state that it will have if the token is accepted.
            if position >= known { chooser.assume(tokens[position]) }
            guard position >= sent else { continue }
            let request = chooser.request(history: tokens[...position], all: wantsAll)
            outputs.append(CandidateRequest(row: position - sent, top: request.top, extra: request.extra))
        }
        frame.segments.append(Segment(sequence: stageSequence, firstPosition: sent, rowCount: count, outputs: outputs))
        frame.tokens += tokens[sent..<sent + count]
        let part = Scheduler.FrameInFlight.Part(
            id: id, generation: generation, sequence: stageSequence, first: sent, count: count, outputs: outputs.count,
            scores: scores)
        sent += count
        inFlight += 1
        return part
    }

    /// Requests for the logits with which the prompt's tokens after the next `count` rows are reported.
    private func scoreRequests(_ count: Int) -> [CandidateRequest] {
        let first = max(sent, scored), end = min(sent + count, promptCount - 1)
        guard scoresPrompt, first < end else { return [] }
        return (first..<end).map { position in
            let request = chooser.request(scoring: tokens[position + 1])
            return CandidateRequest(row: position - sent, top: request.top, extra: request.extra)
        }
    }
}
