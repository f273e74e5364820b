import Testing

@testable import Planning

struct MakePlanTests {
    @Test(arguments: 1...8)
    func stagesFollowEachOtherAndCoverTheModel(_ count: Int) throws {
        let model = qwq()
        let plan = try makePlan(
            model: model, nodes: nodes([Int](repeating: 40 * gibibyte, count: count)), contextLength: 8192,
            blockTokens: 16)
        #expect(plan.kvBlockCount == 512)
        #expect(plan.stages.map(\.node) == Array(0..<count))
        #expect(plan.stages.reduce(0) { $0 + $1.layerCount } == 64)
        var next = 0
        for stage in plan.stages {
            #expect(stage.firstLayer == next)
            next += stage.layerCount
            #expect(stage.hasHead == (stage.node == count - 1))
            #expect(stage.weightBytes == stage.layerCount * (280 << 20) + (stage.hasHead ? 600 << 20 : 0))
            #expect(stage.kvBytes == stage.layerCount * 8192 * 4096)
            #expect(stage.workspaceBytes == (stage.hasHead ? 74 << 20 : 64 << 20))
            #expect(stage.neededBytes <= stage.budget)
        }
    }

    @Test func theHeadCountsAsWork() throws {
        let plan = try makePlan(
            model: qwq(), nodes: nodes([100, 100, 100].map { $0 * gibibyte }), contextLength: 1, blockTokens: 16,
            goal: .time(of: Workload(promptTokens: 0, answerTokens: 1, streams: 64)))
        #expect(plan.stages.map(\.layerCount) == [22, 22, 20])
    }

    /// The size of the head, in blocks, and the expected cut of 28 blocks over two equal nodes. Prefill does not use
    /// the head; in an even plan it decides the cut as long as decode loses at most a quarter. One request decodes as
    /// fast over every cut of equal nodes, so its prompt alone decides.
    @Test(arguments: [(PlanningGoal.latency, 14, [14, 14]), (.even, 6, [14, 14]), (.even, 14, [16, 12])])
    func promptsDecideWhereAnswersLoseLittle(goal: PlanningGoal, head: Int, layers: [Int]) throws {
        let plan = try makePlan(
            model: small([Int](repeating: 10_000_000, count: 28), head: head * 10_000_000),
            nodes: nodes([gibibyte, gibibyte]), contextLength: 1,
            blockTokens: 16, goal: goal)
        #expect(plan.stages.map(\.layerCount) == layers)
    }

    /// Ten measurements of equal nodes, each a few hundredths off: the plan is the same, and even.
    @Test(arguments: [2, 4]) func differencesOfMeasuringAreNoDifferences(_ count: Int) throws {
        var numbers = SeededNumbers(UInt64(count))
        for _ in 0..<10 {
            var facts = nodes([Int](repeating: gibibyte, count: count))
            for i in facts.indices {
                facts[i].weightBandwidth *= Double.random(in: 0.95...1.05, using: &numbers)
                facts[i].multiplyAddRate *= Double.random(in: 0.95...1.05, using: &numbers)
                facts[i].link.roundTrip *= Double.random(in: 0.8...1.2, using: &numbers)
            }
            let plan = try makePlan(
                model: small([Int](repeating: 10_000_000, count: 28), head: 50_000_000), nodes: facts.leveled(),
                contextLength: 1, blockTokens: 16)
            #expect(plan.stages.map(\.layerCount) == [Int](repeating: 28 / count, count: count))
            #expect(plan.stages.map(\.node) == Array(0..<count))
        }
    }

    @Test func differencesThatAreMoreThanNoiseStay() {
        var facts = nodes([gibibyte, gibibyte, gibibyte])
        facts[0].weightBandwidth = 10e9
        facts[1].weightBandwidth = 10.8e9
        facts[2].weightBandwidth = 14e9
        #expect(facts.leveled().map(\.weightBandwidth) == [10.4e9, 10.4e9, 14e9])
    }

