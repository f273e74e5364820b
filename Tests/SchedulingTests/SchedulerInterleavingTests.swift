import Sampling
import Testing
import Wire

@testable import Scheduling

/// Random arrivals, cancellations, few blocks, draft tokens and lost pipelines: every answer is that of the plain run,
/// and in the end nothing is held.
struct SchedulerInterleavingTests {
    /// Allows even tokens only.
    struct Even: TokenConstraint {
        func allows(_ token: Int32) -> Bool { token % 2 == 0 }
        mutating func accept(_ token: Int32) {}
    }

    static func request(_ random: inout Random, context: Int, shared: [[Int32]]) -> GenerationRequest {
        let own = (0..<Int.random(in: 1...12, using: &random)).map { _ in Int32.random(in: 0..<40, using: &random) }
        var prompt = (random.once(in: 3) ? [] : shared.randomElement(using: &random)!) + own
        if random.once(in: 3) { prompt += prompt }
        prompt = Array(prompt.prefix(context - 1))
        var sampling = SamplingParameters(
            temperature: random.once(in: 2) ? 0 : 0.7, topK: [0, 5, 40].randomElement(using: &random)!)
        if random.once(in: 3) { sampling.repeatPenalty = 1.2 }
        sampling.seed = random.next()
        return GenerationRequest(
            prompt: prompt, sampling: sampling, ends: random.once(in: 2) ? [7] : [],
            limit: random.once(in: 4) ? nil : random.once(in: 8) ? 0 : Int.random(in: 1...40, using: &random),
            client: ["a", "b", "c"].randomElement(using: &random)!, logprobs: random.once(in: 4) ? 2 : nil,
            scoresPrompt: random.once(in: 4), constraint: random.once(in: 6) ? Even() : nil,
            speculates: !random.once(in: 4))
    }

    /// A draft model that is often right, and that delivers its tokens late.
    struct FakeDrafter {
        private var path = DraftPath(), sent: [(token: Int32?, position: Int, id: Int, generation: Int)] = []

        func isBusy(_ scheduler: Scheduler) -> Bool {
            !sent.isEmpty || scheduler.draftTarget.map { path.wants($0) } == true
        }

        mutating func work(_ scheduler: inout Scheduler, _ model: FakeModel, _ random: inout Random) {
            if let target = scheduler.draftTarget, path.wants(target), sent.isEmpty || random.once(in: 2) {
                path.follow(target)
                let logits = model.logits(after: path.tokens[...]),
                    best = logits.indices.max { logits[$0] < logits[$1] }!
                let token = random.once(in: 4) ? Int32.random(in: 0..<40, using: &random) : Int32(best)
                path.ended = random.once(in: 40)
                sent.append((path.ended ? nil : token, path.tokens.count, target.id, target.generation))
                path.tokens.append(token)
            } else if !sent.isEmpty {
                let draft = sent.removeFirst()
                scheduler.drafted(draft.token, at: draft.position, id: draft.id, generation: draft.generation)
            }
        }
    }

    /// Counts over all cases, to check that the tested events occur.
    struct Seen { var preempted = 0, accepted = 0, rejected = 0, reused = 0, cancelled = 0, cancelledParts = 0 }

    /// Tells stages about cancelled segments at random times or never, mixed with segments that do not exist.
    static func tell(_ run: inout SchedulerTests.Run, _ late: inout [CancelledSegment], _ random: inout Random) {
        late += run.cancellations
        run.cancellations = []
        guard !late.isEmpty, random.once(in: 2) else { return }
        let count = Int.random(in: 1...late.count, using: &random)
        for stage in 0..<run.pipe.stageCount where !random.once(in: 4) {
            run.pipe.tell(stage, Array(late.prefix(count)))
        }
        if random.once(in: 2) { late.removeFirst(count) }  // else told again, when it has passed
        let nonsense = [
            CancelledSegment(frame: 0, sequence: 1), CancelledSegment(frame: run.pipe.framesSent + 2, sequence: .max),
            CancelledSegment(frame: .max, sequence: 1),
        ]
        for stage in 0..<run.pipe.stageCount where run.pipe.framesSent > 12 {
            run.pipe.tell(stage, nonsense)
            run.pipe.tell(stage, [CancelledSegment(frame: run.pipe.framesSent, sequence: 1)], epoch: 2)
        }
    }

