import Planning
import Scheduling
import Testing

@testable import Simulation

/// Tests the scheduler with modelled pipelines.
struct PipelineSimulationTests {
    /// About the size of QwQ-32B in Q4_K_M.
    static let shape = ModelShape(
        layerBytes: [Int](repeating: 290 << 20, count: 64), headBytes: 610 << 20,
        layerMultiplyAdds: [Int](repeating: 487_000_000, count: 64),
        headMultiplyAdds: 5120 * 152_064, width: 5120, kvBytesPerTokenPerLayer: 4096, vocabulary: 152_064,
        workspaceBytes: 64 << 20)

    static func pipeline(_ count: Int, link: LinkFacts = .gigabit, context: Int = 4096, streams: Int = 16) throws -> (
        ModelledPipeline, Plan
    ) {
        let facts = (0..<count).map {
            NodeFacts.fromProbes(
                name: "node\($0)", memoryBudget: 64 << 30, threads: 8, bandwidth: 40e9, int8: 900e9, link: link)
        }
        let plan = try makePlan(
            model: shape, nodes: facts, contextLength: context, blockTokens: 64, goal: .even,
            kvTokens: streams * context)
        let pipeline = ModelledPipeline(
            plan, facts: facts, width: 5120, headBytes: shape.headBytes, layerMultiplyAdds: shape.layerMultiplyAdds,
            headMultiplyAdds: shape.headMultiplyAdds)
        return (pipeline, plan)
    }

    static func run(
        _ count: Int, streams: Int = 1, promptTokens: Int = 64, tokens: Int = 32, link: LinkFacts = .gigabit,
        inFlight: Int? = nil
    ) throws -> StreamReport {
        let (pipeline, plan) = try pipeline(count, link: link, streams: max(streams, 16))
        var simulation = PipelineSimulation(pipeline, plan: plan, inFlight: inFlight)
        return try simulation.run(streams: streams, promptTokens: promptTokens, tokens: tokens)
    }

    /// The plan predicts a token after 512 others; the positions of these answers are around 512.
    @Test(arguments: [1, 2, 5, 16], [LinkFacts.gigabit, .wifi]) func oneAnswerTakesWhatThePlanPredicts(
        _ count: Int, _ link: LinkFacts
    ) throws {
        let report = try Self.run(count, promptTokens: 505, tokens: 16, link: link)
        let predicted = try #require(try Self.pipeline(count, link: link).1.prediction).tokensPerSecond
        #expect(abs(report.speed / predicted - 1) < 1e-4, "\(report.speed), planned \(predicted)")
    }

    @Test func stagesReadALongPromptTogether() throws {
        let together = try Self.run(2, promptTokens: 2048), alone = try Self.run(2, promptTokens: 2048, inFlight: 1)
        #expect(together.promptSpeed > 1.8 * alone.promptSpeed)
        #expect(together.promptSpeed < 2 * alone.promptSpeed)
        let planned = try #require(try Self.pipeline(2).1.prediction).promptTokensPerSecond
        #expect((0.85...1).contains(together.promptSpeed / planned), "\(together.promptSpeed), planned \(planned)")
    }

    /// With as many answers as stages nearly every stage works, and beyond that rows share a step. The total speed
    /// never falls when there are more answers.
    @Test(arguments: [2, 4, 8]) func moreAnswersFillThePipeline(_ count: Int) throws {
        let speeds = try [1, count, 2 * count, 4 * count].map { try Self.run(count, streams: $0).speed }
        #expect(speeds[1] > 0.8 * Double(count) * speeds[0], "\(speeds)")
        #expect(speeds == speeds.sorted(), "\(speeds)")
        // Steps of four rows take longer than steps of one, so the speed is below 4 * count single answers.
        #expect(speeds[3] < 4 * Double(count) * speeds[0], "\(speeds)")
    }

    @Test func theSameQuestionsGiveTheSameFigures() throws {
        let runs = try (0..<2).map { _ in try Self.run(3, streams: 7, promptTokens: 300, link: .wifi) }
        #expect(runs[0] == runs[1])
        #expect(runs[0].firstTokenAgain < 0.2 * runs[0].firstTokenMedian, "the prompts are known the second time")
    }

    @Test func aSlowHopIsTakenByOneFrameAtATime() throws {
        // A row occupies a hop for 80 ms, longer than a stage computes a prompt row. With many frames in flight, only
        // the hop limits the speed.
        let report = try Self.run(
            2, promptTokens: 1024, link: LinkFacts(roundTrip: 0, throughput: 0.256e6), inFlight: 8)
        #expect((11...12.5).contains(report.promptSpeed), "\(report.promptSpeed)")
    }

    @Test(.timeLimit(.minutes(1))) func sixtyFourNodesAnswerManyAtOnce() throws {
        let one = try Self.run(64, tokens: 16).speed, many = try Self.run(64, streams: 64, tokens: 16).speed
        #expect(many > 20 * one, "\(many), one \(one)")
    }

    @Test func whatCannotFitIsRefused() throws {
        #expect { try Self.run(2, promptTokens: 4096) } throws: { ($0 as? SchedulingError)?.code == .contextExceeded }
    }

    /// Rows, and the time of a step in steps of one row; the last one without logits. Measured by `brigade bench` with
    /// the 1.5B model, one and two threads, on a Zen 5 and a Zen 4. For one row the head takes a fifth of the time; it
    /// has 0.178 times the multiply-adds of the blocks.
    @Test(
        arguments: [
            (35.6, 242, [(2, 1.03), (4, 1.13), (8, 1.57), (16, 3.02), (64, 9.44)]),
            (41.9, 470, [(2, 1.03), (4, 1.09), (8, 1.14), (16, 1.9), (64, 5.71)]),
            (25.9, 113, [(2, 1.11), (4, 1.22), (8, 2.32), (16, 4.76), (64, 14.76)]),
            (32.4, 228.5, [(2, 1.00), (4, 1.11), (8, 1.64), (16, 2.98), (64, 8.97)]),
        ] as [(Double, Double, [(Int, Double)])]) func stepsTakeWhatWasMeasured(
            _ decoding: Double, _ prompts: Double, _ measured: [(Int, Double)]
        )
    {
        let one = 1 / decoding, perRow = 1 / prompts
        #expect(StepTime.seconds(of: 1, least: one, perRow: perRow) == one)
        #expect(StepTime.seconds(of: 0, least: one, perRow: perRow) == 0)
        for (rows, times) in measured {
            let head = StepTime.seconds(
                of: rows, least: 0.2 * one, perRow: 0.178 * perRow / ModelledPipeline.headShare)
            let found =
                (StepTime.seconds(of: rows, least: 0.8 * one, perRow: perRow) + (rows == 64 ? 0 : head)) / one
            #expect(abs(found / times - 1) < 0.1, "\(rows) rows: \(found), measured \(times)")
        }
    }

    @Test func aModelledPipelineExpectsWhatItsStagesTake() throws {
        let (pipeline, _) = try Self.pipeline(2), costs = pipeline.stepCosts
        let load = ModelledPipeline.Load(rows: 8, outputs: 8), one = ModelledPipeline.Load(rows: 1, outputs: 1)
        let ratio =
            (pipeline.seconds(load, stage: 0) + pipeline.seconds(load, stage: 1))
            / (pipeline.seconds(one, stage: 0) + pipeline.seconds(one, stage: 1))
        #expect(abs(costs.decode.of(8) - ratio) < 1e-9 && costs.decode.of(1) == 1)
        #expect(costs.prefill.of(1) == 1 && costs.prefill.of(64) > costs.prefill.of(16))
    }
}
