import Testing

@testable import Planning

struct ShortageTests {
    static func shortage(
        _ model: ModelShape, _ facts: [NodeFacts], context: Int, layers: [Int]? = nil, goal: PlanningGoal = .latency,
        kvTokens: Int? = nil
    ) throws -> Shortage {
        let error = #expect(throws: PlanningError.self) {
            try makePlan(
                model: model, nodes: facts, contextLength: context, blockTokens: 16, layers: layers, goal: goal,
                kvTokens: kvTokens)
        }
        guard case .doesNotFit(let shortage) = try #require(error) else {
            throw try #require(error)
        }
        return shortage
    }

    @Test func saysByHowMuchItFailsAndWhatWouldFit() throws {
        let shortage = try Self.shortage(qwq(), nodes([10 * gibibyte, 10 * gibibyte]), context: 32768)
        #expect(
            shortage.description
                == "the model with a context of 32768 tokens needs 26.3 GiB (weights 18.1 GiB, KV cache 8.0 GiB, "
                + "workspace 138 MiB), but the 2 nodes give 20.0 GiB: 6.3 GiB too little. "
                + "What would do: a context of at most 7248 tokens, "
                + "or one more node of 7.0 GiB, or 3.3 GiB more on each node."
        )
    }

    /// The message names the length of one context, and the length it offers fits as many times.
    @Test func severalContextsAreToldApartFromALongOne() throws {
        let facts = nodes([10 * gibibyte, 10 * gibibyte])
        let shortage = try Self.shortage(qwq(), facts, context: 8192, kvTokens: 4 * 8192)
        #expect(shortage.contexts == 4 && shortage.contextLength == 8192 && shortage.kvBytes == 8 << 30)
        #expect(shortage.description.hasPrefix("the model with 4 contexts of 8192 tokens needs 26.3 GiB"))
        #expect(shortage.description.contains("contexts of at most 1812 tokens, or"))
        #expect(!shortage.fitsWithOneContext && !shortage.description.contains("--parallel"))
        func fits(_ length: Int) -> Bool {
            (try? makePlan(model: qwq(), nodes: facts, contextLength: length, blockTokens: 16, kvTokens: 4 * length))
                != nil
        }
        let length = try #require(shortage.fittingContextLength)
        #expect(fits(length) && !fits(length + 1))
        let smaller = try Self.shortage(qwq(), facts, context: 4096, kvTokens: 2 * 4096)
        #expect(smaller.contexts == 2 && smaller.fitsWithOneContext)
        #expect(smaller.description.contains("a single context (--parallel 1)"))
    }

    /// Each remedy in the message is enough, and one step less is not.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func theRemediesAreExact(_ seed: UInt64) throws {
        var numbers = SeededNumbers(seed)
        var seen = 0
        while seen < 100 {
            let layers = Int.random(in: 2...12, using: &numbers)
            let count = Int.random(in: 1...min(4, layers - 1), using: &numbers)
            let model = small(
                (0..<layers).map { _ in Int.random(in: 1...200, using: &numbers) },
                head: Int.random(in: 0...150, using: &numbers),
                kv: Int.random(in: 1...3, using: &numbers), workspace: 30, headWorkspace: 20)
            let facts = nodes((0..<count).map { _ in Int.random(in: 20...800, using: &numbers) })
            let context = Int.random(in: 1...400, using: &numbers)
            func fits(_ facts: [NodeFacts], _ context: Int) -> Bool {
                (try? makePlan(model: model, nodes: facts, contextLength: context, blockTokens: 16)) != nil
            }
            func raised(_ more: Int) -> [NodeFacts] { nodes(facts.map { $0.memoryBudget + more }) }
            if fits(facts, context) { continue }
            seen += 1
            let shortage = try Self.shortage(model, facts, context: context)
            if let length = shortage.fittingContextLength {
                #expect(fits(facts, length))
                #expect(!fits(facts, length + 1))
            } else {
                #expect(!fits(facts, 1))
            }
            #expect(fits(raised(shortage.missingPerNode), context))
            #expect(!fits(raised(shortage.missingPerNode - 1), context))
            if let extra = shortage.extraNodeBytes {
                #expect(fits(facts + nodes([extra]), context))
                #expect(!fits(facts + nodes([extra - 1]), context))
            } else {
                #expect(!fits(facts + nodes([1 << 60]), context))
            }
        }
    }

    @Test func aNodeTooSmallForAnyBlockIsToldApartFromTooLittleInAll() throws {
        let shortage = try Self.shortage(small([100, 100]), nodes([50, 1000]), context: 1, goal: .even)
        #expect(shortage.missingPerNode == 50)
        #expect(shortage.extraNodeBytes == nil)
        #expect(
            shortage.description
                == "the model with a context of 1 tokens needs 200 bytes (weights 200 bytes, KV cache 0 bytes, "
                + "workspace 0 bytes). Although the 2 nodes give 2 KiB, no cut into whole blocks fits: "
                + "each is up to 50 bytes too small. What would do: 50 bytes more on each node."
        )
    }

    @Test func aGivenSplitNamesTheNodesThatOverflow() throws {
        let shortage = try Self.shortage(small([10, 10, 10], kv: 1), nodes([100, 30]), context: 16, layers: [1, 2])
        #expect(shortage.overflows == [.init(node: "tcp://node2", needed: 52, budget: 30)])
        #expect(shortage.fittingContextLength == nil)
        #expect(shortage.description.contains("tcp://node2 needs 52 bytes and gives 30 bytes, 22 bytes too little"))
        #expect(shortage.description.contains("another split"))
    }

    @Test func hugeNumbersAreRefusedRatherThanOverflow() throws {
        for context in [1 << 40, Int.max - 20, Int.max] {
            let shortage = try Self.shortage(qwq(), nodes([64 * gibibyte, 64 * gibibyte]), context: context)
            #expect(try #require(shortage.fittingContextLength) > 131072)
        }
        let shortage = try Self.shortage(qwq(), nodes([0, 0]), context: 16)
        #expect(shortage.fittingContextLength == nil)
    }

    @Test(arguments: [
        (0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"), (1025, "2 KiB"), (1 << 20, "1.0 MiB"),
        ((1 << 20) + 1, "1.1 MiB"),
        (700 << 20, "700 MiB"), ((1 << 30) - 1, "1024 MiB"), (3 << 29, "1.5 GiB"), ((2 << 30) - 1, "2.0 GiB"),
    ])
    func sizesAreRoundedUp(_ bytes: Int, _ text: String) {
        #expect(size(bytes) == text)
    }
}