    /// One node computes 8% faster. For an answer alone nearly all blocks would go there, and for 3% of its time the
    /// prompt would take twice as long.
    @Test func aPromptIsWorthMoreThanALittleOfTheAnswer() throws {
        var facts = nodes([gibibyte, gibibyte], speeds: [1.08, 1])
        // A row of a prompt costs a quarter of a token of an answer, as on a Zen 3.
        for i in facts.indices { facts[i].multiplyAddRate = 8 * facts[i].weightBandwidth }
        let plan = try makePlan(
            model: small([Int](repeating: 10_000_000, count: 28), head: 50_000_000), nodes: facts, contextLength: 1,
            blockTokens: 16)
        #expect(plan.stages.map(\.layerCount) == [15, 13])
    }

    @Test func fasterNodesGetMore() throws {
        let plan = try makePlan(
            model: small([Int](repeating: 10_000_000, count: 12)), nodes: nodes([gibibyte, gibibyte], speeds: [2, 1]),
            contextLength: 1, blockTokens: 16, goal: .even)
        #expect(plan.stages.map(\.layerCount) == [8, 4])
    }

    @Test func aNodeThatIsLeftOutHasAReason() throws {
        var facts = nodes([gibibyte, 1000, gibibyte])
        facts[2].link.roundTrip = 0.5
        let plan = try makePlan(
            model: small([Int](repeating: 10_000_000, count: 28), head: 50_000_000), nodes: facts, contextLength: 1,
            blockTokens: 16)
        #expect(plan.stages.map(\.node) == [0])
        #expect(plan.leftOut == [1, 2])
        #expect(plan.leftOutReasons[0] == .tooSmall)
        guard case .slows(let ratio) = plan.leftOutReasons[1] else {
            Issue.record("\(plan.leftOutReasons)")
            return
        }
        // An answer's token takes 0.28 s without that node, and half a second more with it.
        #expect(ratio > 2 && ratio < 3)
    }

    @Test func aFirstTokenWaitsForItsPromptAndThePipeline() {
        let p = Prediction(
            context: 0, stageSeconds: [0.1, 0.1], hopSeconds: 0.002, stagePromptSeconds: [0.01, 0.02])
        #expect(abs(p.firstTokenSeconds(promptTokens: 1000) - (20 + 64 * 0.01 + 0.002)) < 1e-9)
        #expect(abs(p.firstTokenSeconds(promptTokens: 10) - (0.2 + 0.1 + 0.002)) < 1e-9)
    }

