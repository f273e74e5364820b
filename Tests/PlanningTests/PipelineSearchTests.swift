import Testing

@testable import Planning

/// Plans of real sizes, and small plans compared with all pipelines.
struct PipelineSearchTests {
    /// Nodes with budgets in GiB, bandwidths in GB/s and round trips in milliseconds.
    private func cluster(_ facts: [(budget: Double, bandwidth: Double, roundTrip: Double)]) -> [NodeFacts] {
        facts.enumerated().map { i, f in
            NodeFacts(
                name: "tcp://node\(i + 1)", memoryBudget: Int(f.budget * Double(gibibyte)), threads: 4,
                weightBandwidth: f.bandwidth * 1e9,
                multiplyAddRate: f.bandwidth * 5e9, link: LinkFacts(roundTrip: f.roundTrip / 1000, throughput: 117e6))
        }
    }

    private func plan(_ nodes: [NodeFacts], goal: PlanningGoal = .latency, context: Int = 4096) throws -> Plan {
        try makePlan(model: qwq(), nodes: nodes, contextLength: context, blockTokens: 64, goal: goal)
    }

    @Test func equalNodesShareEvenlyInTheirOrder() throws {
        let plan = try plan(cluster([(12, 20, 0.3), (12, 20, 0.3), (12, 20, 0.3)]))
        #expect(plan.stages.map(\.node) == [0, 1, 2])
        #expect(plan.stages.map(\.layerCount) == [22, 22, 20])
        #expect(plan.leftOut.isEmpty)
    }

    @Test func fastNodesHoldWhatTheyCan() throws {
        let plan = try plan(cluster([(9, 10, 0.3), (16, 60, 0.3)]))
        let slow = plan.stages.first { $0.node == 0 }!, fast = plan.stages.first { $0.node == 1 }!
        // The fast node has no room for one more block; the slow node takes the rest.
        #expect(fast.neededBytes + (280 << 20) + 4096 * 4096 > fast.budget)
        #expect(slow.layerCount + fast.layerCount == 64)
        #expect(fast.layerCount > 45)
    }

    @Test func aNodeBehindASlowLinkIsLeftOut() throws {
        let nodes = cluster([(20, 20, 0.3), (20, 20, 0.3), (20, 20, 80)])
        let plan = try plan(nodes)
        #expect(plan.leftOut == [2])
        #expect(Set(plan.stages.map(\.node)) == [0, 1])
        // With many sequences at once its memory bandwidth still helps.
        #expect(try self.plan(nodes, goal: .throughput).leftOut.isEmpty)
    }

    @Test func aNodeTooSmallForOneBlockIsLeftOut() throws {
        let plan = try plan(cluster([(0.2, 20, 0.3), (30, 20, 0.3)]))
        #expect(plan.leftOut == [0])
    }

    @Test func theOrderChangesWhenOnlyAnotherFits() throws {
        // The head needs more than 600 MiB. The second node has room for one block, but not for the head.
        let plan = try plan(cluster([(30, 20, 0.3), (0.5, 20, 0.3)]))
        #expect(plan.stages.map(\.node) == [1, 0])
        #expect(plan.stages[0].layerCount == 1)
    }

    @Test func aLastNodeMayHoldTheHeadAlone() throws {
        // The 64 blocks fill the first node exactly, so the head fits only the second.
        let blocks = 64 * (280 << 20), cache = 64 * 4096 * 4096
        let first: Int = blocks + cache + (64 << 20)
        var nodes = cluster([(0, 20, 0.3), (0.7, 20, 0.3)])
        nodes[0].memoryBudget = first
        let plan = try plan(nodes)
        #expect(plan.stages.map(\.layerCount) == [64, 0])
        #expect(plan.stages[1].hasHead)
    }

    @Test func sixteenUnequalNodesArePlanned() throws {
        var numbers = SeededNumbers(4)
        let facts = (0..<16).map { _ in
            (
                Double.random(in: 1...4, using: &numbers), Double.random(in: 5...50, using: &numbers),
                Double.random(in: 0.1...5, using: &numbers)
            )
        }
        let plan = try plan(cluster(facts))
        #expect(plan.stages.reduce(0) { $0 + $1.layerCount } == 64)
        #expect(plan.stages.allSatisfy { $0.neededBytes <= $0.budget })
    }

    @Test func beyondSixteenAllAreUsedInTheirOrder() throws {
        let plan = try plan(cluster(Array(repeating: (2, 20, 0.3), count: 20)))
        #expect(plan.stages.map(\.node) == Array(0..<20))
    }

