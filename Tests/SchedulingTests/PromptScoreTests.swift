import Sampling
import Testing
import Wire

@testable import Scheduling

/// The tokens of a prompt are reported with the logprobs that the model gives them.
struct PromptScoreTests {
    static func request(_ prompt: [Int32], limit: Int? = 0, logprobs: Int = 2) -> GenerationRequest {
        GenerationRequest(
            prompt: prompt, sampling: .init(temperature: 0), ends: [], limit: limit, logprobs: logprobs,
            scoresPrompt: true)
    }

    @Test(arguments: [1, 4, 7, 64], [0, 2]) func everyTokenOfThePromptIsScored(rows: Int, logprobs: Int) throws {
        var run = SchedulerTests.Run(.init(stages: 2, promptRows: rows))
        let request = Self.request(SchedulerTests.tokens(30), limit: 3, logprobs: logprobs)
        let id = try run.submit(request)
        try run.finish()
        #expect(run.scores[id] == FakeModel().plainScores(request) && run.scores[id]?.count == 29)
        #expect(try run.answers[id] == FakeModel().plainAnswer(request, contextLength: 64))
        #expect(run.isClean())
    }

    @Test func aBeginningThatIsKnownIsScoredNevertheless() throws {
        var run = SchedulerTests.Run(.init(stages: 1, promptRows: 8), blocks: 32)
        let request = Self.request(SchedulerTests.tokens(40))
        _ = try run.submit(request)
        try run.finish()
        let again = try run.submit(request)
        try run.finish()
        #expect(run.scores[again] == FakeModel().plainScores(request) && run.ends[again]?.reusedTokens == 0)
        // What was computed for scores serves requests without them.
        let plain = try run.submit(SchedulerTests.request(SchedulerTests.tokens(40), limit: 1))
        try run.finish()
        #expect(run.ends[plain]?.reusedTokens ?? 0 > 0)
    }

    @Test func withoutAnAnswerThePromptMayFillTheContext() throws {
        var run = SchedulerTests.Run(.init(stages: 1, promptRows: 16), context: 64)
        let request = Self.request(SchedulerTests.tokens(64)), id = try run.submit(request)
        try run.finish()
        #expect(run.scores[id]?.count == 63 && run.answers[id] == nil)
        #expect(run.ends[id]?.ending == .limit && run.ends[id]?.answerTokens == 0)
        #expect(throws: SchedulingError.self) { try run.submit(Self.request(SchedulerTests.tokens(65))) }
        #expect(throws: SchedulingError.self) { try run.submit(Self.request(SchedulerTests.tokens(64), limit: 1)) }
        #expect(run.isClean())
    }

    @Test func aSingleTokenHasNoScores() throws {
        var run = SchedulerTests.Run(.init(stages: 1))
        let id = try run.submit(Self.request([5], limit: 2))
        try run.finish()
        #expect(run.scores[id] == nil && run.answers[id]?.count == 2)
    }
}