    @Test(
        arguments: [
            ("1000:2000:1", Workload.reasoning), ("64:1024", .latency),
            ("0:1:16", Workload(promptTokens: 0, answerTokens: 1, streams: 16)),
            ("latency", nil), ("", nil), ("1", nil), ("0:0:1", nil), ("1:1:0", nil), ("1:1:1:1", nil), ("-1:2:1", nil),
            ("1:2:", nil), ("99999999999:1", nil),
        ] as [(String, Workload?)])
    func aWorkloadIsReadAsItIsWritten(text: String, workload: Workload?) {
        #expect(Workload(text) == workload)
        if let workload { #expect(Workload(workload.description) == workload) }
    }

    /// The slices that three nodes hold (first block, number of blocks, head), and the expected cut of 12 blocks: the
    /// number of blocks by node.
    private static let heldSlices: [([(Int, Int, Bool)], [Int: Int])] = [
        ([(0, 4, false), (4, 4, false), (8, 4, true)], [0: 4, 1: 4, 2: 4]),
        ([(0, 5, false), (5, 3, false), (8, 4, true)], [0: 5, 1: 3, 2: 4]),  // prefill is a small part of the work
        ([(8, 4, true), (0, 4, false), (4, 4, false)], [1: 4, 2: 4, 0: 4]),  // another order stays as well
        ([(0, 4, false), (5, 3, false), (8, 4, true)], [0: 4, 1: 4, 2: 4]),
        ([(0, 4, false), (4, 4, false), (8, 4, false)], [0: 4, 1: 4, 2: 4]),
        ([(0, 99, false), (4, 4, false), (8, 4, true)], [0: 4, 1: 4, 2: 4]),
    ]

    @Test(arguments: heldSlices)
    func whatNodesHoldStaysWhereThatIsAboutAsGood(held: [(Int, Int, Bool)], cut: [Int: Int]) throws {
        var facts = nodes([gibibyte, gibibyte, gibibyte])
        for i in facts.indices {
            facts[i].held = HeldSlice(firstLayer: held[i].0, layerCount: held[i].1, hasHead: held[i].2)
        }
        let plan = try makePlan(
            model: small([Int](repeating: 10_000_000, count: 12)), nodes: facts, contextLength: 1, blockTokens: 16)
        #expect(Dictionary(uniqueKeysWithValues: plan.stages.map { ($0.node, $0.layerCount) }) == cut)
        if held[0].0 == 8 { #expect(plan.stages.map(\.node) == [1, 2, 0]) }
    }

    /// A cut that is slightly worse than the best stays if the nodes hold it, and is not chosen otherwise.
    @Test func aCutThatIsHardlyWorseStays() throws {
        var facts = nodes([gibibyte, gibibyte])
        let model = small([Int](repeating: 10_000_000, count: 28))
        func layers() throws -> [Int] {
            try makePlan(model: model, nodes: facts, contextLength: 1, blockTokens: 16).stages.map(\.layerCount)
        }
        #expect(try layers() == [14, 14])
        facts[0].held = HeldSlice(firstLayer: 0, layerCount: 15, hasHead: false)
        facts[1].held = HeldSlice(firstLayer: 15, layerCount: 13, hasHead: true)
        #expect(try layers() == [15, 13])
        facts[1].memoryBudget = 13 * 10_000_000 / 2
        #expect(try layers() != [15, 13])
    }

    @Test func amongEquallyFastCutsTheMostEvenIsTaken() throws {
        // One heavy block makes the slowest stage; the others could be cut in many ways.
        let plan = try makePlan(
            model: small([100, 10, 10, 10, 10, 10, 10].map { $0 * 1_000_000 }),
            nodes: nodes([gibibyte, gibibyte, gibibyte]), contextLength: 1,
            blockTokens: 16)
        #expect(plan.stages.map(\.layerCount) == [1, 3, 3])
    }

    @Test func keepsWithinBudgetsEvenIfThatIsSlower() throws {
        let plan = try makePlan(
            model: small([10, 10, 10, 10], head: 5, kv: 1, workspace: 2), nodes: nodes([35, 100]), contextLength: 16,
            blockTokens: 16)
        // One block takes 10 + 16 bytes, two take 52, and the workspace takes 2; the first node has 35.
        #expect(plan.stages.map(\.layerCount) == [1, 3])
    }

    @Test func roundsTheContextUpToWholeBlocks() throws {
        let model = small([10], kv: 1)
        for (context, blocks) in [(1, 1), (16, 1), (17, 2), (1000, 63)] {
            let plan = try makePlan(model: model, nodes: nodes([5000]), contextLength: context, blockTokens: 16)
            #expect(plan.kvBlockCount == blocks)
            #expect(plan.contextLength == context)
            #expect(plan.stages[0].kvBytes == blocks * 16)
        }
    }

    @Test func leavesOutNodesBeyondTheBlocks() throws {
        let plan = try makePlan(
            model: small([1, 1]), nodes: nodes([9, 9, 9, 9]), contextLength: 1, blockTokens: 16, goal: .even)
        #expect(plan.stages.map(\.node) == [0, 1])
        #expect(plan.leftOut == [2, 3])
        #expect(plan.stages[1].hasHead)
    }

    @Test func aGivenSplitIsKept() throws {
        let plan = try makePlan(
            model: small([1, 1, 1, 1, 1]), nodes: nodes([9, 9]), contextLength: 1, blockTokens: 16, layers: [4, 1])
        #expect(plan.stages.map(\.layerCount) == [4, 1])
        #expect(plan.stages.map(\.firstLayer) == [0, 4])
    }

    @Test(arguments: [[5], [1, 4, 0], [0, 5], [6, -1], [2, 2], [3, 3], [.max, .max], []] as [[Int]])
    func refusesASplitThatDoesNotMatch(_ layers: [Int]) {
        #expect(throws: PlanningError.invalidSplit(layers: layers, nodes: 2, expected: 5)) {
            try makePlan(
                model: small([1, 1, 1, 1, 1]), nodes: nodes([9, 9]), contextLength: 1, blockTokens: 16, layers: layers)
        }
    }

    @Test func refusesFactsThatCannotBe() {
        func refusal(
            _ model: ModelShape = small([1]), _ facts: [NodeFacts] = nodes([9]), context: Int = 1, block: Int = 16
        ) -> PlanningError? {
            #expect(throws: PlanningError.self) {
                try makePlan(model: model, nodes: facts, contextLength: context, blockTokens: block)
            }
        }
        #expect(refusal(small([1]), []) == .noNodes)
        #expect(refusal(small([])) == .invalidModel(what: "blocks", found: 0))
        #expect(refusal(small([1, -1])) == .invalidModel(what: "bytes in a block", found: -1))
        #expect(refusal(small([.max, 1])) == .invalidModel(what: "or more bytes in all blocks", found: .max))
        #expect(refusal(small([1], kv: -4)) == .invalidModel(what: "KV bytes per token", found: -4))
        #expect(refusal(context: 0) == .invalidContext(found: 0))
        #expect(refusal(block: 0) == .invalidModel(what: "positions in a KV block", found: 0))
        #expect(refusal(small([1]), nodes([.min])) == .invalidBudget(node: "tcp://node1", found: .min))
        #expect(refusal(small([1]), nodes([9], speeds: [0])) == .invalidSpeed(node: "tcp://node1", found: 0))
        #expect(refusal(small([1]), nodes([9], speeds: [.nan])) != nil)
    }