    @Test func predictsTheTimeOfATokenFromBytesAndLinks() throws {
        let nodes = cluster([(30, 20, 1)])
        let p = try #require(try plan(nodes).prediction)
        let weights = 64 * (280 << 20) + (600 << 20), cache = 64 * 4096 * 512
        let row: Double = 5120 * 4 / 117e6
        var expected: Double = Double(weights + cache) / 20e9
        expected += 64 * 15e-6 + 0.001 + 2 * row
        #expect(abs(p.tokenSeconds - expected) < 1e-9)
        let work = Double(64 * (560 << 20))
        #expect(abs(p.promptTokensPerSecond - 100e9 / work) < 1e-6)
    }

    @Test func saysThatSmallerKeysAndValuesWouldFit() {
        var model = qwq()
        model.smallerKVBytesPerTokenPerLayer = 2176
        let nodes = cluster([(24, 20, 0.3)])
        #expect {
            try makePlan(model: model, nodes: nodes, contextLength: 32768, blockTokens: 64)
        } throws: { "\($0)".contains("--kv q8_0") }
    }

    /// Compares with all orders, cuts and sets of nodes.
    @Test(
        arguments: [1, 2, 3, 4] as [UInt64],
        ["1000:2000:1", "0:1:1", "64:1024:1", "5000:0:1", "500:500:4", "0:100:16", "2000:10:3"])
    func noPipelineIsBetter(_ seed: UInt64, work: String) throws {
        var numbers = SeededNumbers(seed)
        let asked = try #require(Workload(work)), streams = asked.streams
        for _ in 0..<60 {
            let layers = Int.random(in: 1...6, using: &numbers), count = Int.random(in: 1...4, using: &numbers)
            let model = small(
                (0..<layers).map { _ in Int.random(in: 1_000_000...20_000_000, using: &numbers) },
                head: Int.random(in: 0...15_000_000, using: &numbers), kv: 1, workspace: 3, headWorkspace: 2)
            let facts = (0..<count).map { i in
                NodeFacts(
                    name: "\(i)", memoryBudget: Int.random(in: 5_000_000...80_000_000, using: &numbers), threads: 1,
                    weightBandwidth: Double.random(in: 1...4, using: &numbers) * 1e9,
                    multiplyAddRate: Double.random(in: 2...20, using: &numbers) * 1e9,
                    link: LinkFacts(roundTrip: Double.random(in: 0...0.02, using: &numbers), throughput: 1e9))
            }
            let workload = WorkloadTimes(asked, model: model, nodes: facts, context: 9)
            func partition(_ order: [Int]) -> Partition {
                Partition(
                    model: model, nodes: facts, order: order, positions: 16, leastOfLast: 0, times: workload.times)
            }
            var least = Double.infinity, most = [Int: Double]()
            for set in 1..<1 << count {
                let members = (0..<count).filter { set & 1 << $0 != 0 }
                for order in Self.permutations(members) {
                    let partition = partition(order)
                    for cut in Self.cuts(layers, order.count) {
                        let stages = zip(cut, cut.dropFirst()).enumerated().map { partition.stage($0, $1.0, $1.1) }
                        guard stages.allSatisfy({ $0.neededBytes <= $0.budget }) else { continue }
                        let time = workload.seconds(stages)
                        least = min(least, time)
                        most[order.count] = min(most[order.count] ?? .infinity, time)
                    }
                }
            }
            var search = PipelineSearch(partition(Array(0..<count)))
            let found = search.best(for: workload)
            #expect((found == nil) == (least == .infinity))
            // Bisection is exact to a thousandth.
            let exact = streams == 1 ? 1 + 1e-9 : 1.003
            if let found { #expect(found.least <= least * exact && found.least * exact >= least) }
            let plan = try? makePlan(
                model: model, nodes: facts, contextLength: 10, blockTokens: 16, goal: .time(of: asked))
            #expect((plan == nil) == (least == .infinity))
            guard let plan else { continue }
            let allowed = workload.allowed(least) * exact
            #expect(workload.seconds(plan.stages) <= allowed)
            if streams == 1 { #expect(plan.stages.count == most.filter { $0.value <= allowed }.keys.max()) }
        }
    }

    private static func permutations(_ items: [Int]) -> [[Int]] {
        items.isEmpty
            ? [[]] : items.flatMap { first in permutations(items.filter { $0 != first }).map { [first] + $0 } }
    }

    /// Cuts in which only the last part may be empty.
    private static func cuts(_ layers: Int, _ count: Int) -> [[Int]] {
        let whole = count <= layers ? MakePlanTests.cuts(layers, count) : []
        return count == 1 || count - 1 > layers
            ? whole : whole + MakePlanTests.cuts(layers, count - 1).map { $0 + [layers] }
    }
}
