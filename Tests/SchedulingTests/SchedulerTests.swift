import Candidates
import Sampling
import Testing
import Wire

@testable import Scheduling

/// Tests the scheduler's decisions with a simulated pipeline and model.
struct SchedulerTests {
    /// A scheduler, its pipeline, and all notices so far.
    struct Run {
        var scheduler: Scheduler, pipe: FakePipe
        var answers: [Int: [GeneratedToken]] = [:], scores: [Int: [GeneratedToken]] = [:],
            ends: [Int: GenerationSummary] = [:],
            events: [Int: [GenerationEvent]] = [:]
        var frames: [ScheduledFrame] = []
        var now = 0.0

        init(
            _ options: Scheduler.Options, context: Int = 64, blocks: Int = 16, blockTokens: Int = 8,
            model: FakeModel = FakeModel()
        ) {
            scheduler = Scheduler(
                options: options, contextLength: context, blockCount: blocks, blockTokens: blockTokens)
            pipe = FakePipe(model, blockCount: blocks, blockTokens: blockTokens)
        }

        /// Cancelled segments that the scheduler has reported.
        var cancellations: [CancelledSegment] = []

        mutating func submit(_ request: GenerationRequest) throws -> Int {
            let id = try scheduler.submit(request, now: now)
            try pump()
            return id
        }

        mutating func cancel(_ id: Int) throws {
            scheduler.cancel(id)
            try pump()
        }

        mutating func pump() throws {
            while let frame = scheduler.nextFrame(now: now) {
                frames.append(frame)
                try pipe.send(frame)
            }
            cancellations += scheduler.takeCancellations()
            #expect(pipe.count <= scheduler.options.inFlight)
            for notice in scheduler.takeNotices() {
                guard case .event(let id, let event) = notice else {
                    Issue.record("\(notice)")
                    continue
                }
                events[id, default: []].append(event)
                if case .token(let token) = event { answers[id, default: []].append(token) }
                if case .scores(let tokens) = event { scores[id, default: []] += tokens }
                if case .end(let summary) = event { ends[id] = summary }
            }
        }

        mutating func step(taking seconds: Double = 1) throws {
            now += seconds
            let result = try pipe.receive()
            try scheduler.received(result.outputs, cancelled: result.cancelled, now: now)
            try pump()
        }

        /// Steps until nothing is in flight.
        mutating func finish() throws {
            for _ in 0..<100_000 where !pipe.isEmpty { try step() }
            try #require(pipe.isEmpty && !scheduler.isBusy)
        }

        func isClean() -> Bool {
            scheduler.jobs.isEmpty && pipe.sequences == 0 && scheduler.pool.heldBlocks == 0
                && scheduler.pool.freeBlocks + scheduler.pool.cachedBlocks == scheduler.pool.blockCount
        }
    }

    static func request(
        _ prompt: [Int32], limit: Int? = 10, client: String = "", speculates: Bool = false
    ) -> GenerationRequest {
        GenerationRequest(
            prompt: prompt, sampling: .init(temperature: 0), ends: [], limit: limit, client: client,
            speculates: speculates)
    }

    static func tokens(_ count: Int, _ seed: Int32 = 0) -> [Int32] {
        (0..<Int32(count)).map { ($0 * 7 + seed * 13 + 3) % 40 }
    }

    @Test func anAnswerIsThatOfThePlainRun() throws {
        var run = Run(.init(stages: 2, promptRows: 8)), request = Self.request(Self.tokens(20))
        request.logprobs = 2
        let id = try run.submit(request)
        try run.finish()
        #expect(try run.answers[id] == FakeModel().plainAnswer(request, contextLength: 64))
        #expect(run.ends[id]?.ending == .limit && run.ends[id]?.answerTokens == 10)
        #expect(run.answers[id]?.first?.top.count == 2 && run.answers[id]?.first?.logprob != nil)
        #expect(run.isClean())
    }

    @Test func aPromptIsCutIntoFramesThatFollowEachOther() throws {
        var run = Run(.init(stages: 2, inFlight: 3, promptRows: 8))
        _ = try run.submit(Self.request(Self.tokens(40), limit: 1))
        #expect(run.frames.map(\.tokens.count) == [8, 8, 8])
        try run.finish()
        #expect(run.frames.prefix(5).map(\.tokens.count) == [8, 8, 8, 8, 8])
        #expect(run.frames[3].segments[0].outputs.isEmpty && run.frames[4].segments[0].outputs.map(\.row) == [7])
    }

