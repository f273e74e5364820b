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

    @Test func theOtherSideMayAskForALongerPauseWithinReason() {
        var budget = RetryBudget(attempts: 9, firstPause: .seconds(1))
        #expect(budget.failed(after: 0, asked: .seconds(5)) == .seconds(5))
        #expect(budget.failed(after: 0, asked: .seconds(86400)) == .seconds(60))
    }
}