    static func check(_ seed: UInt64, _ seen: inout Seen) throws {
        var random = Random(state: seed)
        let blockTokens = [2, 4, 8].randomElement(using: &random)!, context = Int.random(in: 24...90, using: &random)
        let blocks = (context + blockTokens - 1) / blockTokens + Int.random(in: 0...10, using: &random)
        var options = Scheduler.Options(
            stages: Int.random(in: 1...4, using: &random), inFlight: Int.random(in: 1...6, using: &random),
            promptRows: Int.random(in: 1...24, using: &random),
            slowdownBesidePrompts: Double.random(in: 1...3, using: &random),
            maxSequences: Int.random(in: 1...6, using: &random))
        options.speculatesAhead = !random.once(in: 3)
        options.draftCost = random.once(in: 2) ? 0.3 : nil
        options.draftsAhead = random.once(in: 2)
        var draftModel = FakeDrafter()
        let model = FakeModel()
        var run = SchedulerTests.Run(options, context: context, blocks: blocks, blockTokens: blockTokens, model: model)
        let shared = (0..<3).map { _ in
            (0..<Int.random(in: 1...20, using: &random)).map { _ in Int32.random(in: 0..<40, using: &random) }
        }
        let stages = Int.random(in: 1...3, using: &random)
        run.pipe = FakePipe(model, blockCount: blocks, blockTokens: blockTokens, stages: stages)
        var late: [CancelledSegment] = []
        var requests: [Int: GenerationRequest] = [:], cancelled = Set<Int>(),
            left = Int.random(in: 2...9, using: &random)
        var steps = 0
        while left > 0 || !run.pipe.isEmpty || draftModel.isBusy(run.scheduler) {
            steps += 1
            try #require(steps < 20_000, "seed \(seed): somebody is never served")
            tell(&run, &late, &random)
            if random.once(in: 3) { try run.pipe.advance(Int.random(in: 0..<stages, using: &random)) }
            if left > 0, run.pipe.isEmpty || random.once(in: 6) {
                let request = request(&random, context: context, shared: shared)
                requests[try run.submit(request)] = request
                left -= 1
            } else if random.once(in: 60), let id = requests.keys.sorted().randomElement(using: &random) {
                if run.ends[id] == nil { cancelled.insert(id) }
                try run.cancel(id)
            } else if random.once(in: 400) {
                run.scheduler.restart()
                run.pipe = FakePipe(model, blockCount: blocks, blockTokens: blockTokens, stages: stages)
                (late, run.cancellations) = ([], [])
                try run.pump()
            } else if !run.pipe.isEmpty, !draftModel.isBusy(run.scheduler) || random.once(in: 2) {
                try run.step()
            } else {
                draftModel.work(&run.scheduler, model, &random)
                try run.pump()
            }
        }
        for (id, request) in requests {
            let expected = try model.plainAnswer(request, contextLength: context), found = run.answers[id] ?? []
            let scores = model.plainScores(request), foundScores = run.scores[id] ?? []
            if cancelled.contains(id) {
                #expect(
                    expected.starts(with: found) && scores.starts(with: foundScores), "seed \(seed), request \(id)")
            } else {
                #expect(found == expected && foundScores == scores, "seed \(seed), request \(id)")
                #expect(run.ends[id]?.answerTokens == expected.count, "seed \(seed), request \(id)")
            }
        }
        #expect(run.isClean(), "seed \(seed)")
        let load = run.scheduler.load
        #expect(
            load.ended + load.cancelled == requests.count && load.queued + load.running + load.blocksUsed == 0,
            "seed \(seed)")
        // The totals count every request and every token that was reported.
        #expect(
            load.started == requests.count
                && load.answerTokens == requests.keys.reduce(0) { $0 + (run.answers[$1]?.count ?? 0) }, "seed \(seed)")
        seen.preempted += load.preempted
        seen.accepted += load.acceptedTokens
        seen.rejected += load.draftTokens - load.acceptedTokens
        seen.reused += load.reusedTokens
        seen.cancelled += load.cancelled
        seen.cancelledParts += load.cancelledParts
    }

    @Test(arguments: 0..<12)
    func everyAnswerIsThatOfThePlainRunAndNothingIsLeft(part: UInt64) throws {
        var seen = Seen()
        for seed in 0..<100 { try Self.check(part * 100 + UInt64(seed), &seen) }
        #expect(
            seen.preempted > 0 && seen.accepted > 0 && seen.rejected > 0 && seen.reused > 0 && seen.cancelled > 0
                && seen.cancelledParts > 0, "\(seen)")
    }
}
