import Candidates
import Testing

@testable import Sampling

struct SamplerChainTests {
    /// The fraction of 20000 positions at which each token is drawn.
    static func shares(_ parameters: SamplingParameters, _ logits: [Float], history: [Int32] = []) throws -> [Double] {
        let sampler = try Sampler(parameters, seed: 42)
        var counts = [Double](repeating: 0, count: logits.count)
        for position in 0..<20000 {
            counts[Int(try sampler.sample(Candidates(full: logits), history: history[...], position: position))] += 1
        }
        return counts.map { $0 / 20000 }
    }

    static let off = SamplingParameters(temperature: 1, topK: 0, topP: 1)
    /// ln 2, ln 8, ln 1, ln 4 (the best token is not the first): shares 2/15, 8/15, 1/15, 4/15.
    static let logits: [Float] = [0.6931472, 2.0794415, 0, 1.3862944]

    @Test func drawsInProportionToTheProbabilities() throws {
        let shares = try Self.shares(Self.off, Self.logits)
        for (share, expected) in zip(shares, [2, 8, 1, 4].map { $0 / 15.0 }) { #expect(abs(share - expected) < 0.01) }
    }

    @Test func temperatureSharpens() throws {
        var parameters = Self.off
        parameters.temperature = 0.5  // squares the probabilities
        let shares = try Self.shares(parameters, Self.logits)
        for (share, expected) in zip(shares, [4, 64, 1, 16].map { $0 / 85.0 }) { #expect(abs(share - expected) < 0.01) }
    }

    @Test func topKKeepsTheBest() throws {
        var parameters = Self.off
        parameters.topK = 2
        let shares = try Self.shares(parameters, Self.logits)
        #expect(shares[0] == 0 && shares[2] == 0)
        #expect(abs(shares[1] - 2.0 / 3) < 0.01)
    }

    @Test(arguments: [(0.5, 1), (0.54, 2), (0.79, 2), (0.81, 3), (0.94, 4), (1, 4)] as [(Float, Int)])
    func topPKeepsTheFewestThatReachIt(_ topP: Float, _ kept: Int) throws {
        var parameters = Self.off
        parameters.topP = topP
        #expect(try Self.shares(parameters, Self.logits).count { $0 > 0 } == kept)
    }

    @Test(arguments: [(0, 4), (0.12, 4), (0.13, 3), (0.26, 2), (0.51, 1), (1, 1)] as [(Float, Int)])
    func minPDropsTheUnlikely(_ minP: Float, _ kept: Int) throws {
        var parameters = Self.off
        parameters.minP = minP
        #expect(try Self.shares(parameters, Self.logits).count { $0 > 0 } == kept)
    }

    @Test func topPAndMinPLookAtProbabilitiesBeforeTheTemperature() throws {
        var parameters = Self.off
        parameters.temperature = 100
        parameters.topP = 0.5
        #expect(try Self.shares(parameters, Self.logits)[1] == 1)
    }

    @Test func repeatPenaltyDividesPositiveAndMultipliesNegativeLogits() throws {
        let greedy = try Sampler(SamplingParameters(temperature: 0, repeatPenalty: 2))
        #expect(try greedy.sample(Candidates(full: [4, 2.5]), history: [0], position: 1) == 1)
        #expect(try greedy.sample(Candidates(full: [-1, -1.5]), history: [0], position: 1) == 1)
        #expect(try greedy.sample(Candidates(full: [5.5, 2.5]), history: [0], position: 1) == 0)
    }

    @Test func theWindowEndsTheReachOfPenalties() throws {
        var parameters = SamplingParameters(temperature: 0, repeatLastN: 2, presencePenalty: 2)
        let history: [Int32] = [0, 3, 3]
        let logits: [Float] = [4, 3, 1, 1]
        #expect(try Sampler(parameters).sample(Candidates(full: logits), history: history[...], position: 3) == 0)
        parameters.repeatLastN = -1
        #expect(try Sampler(parameters).sample(Candidates(full: logits), history: history[...], position: 3) == 1)
        parameters.repeatLastN = 0
        #expect(try Sampler(parameters).sample(Candidates(full: logits), history: history[...], position: 3) == 0)
    }

    @Test func frequencyPenaltyCountsOccurrences() throws {
        let sampler = try Sampler(SamplingParameters(temperature: 0, frequencyPenalty: 0.5))
        #expect(try sampler.sample(Candidates(full: [4, 3.2]), history: [0], position: 1) == 0)
        #expect(try sampler.sample(Candidates(full: [4, 3.2]), history: [0, 0], position: 2) == 1)
    }

    @Test func equalLogitsGoToTheLowestId() throws {
        let greedy = try Sampler(SamplingParameters(temperature: 0))
        #expect(try greedy.sample(Candidates(full: [1, 3, 3, -0.0]), history: [], position: 0) == 1)
        #expect(try greedy.sample(Candidates(full: [-0.0, 0, -1]), history: [], position: 0) == 0)
    }

    @Test func drawsDependOnSeedAndPositionOnly() throws {
        let logits = (0..<100).map { Float($0 % 7) / 7 }
        let one = try Sampler(Self.off, seed: 7)
        let two = try Sampler(Self.off, seed: 8)
        let forward = try (0..<50).map { try one.sample(Candidates(full: logits), history: [], position: $0) }
        let backward = try (0..<50).reversed().map {
            try one.sample(Candidates(full: logits), history: [], position: $0)
        }
        let other = try (0..<50).map { try two.sample(Candidates(full: logits), history: [], position: $0) }
        #expect(forward == backward.reversed())
        #expect(forward != other)
    }

    @Test func refusesWhatIsNoAnswerToTheRequest() throws {
        let sampler = try Sampler(SamplingParameters(topK: 2, logitBias: [5: 1]), seed: 1)
        #expect(throws: SamplingError.mismatchedCandidates(what: "extra logits", found: 0, expected: 1)) {
            try sampler.sample(Candidates(ids: [1], logits: [2]), history: [], position: 0)
        }
        #expect(throws: SamplingError.mismatchedCandidates(what: "logits", found: 1, expected: 2)) {
            try sampler.sample(Candidates(ids: [1, 2], logits: [2], extra: [1]), history: [], position: 0)
        }
        #expect(throws: SamplingError.invalidLogit(token: 1, found: .infinity)) {
            try sampler.sample(Candidates(full: [0, .infinity]), history: [], position: 0)
        }
        #expect(throws: SamplingError.noCandidates) {
            try sampler.sample(Candidates(full: [-.infinity, -.infinity]), history: [], position: 0)
        }
        let whole = try Sampler(Self.off, seed: 1)
        #expect(throws: SamplingError.self) {
            try whole.sample(Candidates(ids: [1], logits: [2]), history: [], position: 0)
        }
        #expect(throws: SamplingError.self) { try whole.sample(Candidates(full: [.nan, 1]), history: [], position: 0) }
    }
}
