import Testing

@testable import ModelStore

struct RetryBudgetTests {
    @Test func pausesDoubleAndAttemptsEnd() {
        var budget = RetryBudget(attempts: 8, firstPause: .seconds(1), enough: 100)
        let pauses = (0..<8).map { _ in budget.failed(after: 0) }
        #expect(pauses == [1, 2, 4, 8, 16, 16, 16].map { .seconds($0) } + [nil])
    }

    @Test func anAttemptThatBringsEnoughCountsAsTheFirst() {
        var budget = RetryBudget(attempts: 3, firstPause: .seconds(1), enough: 100)
        for _ in 0..<50 {
            #expect(budget.failed(after: 99) != nil)
            #expect(budget.failed(after: 100) == .seconds(1))
        }
        #expect(budget.failed(after: 99) != nil)
        #expect(budget.failed(after: 99) == nil)
    }

    @Test func whoNeverAnswersIsGivenUpAfterATimeWhateverIsLeft() {
        let start = ContinuousClock.now
        func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }
        var budget = RetryBudget(
            attempts: 1000, firstPause: .seconds(1), enough: 100, silence: .seconds(60), now: start)
        #expect(budget.failed(after: 0, now: at(30)) != nil && budget.failed(after: 0, now: at(59)) != nil)
        #expect(budget.failed(after: 0, now: at(60)) == nil)
        // Any byte, and any answer, begins the time anew.
        budget = RetryBudget(attempts: 1000, firstPause: .seconds(1), enough: 100, silence: .seconds(60), now: start)
        #expect(budget.failed(after: 1, now: at(50)) != nil && budget.failed(after: 0, now: at(109)) != nil)
        #expect(budget.failed(after: 0, asked: .seconds(40), now: at(109)) != nil)
        #expect(budget.failed(after: 0, now: at(208)) != nil && budget.failed(after: 0, now: at(209)) == nil)
    }

    @Test func theOtherSideMayAskForALongerPauseWithinReason() {
        var budget = RetryBudget(attempts: 9, firstPause: .seconds(1))
        #expect(budget.failed(after: 0, asked: .seconds(5)) == .seconds(5))
        #expect(budget.failed(after: 0, asked: .seconds(86400)) == .seconds(60))
    }
}
