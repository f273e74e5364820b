import Testing

@testable import Planning

/// How long the context is when memory decides.
struct ContextWishTests {
    /// A plan for nodes of these many GiB.
    static func plan(
        _ gibibytes: [Int], _ wish: ContextWish, layers: [Int]? = nil, goal: PlanningGoal = .latency
    ) throws -> Plan {
        let facts = nodes(Self.bytes(gibibytes))
        return try makePlan(model: qwq(), nodes: facts, wish: wish, blockTokens: 64, layers: layers, goal: goal)
    }

    static func bytes(_ gibibytes: [Int]) -> [Int] { gibibytes.map { (count: Int) -> Int in count << 30 } }

    static func fits(_ plan: Plan) -> Bool {
        let positions: Int = plan.kvBlockCount * plan.blockTokens
        guard positions >= plan.contextLength else { return false }
        for stage in plan.stages {
            let cache: Int = positions * 4096 * stage.layerCount
            guard stage.kvBytes == cache, stage.neededBytes <= stage.budget else { return false }
        }
        return true
    }

    @Test func withEnoughMemoryItIsWhatTheModelWasMadeFor() throws {
        let plan = try Self.plan([64, 64], ContextWish(most: 131_000, usual: 32768, contexts: 2))
        let blocks: Int = (2 * 131_000 - 1) / 64 + 1
        #expect(plan.contextLength == 131_000 && plan.kvBlockCount == blocks && Self.fits(plan))
    }

    @Test func elseItIsWhatFitsInWholeBlocks() throws {
        let wish = ContextWish(most: 131_072, usual: 32768, contexts: 2)
        let plan = try Self.plan([12, 12, 12], wish)
        let length: Int = plan.contextLength
        #expect(length >= 32768 && length < 131_072 && length % 64 == 0)
        #expect(Self.fits(plan))
        // The stages have no room for one block more.
        var isFull = false
        for stage in plan.stages {
            let block: Int = 64 * 4096 * stage.layerCount
            if stage.neededBytes + block > stage.budget { isFull = true }
        }
        #expect(isFull)
        // Several contexts share what one may fill.
        #expect(plan.kvBlockCount == plan.contextLength / 64)
    }

    /// The stages are those of the plan for the usual context: more context costs no speed.
    @Test(arguments: [PlanningGoal.latency, .throughput, .even]) func thePlanIsThatOfTheUsualContext(goal: PlanningGoal)
        throws
    {
        let budgets: [Int] = [40, 10, 40]
        let usual = try makePlan(
            model: qwq(), nodes: nodes(Self.bytes(budgets)), contextLength: 4096, blockTokens: 64, goal: goal)
        let plan = try Self.plan(budgets, ContextWish(most: 131_072, usual: 4096), goal: goal)
        #expect(plan.stages.map(\.node) == usual.stages.map(\.node))
        #expect(plan.stages.map(\.layerCount) == usual.stages.map(\.layerCount) && plan.prediction == usual.prediction)
        #expect(plan.contextLength >= 4096 && Self.fits(plan))
    }

    @Test func lessThanUsualIsTakenWhereNoMoreFits() throws {
        let wish = ContextWish(most: 131_072, usual: 32768)
        let plan = try Self.plan([10, 10], wish)
        // What the refusal of 32768 offers, in blocks of 64.
        #expect(plan.contextLength == 7232 && Self.fits(plan))
        let tooSmall = #expect(throws: PlanningError.self) { try Self.plan([5], wish) }
        #expect(tooSmall?.description.contains("too little") == true)
    }

    @Test func contextsThatThereMustBeShortenIt() throws {
        let budgets = [14, 14, 14]
        let one = try Self.plan(budgets, ContextWish(most: 131_072, contexts: 4))
        let four = try Self.plan(budgets, ContextWish(most: 131_072, contexts: 4, leastContexts: 4))
        let longer: Int = one.contextLength, shorter: Int = four.contextLength, room: Int = four.kvBlockCount * 64
        #expect(longer > 3 * shorter && room >= 4 * shorter)
        #expect(Self.fits(one) && Self.fits(four))
    }

    @Test func whatWasAskedForIsNotShortened() throws {
        let wish = ContextWish(most: 32768, least: 32768, contexts: 2)
        let plan = try Self.plan([16, 16], wish)
        #expect(plan.contextLength == 32768 && Self.fits(plan) && plan.kvBlockCount < 1024)
        let error = #expect(throws: PlanningError.self) { try Self.plan([10, 10], wish) }
        #expect(error?.description.contains("a context of 32768 tokens needs") == true)
        #expect(error?.description.contains("a context of at most 7248 tokens") == false)  // blocks are of 64 here
    }

    @Test func aGivenSplitStays() throws {
        let plan = try Self.plan(
            [30, 14], ContextWish(most: 131_072, usual: 4096), layers: [40, 24])
        #expect(plan.stages.map(\.layerCount) == [40, 24] && plan.contextLength > 4096 && Self.fits(plan))
    }
}