    /// Compares with all cuts.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func noCutIsFaster(_ seed: UInt64) {
        var numbers = SeededNumbers(seed)
        for _ in 0..<400 {
            let layers = Int.random(in: 1...9, using: &numbers)
            let count = Int.random(in: 1...min(4, layers), using: &numbers)
            let model = small(
                (0..<layers).map { _ in Int.random(in: 1...20, using: &numbers) },
                head: Int.random(in: 0...15, using: &numbers),
                kv: 1, workspace: 3, headWorkspace: 2)
            let facts = nodes(
                (0..<count).map { _ in Int.random(in: 20...150, using: &numbers) },
                speeds: (0..<count).map { _ in [1, 1.5, 2, 4].randomElement(using: &numbers)! })
            let partition = Partition(
                model: model, nodes: facts, positions: 16, times: StageTimes(model: model, nodes: facts, context: 9))
            let all = Self.cuts(layers, count).map { cut in
                zip(cut, cut.dropFirst()).enumerated().map { partition.stage($0, $1.0, $1.1) }
            }.filter { $0.allSatisfy { $0.neededBytes <= $0.budget } }
            let best = all.map(partition.slowest).min()
            #expect(partition.best().map(partition.slowest) == best)
            // The plan has the fastest prefill of the cuts that are at most a quarter slower in decode.
            func prompts(_ stages: [StagePlan]) -> Double { stages.map(partition.times.prefill).max()! }
            let plan = try? makePlan(model: model, nodes: facts, contextLength: 10, blockTokens: 16, goal: .even)
            #expect((plan == nil) == (best == nil))
            guard let plan, let best else { continue }
            let fastest = all.filter { partition.slowest($0) <= 1.25 * best }.map(prompts).min()!
            #expect(partition.slowest(plan.stages) <= 1.25 * best && prompts(plan.stages) <= fastest * 1.0001)
        }
    }

    /// All ways to cut `layers` into `count` parts without empty ones, as boundaries.
    static func cuts(_ layers: Int, _ count: Int) -> [[Int]] {
        if count == 1 { return [[0, layers]] }
        return (count - 1..<layers).flatMap { last in cuts(last, count - 1).map { $0 + [layers] } }
    }
}
