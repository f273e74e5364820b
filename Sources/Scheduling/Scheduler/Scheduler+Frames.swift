import Candidates
import Wire

/// A frame as the schedule wants it; the rows are the embeddings of `tokens`.
public struct ScheduledFrame: Sendable, Equatable {
    /// Changes of the cache, then whose rows these are, one token a row.
    public var operations: [CacheOperation], segments: [Segment], tokens: [Int32]
}

/// What goes into a frame.
extension Scheduler {
    /// Some rows of a sequence, the next ones that it has not sent.
    struct Pick {
        var id: Int, count: Int
    }

    /// The next frame that should leave now, if any; it counts as sent. To be called until it gives nil, after every
    /// submission, cancellation and result.
    public mutating func nextFrame(now: Double) -> ScheduledFrame? {
        guard frames.count < options.inFlight else { return nil }
        admit(now: now)
        let answering = serving.reduce(0) { $0 + (jobs[$1].isPrefilling ? 0 : 1) }
        // A prompt that has left and whose first token is in flight is delayed by nothing that is sent now.
        let delayed = serving.contains { !jobs[$0].isPrefilling && (jobs[$0].isDecoding || jobs[$0].isDue) }
        var picks: [Pick] = []
        if answering == 0 || frames.count < options.inFlightBesideDecodes { picks = pickAnswers(of: answering) }
        let answers = picks.count
        if !delayed || frames.count < options.inFlightBesideDecodes {
            picks += pickPrompts(
                room: roomForPrompts(beside: picks.reduce(0) { $0 + $1.count }, of: delayed ? answering : 0))
        }
        if picks.isEmpty, answering > 0 { picks = pickDraftsAhead() }
        // A frame of operations alone is sent only when no other will soon be.
        guard !picks.isEmpty || (frames.isEmpty && !operations.isEmpty) else { return nil }
        return build(picks, decodes: answers > 0, now: now)
    }

    /// A frame of the changes of the cache that are still to leave, if there are any, without rows; it counts as sent.
    public mutating func nextOperations(now: Double) -> ScheduledFrame? {
        operations.isEmpty ? nil : build([], decodes: false, now: now)
    }

    /// Answers whose next token is known, the one that has waited longest first, and what can be drafted of what
    /// follows. All running answers together make as many micro-batches as there are stages to work on them.
    private mutating func pickAnswers(of answering: Int) -> [Pick] {
        let due = serving.filter { jobs[$0].isDue && !jobs[$0].isPrefilling }.sorted { jobs[$0].due < jobs[$1].due }
        guard !due.isEmpty else { return [] }
        let microBatches = pace.microBatches(of: answering, most: options.microBatches(of: answering), cost: costs.cost)
        // Those beyond wait for the next micro-batch that comes back and leave with it.
        guard frames.reduce(0, { $0 + ($1.decodes ? 1 : 0) }) < microBatches else { return [] }
        let microBatch = due.prefix((answering + microBatches - 1) / microBatches)
        var picks: [Pick] = []
        for id in microBatch where jobs[id].sequence != nil {
            if grow(id, to: jobs[id].known) { picks.append(Pick(id: id, count: 1)) }
        }
        if let id = picks.first?.id, waitsForDraft(id) { return [] }
        // Growing may have taken the blocks of one that was picked before.
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

    /// Prompt rows for the room that is left: clients take turns, first come first served within one.
    private mutating func pickPrompts(room: Int) -> [Pick] {
        var prefilling = serving.filter { jobs[$0].isPrefilling }, room = room, picks: [Pick] = []
        guard !prefilling.isEmpty else { return [] }
        func rank(_ id: Int) -> (Int, Int) { (lastPrefill[jobs[id].client] ?? 0, jobs[id].seniority) }
        prefilling.sort { rank($0) < rank($1) }
        for id in prefilling where room > 0 {
            // Parts of about equal size, in multiples of the rows that kernels take together.
            let left = jobs[id].known - jobs[id].sent, parts = (left + room - 1) / room
            let count = min((left + parts - 1) / parts, room), rounded = min((count + 3) / 4 * 4, room, left)
            picks.append(Pick(id: id, count: rounded))
            room -= rounded
            turn += 1
            lastPrefill[jobs[id].client] = turn
        }
        return picks
    }

    /// Notes the rows as sent and writes the frame down.
    private mutating func build(_ picks: [Pick], decodes: Bool, now: Double) -> ScheduledFrame {
        var frame = ScheduledFrame(operations: operations, segments: [], tokens: [])
        var parts: [FrameUnderWay.Part] = []
        for pick in picks {
            let part = jobs[pick.id].send(pick.count, to: &frame)
            parts.append(part)
            Self.cache(&jobs[pick.id], &pool)
        }
        operations = []
        frames.append(FrameUnderWay(number: nextFrameNumber, parts: parts, decodes: decodes, sent: now))
        nextFrameNumber += 1
        return frame
    }
}

extension Job {
    /// Its next `count` rows, with requests for logits from the last known token on.
    mutating func send(_ count: Int, to frame: inout ScheduledFrame) -> Scheduler.FrameUnderWay.Part {
        var outputs: [CandidateRequest] = [], chooser = chooser
        for position in known - 1..<max(sent + count, known - 1) {
            // Behind a draft the constraint stands where it will stand when the draft is right.
            if position >= known { chooser.assume(tokens[position]) }
            guard position >= sent else { continue }
            let request = chooser.request(history: tokens[...position], all: wantsAll)
            outputs.append(CandidateRequest(row: position - sent, top: request.top, extra: request.extra))
        }
        frame.segments.append(Segment(sequence: stageSequence, firstPosition: sent, rowCount: count, outputs: outputs))
        frame.tokens += tokens[sent..<sent + count]
        let part = Scheduler.FrameUnderWay.Part(
            id: id, generation: generation, sequence: stageSequence, first: sent, count: count, outputs: outputs.count)
        sent += count
        underWay += 1
        return part
    }
}
