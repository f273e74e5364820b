import Testing

@testable import Scheduling

/// Tests which tokens are drafted, and how many.
struct PromptLookupTests {
    @Test func goesOnWhereTheSameTokensStoodBefore() {
        var lookup = PromptLookup()
        let text: [Int32] = [1, 2, 3, 4, 5, 9, 9, 1, 2, 3]
        #expect(lookup.source(in: text, known: text.count) == DraftSource(position: 3, grade: 0))
        #expect(lookup.source(in: [1, 2], known: 2) == nil)
    }

    @Test func theLongestAgreementCounts() {
        var lookup = PromptLookup()
        // "2 3 4" occurs twice before: after "0 1" and after "7 8". Now it follows "0 1".
        let text: [Int32] = [0, 1, 2, 3, 4, 50, 7, 8, 2, 3, 4, 60, 0, 1, 2, 3, 4]
        #expect(lookup.source(in: text, known: text.count) == DraftSource(position: 5, grade: 1))
    }

    @Test func draftsAreNotRememberedAsText() {
        var lookup = PromptLookup()
        let text: [Int32] = [1, 2, 3, 4, 1, 2, 3]
        #expect(lookup.source(in: text, known: 4)?.position == 3)
        #expect(lookup.source(in: text + [7, 7, 7, 7], known: 4) == nil)
        #expect(lookup.source(in: [1, 2, 3, 4, 6, 1, 2, 3], known: 8)?.position == 3)
    }

    /// The tokens chosen instead of "5" in a copy of 1 2 3 4 5 6 7, and the token that is expected after each.
    @Test(arguments: [([50], [6]), ([50, 51], [6, 6]), ([50, 6], [6, 7])] as [([Int32], [Int32])])
    func aCopyThatPartsIsExpectedToGoOnBehindThatPlace(drawn: [Int32], expected: [Int32]) {
        var lookup = PromptLookup(), text: [Int32] = [1, 2, 3, 4, 5, 6, 7, 90, 91, 1, 2, 3, 4]
        var source = lookup.source(in: text, known: text.count)
        #expect(source?.position == 4)
        for (token, next) in zip(drawn, expected) {
            lookup.follow(source!, isRight: text[source!.position] == token)
            text.append(token)
            source = lookup.source(in: text, known: text.count)
            #expect(source.map { text[$0.position] } == next && source?.grade == PromptLookup.resumed)
        }
        // Draft tokens continue after those that are not verified yet.
        let place = source!.position
        let last = DraftSource(position: place, grade: PromptLookup.resumed)
        #expect(lookup.source(in: text + [text[place]], known: text.count, after: last)?.position == place + 1)
    }

    @Test func aCopyThatDoesNotGoOnIsGivenUp() {
        var lookup = PromptLookup(), text: [Int32] = [1, 2, 3, 4, 5, 6, 7, 90, 91, 1, 2, 3, 4]
        lookup.follow(lookup.source(in: text, known: text.count)!, isRight: false)
        for token in 60..<70 as Range<Int32> {
            text.append(token)
            lookup.pass(token, in: text.dropLast().map { $0 })
        }
        #expect(lookup.source(in: text, known: text.count) == nil)
    }

    @Test func aLongHopMakesRowsCheapAndLittleCaution() {
        var hops = HopLatency()
        let options = Scheduler.Options(stages: 3)
        #expect(hops.steps(options) == 0)
        for _ in 0..<20 { hops.noted(rows: 1, stage: 0.01, pipeline: 0.13, cost: options.costs.decode, options) }
        // A frame that waited once behind another does not make the hops longer.
        hops.noted(rows: 1, stage: 0.01, pipeline: 0.4, cost: options.costs.decode, options)
        #expect(abs(hops.steps(options) - 10) < 0.2)
        let cost = StepCost.measured.beside(10 / 3)
        #expect(cost.of(1) == 1 && cost.of(16) < 1.5)
        var lookup = PromptLookup()
        #expect(
            lookup.length(2, rows: 1, cost: cost, most: 15) > lookup.length(2, rows: 1, cost: .measured, most: 15))
    }

    @Test func whatIsOftenRightIsGuessedFurther() {
        var lookup = PromptLookup()
        let first = lookup.length(1, rows: 1, cost: .measured, most: 15)
        for _ in 0..<100 { lookup.learn(1, isRight: true) }
        #expect(lookup.length(1, rows: 1, cost: .measured, most: 15) > first)
        #expect(lookup.length(1, rows: 1, cost: .measured, most: 2) == 2)
        #expect(lookup.length(1, rows: 1, cost: .measured, most: 0) == 0)
    }

    @Test func whatIsWrongIsGuessedNoMoreButTriedAgainNowAndThen() {
        var lookup = PromptLookup()
        for _ in 0..<200 { lookup.learn(0, isRight: false) }
        let lengths = (0..<96).map { _ in lookup.length(0, rows: 1, cost: .measured, most: 15) }
        #expect(lengths.filter { $0 > 0 } == [2, 2])
    }

    @Test func fullStepsHaveNoRoomForDrafts() {
        var lookup = PromptLookup()
        #expect(lookup.length(0, rows: 16, cost: .measured, most: 15) == 0)
    }

    @Test func waitingForADraftMustPay() {
        var lookup = PromptLookup()
        let cheap = lookup.length(PromptLookup.drafted, rows: 1, cost: .measured, most: 6, wait: 0.02)
        let dear = lookup.length(PromptLookup.drafted, rows: 1, cost: .measured, most: 6, wait: 0.4)
        #expect(cheap > dear && lookup.length(PromptLookup.drafted, rows: 1, cost: .measured, most: 6, wait: 2) == 0)
        #expect(lookup.length(PromptLookup.drafted, rows: 1, cost: .measured, most: 6, wait: 2, ready: 3) == 3)
    }

    @Test func theCostOfAStepIsInterpolated() {
        let cost = StepCost([(1, 1), (3, 2), (5, 6)])
        #expect([1, 2, 3, 4, 5, 10].map { cost.of($0) } == [1, 1.5, 2, 4, 6, 12])
        #expect([0, 1, 1.9, 4, 12].map { cost.rows(within: $0) } == [1, 1, 2, 4, 10])
    }
}