    /// Stages, tokens of the prompt, and the expected rows of a frame.
    @Test(arguments: [
        (1, 512, 128), (2, 512, 32), (2, 4000, 64), (8, 512, 16), (16, 512, 12), (64, 512, 8), (64, 8000, 16),
    ])
    func aPromptIsCutByItsLengthAndTheStages(stages: Int, tokens: Int, rows: Int) throws {
        var run = Run(.init(stages: stages), context: 8192, blocks: 1024)
        _ = try run.submit(Self.request(Self.tokens(tokens), limit: 1))
        #expect(run.frames[0].tokens.count == rows)
    }

    @Test func eventsComeInTheirOrder() throws {
        var run = Run(.init(stages: 1, promptRows: 8, maxSequences: 1))
        _ = try run.submit(Self.request(Self.tokens(4), limit: 2))
        let id = try run.submit(Self.request(Self.tokens(12, 5), limit: 2))
        try run.finish()
        let kinds = run.events[id]!.map { event in
            switch event {
            case .queued: "queued"
            case .prompt: "prompt"
            case .scores: "scores"
            case .token: "token"
            case .end: "end"
            }
        }
        #expect(kinds == ["queued", "prompt", "prompt", "token", "token", "end"])
        #expect(
            run.events[id]!.first == .queued(ahead: 0) && run.events[id]![2] == .prompt(done: 12, of: 12, reused: 0))
    }

    /// The number of answers, and the expected rows of frames when all are decoded.
    @Test(arguments: [
        (2, [1, 1, 1, 1]), (4, [2, 2, 2, 2]), (6, [3, 3, 3, 3]), (8, [4, 4, 4, 4]), (12, [6, 6, 6, 6]),
    ])
    func runningAnswersMakeAsManyMicroBatchesAsStages(answers: Int, rows: [Int]) throws {
        var run = Run(.init(stages: 2, promptRows: 64), blocks: 128)
        for i in 0..<answers { _ = try run.submit(Self.request(Self.tokens(5, Int32(i)), limit: 40)) }
        // No time passes, so the pacer measures nothing and tries nothing else.
        for _ in 0..<36 { try run.step(taking: 0) }
        #expect(run.frames.suffix(4).map(\.segments.count) == rows)
    }

    @Test func answersGoBeforePromptsAndPromptsGetLittleRoomBesideThem() throws {
        var run = Run(.init(stages: 2, promptRows: 32, slowdownBesidePrompts: 1.2), context: 128, blocks: 64)
        let first = try run.submit(Self.request(Self.tokens(6), limit: 30))
        for _ in 0..<4 { try run.step() }
        let before = run.frames.count
        _ = try run.submit(Self.request(Self.tokens(100, 3), limit: 1))
        for _ in 0..<10 { try run.step() }
        let beside = run.frames[before...]
        #expect(beside.allSatisfy { $0.tokens.count <= 5 })
        // No frame waits behind another: every second one has the answer's row.
        let sequence = run.scheduler.jobs[first].sequence
        #expect(beside.filter { $0.segments.contains { $0.sequence == sequence } }.count >= beside.count / 2 - 1)
        try run.finish()
        #expect(run.isClean())
    }

    @Test func aPromptThatHasLeftDoesNotHoldTheNextOneBack() throws {
        var run = Run(.init(stages: 8, promptRows: 16), context: 256, blocks: 128)
        _ = try run.submit(Self.request(Self.tokens(16), limit: 2))
        _ = try run.submit(Self.request(Self.tokens(64, 3), limit: 2))
        // No answer is decoded yet, so every frame is as large as prompts alone need it.
        #expect(run.frames.map(\.tokens.count) == [16, 16, 16, 16, 16])
    }

    /// Eight answers over two stages, which share a memory in the first case: seconds of a frame of four rows and of
    /// one of eight, and the rows per frame that are chosen in the end.
    @Test(arguments: [(1.0, 1.6, 8), (0.6, 1.6, 4)]) func answersMakeLargerMicroBatchesWhereThatIsFaster(
        four: Double, eight: Double, rows: Int
    ) throws {
        var run = Run(.init(stages: 2, promptRows: 64), context: 1024, blocks: 1024)
        for i in 0..<8 { _ = try run.submit(Self.request(Self.tokens(5, Int32(i)), limit: 400)) }
        for _ in 0..<400 { try run.step(taking: run.pipe.outputsOfOldest > 4 ? eight : four) }
        let last = run.frames.suffix(60).map(\.segments.count)
        #expect(last.filter { $0 == rows }.count > 50, "\(last)")
        // Both divisions were tried.
        #expect(Set(run.frames.map(\.segments.count)).isSuperset(of: [4, 8]))
    }

    @Test func clientsTakeTurns() throws {
        var run = Run(.init(stages: 1, maxSequences: 1), blocks: 64)
        var ids: [String: Int] = [:]
        for (name, client) in [("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("c1", "c")] {
            ids[name] = try run.submit(Self.request(Self.tokens(3, Int32(ids.count)), limit: 2, client: client))
        }
        var order: [String] = []
        while !run.pipe.isEmpty {
            try run.step()
            for (name, id) in ids where run.ends[id] != nil && !order.contains(name) { order.append(name) }
        }
        #expect(order == ["a1", "a2", "b1", "c1", "a3"])
    }

    @Test func tooManyWaitingAreRefused() throws {
        var run = Run(.init(stages: 1, maxSequences: 1, maxQueued: 1))
        _ = try run.submit(Self.request(Self.tokens(3)))
        _ = try run.submit(Self.request(Self.tokens(3)))
        let error = #expect(throws: SchedulingError.self) { try run.submit(Self.request(Self.tokens(3))) }
        #expect(error?.code == .busy && run.scheduler.load.refused == 1)
        #expect(throws: SchedulingError.self) { try run.submit(Self.request(Self.tokens(64))) }
        #expect(throws: SchedulingError.self) { try run.submit(Self.request([])) }
        #expect(run.scheduler.load.started == 5 && run.scheduler.load.refused == 3)
    }

    @Test func whatIsCancelledFreesItsBlocksAtOnce() throws {
        var run = Run(.init(stages: 2, promptRows: 8))
        let id = try run.submit(Self.request(Self.tokens(40)))
        try run.cancel(id)
        #expect(run.scheduler.pool.heldBlocks == 0)
        try run.finish()
        #expect(run.frames.last?.operations == [.free(sequence: 1)] && run.frames.last?.tokens.isEmpty == true)
        #expect(run.isClean() && run.ends.isEmpty && run.scheduler.load.cancelled == 1)
    }

    @Test func theYoungestGivesWayAndAnswersTheSame() throws {
        var run = Run(.init(stages: 1, promptRows: 64), blocks: 9)
        let requests = (0..<3).map { Self.request(Self.tokens(14, Int32($0) * 2), limit: 30) }
        let ids = try requests.map { try run.submit($0) }
        try run.finish()
        #expect(run.scheduler.load.preempted > 0)
        for (id, request) in zip(ids, requests) {
            #expect(try run.answers[id] == FakeModel().plainAnswer(request, contextLength: 64))
        }
        #expect(run.isClean())
    }

    @Test func anEqualBeginningIsComputedOnce() throws {
        var run = Run(.init(stages: 2, promptRows: 64), blocks: 32)
        let first = Self.tokens(30)
        let id = try run.submit(Self.request(first, limit: 6))
        try run.finish()
        let turn = first + run.answers[id]!.map(\.id) + [1, 2, 3]
        let second = try run.submit(Self.request(turn, limit: 6))
        try run.finish()
        // The last token of the answer was never computed. Its block is copied.
        #expect(run.ends[second]?.reusedTokens == turn.count - 4)
        #expect(try run.answers[second] == FakeModel().plainAnswer(Self.request(turn, limit: 6), contextLength: 64))
        let again = try run.submit(Self.request(first, limit: 6))
        try run.finish()
        #expect(run.ends[again]?.reusedTokens == first.count - 1 && run.answers[again] == run.answers[id])
        #expect(run.scheduler.load.reusedTokens == turn.count - 4 + first.count - 1)
    }

    @Test func twoAtTheSameTimeShareWhatTheFirstHasSent() throws {
        var run = Run(.init(stages: 1, inFlight: 2, promptRows: 16), blocks: 32)
        let common = Self.tokens(24)
        let a = try run.submit(Self.request(common + [1, 2], limit: 8))
        try run.step()
        let b = try run.submit(Self.request(common + [5], limit: 8))
        try run.finish()
        #expect(run.ends[b]!.reusedTokens >= 16 && run.ends[a]!.reusedTokens == 0)
        #expect(try run.answers[b] == FakeModel().plainAnswer(Self.request(common + [5], limit: 8), contextLength: 64))
    }

    @Test func aPipelineMadeAnewChangesNothing() throws {
        var run = Run(.init(stages: 2, promptRows: 8))
        let request = Self.request(Self.tokens(20), limit: 20), id = try run.submit(request)
        for _ in 0..<8 { try run.step() }
        run.scheduler.restart()
        run.pipe = FakePipe(FakeModel(), blockCount: 16, blockTokens: 8)
        try run.pump()
        try run.finish()
        #expect(try run.answers[id] == FakeModel().plainAnswer(request, contextLength: 64))
        #expect(run.isClean())
    }

    /// Runs a request until a draft token is rejected while other frames of the request are in flight.
    static func untilADraftIsRejected() throws -> Run {
        var run = Run(.init(stages: 3, inFlight: 6), context: 200, blocks: 64)
        for seed in 0..<40 {
            let prompt = tokens(12, Int32(seed)) + tokens(12, Int32(seed)) + tokens(12, Int32(seed))
            _ = try run.submit(request(prompt, limit: 60, speculates: true))
            for _ in 0..<200 where run.cancellations.isEmpty && !run.pipe.isEmpty { try run.step() }
            if !run.cancellations.isEmpty, !run.scheduler.jobs.isEmpty { return run }
            try run.finish()
            run.cancellations = []
        }
        Issue.record("no draft was wrong")
        throw CancellationError()
    }

    @Test func whereNobodyMayWaitWhoeverNeedNotIsServed() throws {
        var run = Run(.init(stages: 1, maxSequences: 1, maxQueued: 0))
        _ = try run.submit(Self.request(Self.tokens(20)))
        let error = #expect(throws: SchedulingError.self) { _ = try run.submit(Self.request(Self.tokens(20))) }
        #expect(error?.code == .busy)
        try run.finish()
        #expect(run.ends.count == 1 && run.isClean())
    }

    @Test func noMoreAreServedThanAFrameHoldsRowsOf() {
        #expect(Scheduler.Options(stages: 1, maxSequences: 5000).maxSequences <= WireLimits.standard.maxSegments)
    }

    /// The draft model's tokens follow the draft tokens in flight. When these are removed because the whole vocabulary
    /// is needed, the others fit nowhere.
    @Test func aDraftGoesWithTheDraftsItFollows() throws {
        var request = Self.request([1, 2, 3])
        request.constraint = Only(token: 2000)
        var job = try Job(id: 1, request, limit: 10, speculates: true, now: 0), notices: [Scheduler.Notice] = []
        job.sent = 3
        job.draft = [9, 9]
        job.appendDraft(atMost: 1, rows: 1, cost: .measured, leastSurvival: 0)
        try #require(job.tokens == [1, 2, 3, 9] && job.draft == [9])
        let generation = job.draftGeneration
        let asked = CandidateRequest(row: 0, top: job.chooser.request(history: [1, 2, 3], all: false).top)
        let row = FakeModel(vocabulary: 1200).row(asked, after: [1, 2, 3], sequence: 1)
        #expect(job.take(row, contextLength: 64, now: 0, &notices) == .turnsBack)
        #expect(job.tokens == [1, 2, 3] && job.draft.isEmpty && job.draftGeneration > generation)
    }

    @Test func whatFollowsARejectedDraftNeedNotBeComputed() throws {
        var run = try Self.untilADraftIsRejected()
        let id = try #require(run.scheduler.jobs.all.first { _ in true }?.id), job = run.scheduler.jobs[id]
        // The cancellations are exactly the frames of the old generation that are still in flight.
        let old = run.scheduler.frames.filter { $0.parts.contains { $0.generation < job.generation } }
        #expect(run.cancellations == old.map { CancelledSegment(frame: $0.number, sequence: job.sequence!) })
        run.pipe.tell(0, run.cancellations)
        let count = run.cancellations.count
        try run.finish()
        #expect(run.scheduler.load.cancelledParts == count && run.isClean() && run.pipe.cancellationsWaiting == 0)
        let expected = try FakeModel().plainAnswer(
            Self.request(Array(job.tokens[..<job.promptCount]), limit: 60), contextLength: 200)
        #expect(run.answers[id] == expected)
    }

    @Test func rowsThatAreWantedAndWereCancelledEndThePipeline() throws {
        var run = Run(.init(stages: 2, promptRows: 8))
        _ = try run.submit(Self.request(Self.tokens(20)))
        // These prompt rows have no logits, so only the list of cancelled sequences shows that they are missing.
        run.pipe.tell(0, [CancelledSegment(frame: 1, sequence: 1)])
        try run.step()
        let error = #expect(throws: SchedulingError.self) { try run.step() }
        #expect(error?.code == .frameLost && error?.description.contains("that are wanted") == true)
    }

    @Test func whatOthersMayFindIsComputedAlthoughItsRequestIsCancelled() throws {
        var run = Run(.init(stages: 2, inFlight: 4, promptRows: 8), blocks: 32)
        let id = try run.submit(Self.request(Self.tokens(24)))
        try run.cancel(id)
        #expect(run.cancellations.isEmpty)
        let again = try run.submit(Self.request(Self.tokens(24)))
        try run.finish()
        #expect(run.ends[again]!.reusedTokens > 0)
        #expect(try run.answers[again] == FakeModel().plainAnswer(Self.request(Self.tokens(24)), contextLength: 64))
    }

    /// Allows only one token, which is rarely among the best.
    struct Only: TokenConstraint {
        var token: Int32
        func allows(_ token: Int32) -> Bool { token == self.token }
        mutating func accept(_ token: Int32) { self.token += 1 }
    }

    @Test func aConstraintIsKeptEvenByUnlikelyTokens() throws {
        let model = FakeModel(vocabulary: 1200)
        var run = Run(.init(stages: 2, promptRows: 8), model: model), request = Self.request(Self.tokens(10), limit: 5)
        request.constraint = Only(token: 700)
        let id = try run.submit(request)
        try run.finish()
        #expect(run.answers[id]?.map(\.id) == [700, 701, 702, 703, 704])
        #expect(run.frames.contains { $0.segments.contains { $0.outputs.contains { $0.top == 0 } } })
        #expect(run.isClean())
    }

    /// Like `Only`, but it lists the allowed token.
    struct Listed: TokenConstraint {
        var token: Int32
        func allows(_ token: Int32) -> Bool { token == self.token }
        func allowed(atMost count: Int) -> [Int32]? { [token] }
        mutating func accept(_ token: Int32) { self.token += 1 }
    }

    @Test func whatAConstraintListsIsAskedForByName() throws {
        var run = Run(.init(stages: 2, promptRows: 8), model: FakeModel(vocabulary: 1200)),
            request = Self.request(Self.tokens(10), limit: 5)
        request.constraint = Listed(token: 700)
        request.logprobs = 1
        let id = try run.submit(request)
        try run.finish()
        #expect(
            run.answers[id]?.map(\.id) == [700, 701, 702, 703, 704]
                && run.answers[id]?.contains { $0.logprob == nil } == false)
        #expect(run.frames.flatMap(\.segments).flatMap(\.outputs).map(\.extra) == (700..<705).map { [$0] })
        #expect(run.isClean())
    }

    @Test func blocksFromDiskAreFoundLikeAnyOthers() throws {
        var run = Run(.init(stages: 2, promptRows: 8)), prompt = Self.tokens(20)
        let first = try run.submit(Self.request(prompt, limit: 3))
        try run.finish()
        prompt += run.answers[first]?.map(\.id) ?? []
        let held = run.scheduler.hold(prompt), free = run.scheduler.load.blocksUsed
        #expect(held.count == 2 && free == 2)
        run.scheduler.release(held)
        #expect(run.isClean())

        // A new start: the contents of the blocks come from a copy.
        var again = Run(.init(stages: 2, promptRows: 8))
        let blocks = again.scheduler.take(2)
        for (i, block) in blocks.enumerated() { again.pipe.fill(Int(block), with: prompt[i * 8..<(i + 1) * 8]) }
        again.scheduler.cache(blocks, holding: prompt)
        again.scheduler.release(blocks)
        #expect(again.scheduler.load.blocksCached == 2 && again.isClean())
        let request = Self.request(prompt, limit: 5), id = try again.submit(request)
        try again.finish()
        #expect(again.ends[id]?.reusedTokens == 16)
        #expect(try again.answers[id] == FakeModel().plainAnswer(request, contextLength: 64))
        #expect(again.scheduler.take(100).count == 16)
    }

    @Test func changesOfTheCacheCanLeaveAlone() throws {
        var run = Run(.init(stages: 2, promptRows: 8))
        #expect(run.scheduler.nextOperations(now: run.now) == nil)
        let id = try run.submit(Self.request(Self.tokens(20), limit: 30))
        while run.events[id]?.contains(where: { if case .token = $0 { true } else { false } }) != true {
            try run.step()
        }
        run.scheduler.cancel(id)
        let operations = run.scheduler.nextOperations(now: run.now), frame = try #require(operations)
        #expect(frame.segments.isEmpty && frame.operations.contains { if case .free = $0 { true } else { false } })
        try run.pipe.send(frame)
        #expect(run.scheduler.nextOperations(now: run.now) == nil)
        try run.finish()
        #expect(run.isClean())
    }
}
