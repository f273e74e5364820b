import Simulation
import Testing

@testable import Scheduling

struct LearnedCostTests {
    private func learned(_ steps: [(rows: Int, seconds: Double)], times: Int = 30) -> LearnedCost {
        var cost = LearnedCost(expected: .measured)
        for _ in 0..<times { for step in steps { cost.noted(rows: step.rows, seconds: step.seconds) } }
        return cost
    }

    @Test func whatIsExpectedHoldsUntilStepsAreSeen() {
        #expect(learned([]).cost == .measured)
        #expect(learned([(1, 0.02), (4, 0.08)], times: 3).cost == .measured)
    }

    @Test func stepsShowWhatTheyCost() {
        let cost = learned([(1, 0.02), (2, 0.022), (4, 0.03), (8, 0.05)]).cost
        #expect(zip([1, 2, 4, 8], [1, 1.1, 1.5, 2.5]).allSatisfy { abs(cost.of($0) - $1) < 1e-9 })
        // Sizes that were not measured are dearer by the same factor as the nearest.
        #expect(abs(cost.of(16) - StepCost.measured.of(16) * 2.5 / StepCost.measured.of(8)) < 1e-9)
    }

    @Test func stepsOfOneSizeAloneChangeNothing() {
        let cost = learned([(4, 0.03)]).cost
        #expect([1, 2, 4, 8, 16, 64].allSatisfy { abs(cost.of($0) - StepCost.measured.of($0)) < 1e-9 })
    }

    @Test func moreRowsNeverCostLess() {
        let cost = learned([(1, 0.02), (4, 0.01)]).cost
        #expect(cost.of(1) == 1 && cost.of(2) >= 1 && cost.of(4) == cost.of(2))
    }

    @Test func aDisturbedStepCountsLittle() {
        var cost = learned([(1, 0.02), (4, 0.03)])
        let before = cost.cost.of(4)
        cost.noted(rows: 4, seconds: 9)
        #expect(cost.cost.of(4) > before && cost.cost.of(4) < 1.1 * before)
    }

    @Test func nonsenseIsNotLearned() {
        let before = learned([(1, 0.02), (4, 0.03)])
        var cost = before
        for (rows, seconds) in [(0, 0.1), (4, 0), (4, -1), (4, .infinity), (4, .nan)] as [(Int, Double)] {
            cost.noted(rows: rows, seconds: seconds)
        }
        #expect(cost == before)
    }

    /// The same answer on processors where further rows are nearly free, or as dear as steps of their own.
    @Test func aSchedulerDraftsLessWhereRowsAreDear() throws {
        func drafted(secondsARow: Double) throws -> (tokens: Int, answer: [GeneratedToken]) {
            var run = SchedulerTests.Run(.init(stages: 1), context: 512, blocks: 80), received = 0
            let id = try run.submit(SchedulerTests.request(SchedulerTests.tokens(30), limit: 400, speculates: true))
            while !run.pipe.isEmpty {
                let result = try run.pipe.receive(), rows = run.frames[received].tokens.count
                received += 1
                run.now += 1
                try run.scheduler.received(
                    result.outputs, cancelled: result.cancelled, stageSeconds: 0.02 + secondsARow * Double(rows),
                    now: run.now)
                try run.pump()
            }
            return (run.scheduler.load.draftTokens, run.answers[id]!)
        }
        let cheap = try drafted(secondsARow: 0.0001), dear = try drafted(secondsARow: 0.2)
        #expect(cheap.answer == dear.answer && cheap.answer.count == 400)
        #expect(dear.tokens < cheap.tokens / 2, "\(dear.tokens), \(cheap.tokens)")
    }
}
