import Candidates
import Testing

@testable import Sampling

/// The few requested candidates always give the same token as the whole vocabulary.
struct SamplerExactnessTests {
    static let vocabulary = 2000

    /// Logits with many ties and some -infinity, so that order matters.
    static func logits(_ numbers: inout SeededNumbers) -> [Float] {
        let coarse = Bool.random(using: &numbers)
        let spread = Float.random(in: 0.5...20, using: &numbers)
        return (0..<vocabulary).map { _ in
            if Int.random(in: 0..<100, using: &numbers) == 0 { return -.infinity }
            let value = Float.random(in: -spread...spread, using: &numbers)
            return coarse ? (value * 4).rounded() / 4 : value
        }
    }

    static func parameters(_ numbers: inout SeededNumbers, temperature: Float?) -> SamplingParameters {
        func maybe(_ range: ClosedRange<Float>, else off: Float) -> Float {
            Bool.random(using: &numbers) ? Float.random(in: range, using: &numbers) : off
        }
        var parameters = SamplingParameters()
        parameters.temperature = temperature ?? Float.random(in: 0.05...3, using: &numbers)
        parameters.topK = Int.random(in: 1...60, using: &numbers)
        parameters.topP = maybe(0.01...1, else: 1)
        parameters.minP = maybe(0...0.5, else: 0)
        parameters.repeatPenalty = maybe(0.4...2, else: 1)
        parameters.presencePenalty = maybe(-2...2, else: 0)
        parameters.frequencyPenalty = maybe(-2...2, else: 0)
        parameters.repeatLastN = [-1, 0, 8, 64].randomElement(using: &numbers)!
        for _ in 0..<Int.random(in: 0...10, using: &numbers) {
            // Some ids are outside the vocabulary.
            let id = Int32.random(in: 0..<Int32(vocabulary) + 20, using: &numbers)
            let bias = Float.random(in: -30...30, using: &numbers)
            parameters.logitBias[id] = Int.random(in: 0..<5, using: &numbers) == 0 ? -.infinity : bias
        }
        return parameters
    }

    static func history(_ numbers: inout SeededNumbers, logits: [Float]) -> [Int32] {
        // Half of the history consists of the best tokens, where a penalty matters.
        let best = logits.indices.sorted { logits[$0] > logits[$1] }.prefix(50).map { Int32($0) }
        return (0..<Int.random(in: 0...100, using: &numbers)).map { _ in
            Bool.random(using: &numbers)
                ? best.randomElement(using: &numbers)! : Int32.random(in: 0..<Int32(vocabulary), using: &numbers)
        }
    }

    @Test(arguments: [nil, 0] as [Float?], [1, 2, 3, 4] as [UInt64])
    func fewCandidatesGiveTheTokenOfTheWholeVocabulary(_ temperature: Float?, _ seed: UInt64) throws {
        var numbers = SeededNumbers(seed)
        for round in 0..<600 {
            let logits = Self.logits(&numbers)
            let history = Self.history(&numbers, logits: logits)
            let sampler = try Sampler(Self.parameters(&numbers, temperature: temperature), seed: numbers.next())
            let request = sampler.request(history: history[...])
            #expect((1...60 + 110).contains(request.top))
            let few = answer(request, from: logits)
            for position in round..<round + 3 {
                let expected = try sampler.sample(Candidates(full: logits), history: history[...], position: position)
                let found = try sampler.sample(few, history: history[...], position: position)
                #expect(found == expected, "\(sampler.parameters)")
            }
        }
    }

    /// A constraint that allows some of the tokens, and can list them or not.
    struct Some: TokenConstraint {
        var permits: [Bool], lists: Bool

        func allows(_ token: Int32) -> Bool { permits.indices.contains(Int(token)) && permits[Int(token)] }
        func allowed(atMost count: Int) -> [Int32]? {
            let found = permits.indices.filter { permits[$0] }
            return lists && found.count <= count ? found.map { Int32($0) } : nil
        }
        mutating func accept(_ token: Int32) {}
    }

    /// Under a constraint, the candidates decide as the whole vocabulary would, or report that they cannot decide.
    @Test(arguments: [nil, 0] as [Float?], [11, 12, 13, 14] as [UInt64])
    func underAConstraintTheChoiceIsThatOfTheWholeVocabulary(_ temperature: Float?, _ seed: UInt64) throws {
        var numbers = SeededNumbers(seed), decided = [true: 0, false: 0], wanted = 0
        for round in 0..<400 {
            let logits = Self.logits(&numbers), history = Self.history(&numbers, logits: logits)
            let sampler = try Sampler(Self.parameters(&numbers, temperature: temperature), seed: numbers.next())
            let lists = Bool.random(using: &numbers), every = [1, 2, 10, 100, 700].randomElement(using: &numbers)!
            var constraint = Some(
                permits: logits.map { _ in Int.random(in: 0..<every, using: &numbers) == 0 }, lists: lists)
            // When penalties lower all allowed candidates, a token that is not a candidate may rank before them.
            if Int.random(in: 0..<3, using: &numbers) == 0 {
                let some = Set(
                    history.map { Int($0) } + (0..<5).map { _ in Int.random(in: 0..<Self.vocabulary, using: &numbers) })
                constraint.permits = logits.indices.map { some.contains($0) }
            }
            // Ensures that some token can be drawn, whatever the biases.
            let sure = logits.indices.first {
                logits[$0] > -.infinity && sampler.parameters.logitBias[Int32($0)] == nil
            }!
            constraint.permits[sure] = true
            let request = sampler.request(history: history[...], constraint: constraint),
                few = answer(request, from: logits)
            for position in round..<round + 3 {
                let expected = try sampler.sample(
                    Candidates(full: logits), history: history[...], position: position, constraint: constraint)
                let whole = try sampler.choose(
                    Candidates(full: logits), history: history[...], position: position, constraint: constraint)
                #expect(whole == expected)
                let found = try sampler.choose(few, history: history[...], position: position, constraint: constraint)
                if found == nil { wanted += 1 } else { #expect(found == expected, "\(sampler.parameters)") }
                decided[lists, default: 0] += found == nil ? 0 : 1
                #expect(found != nil || !lists)
            }
        }
        #expect(decided[true]! > 100 && decided[false]! > 100 && wanted > 5)
    }

    /// Compares with the definition: adjust all logits, take the best.
    @Test(arguments: [5, 6, 7] as [UInt64])
    func greedyTakesTheBestAdjustedLogit(_ seed: UInt64) throws {
        var numbers = SeededNumbers(seed)
        for _ in 0..<200 {
            var logits = Self.logits(&numbers)
            let history = Self.history(&numbers, logits: logits)
            let p = Self.parameters(&numbers, temperature: 0)
            let sampler = try Sampler(p, seed: 1)
            let few = answer(sampler.request(history: history[...]), from: logits)
            for (id, bias) in p.logitBias where Int(id) < logits.count { logits[Int(id)] += bias }
            let window = p.repeatLastN < 0 ? history : history.suffix(p.repeatLastN)
            for id in Set(window) {
                let x = logits[Int(id)]
                let n = Float(window.filter { $0 == id }.count)
                logits[Int(id)] =
                    (x > 0 ? x / p.repeatPenalty : x * p.repeatPenalty) - (n * p.frequencyPenalty + p.presencePenalty)
            }
            let best = logits.indices.min { logits[$0] != logits[$1] ? logits[$0] > logits[$1] : $0 < $1 }!
            #expect(try sampler.sample(few, history: history[...], position: 9) == Int32(best))
        }
    }

    @Test func topKOffAsksForTheWholeVocabularyUnlessGreedy() throws {
        let history: [Int32] = [1, 2, 2]
        let warm = try Sampler(SamplingParameters(topK: 0, repeatPenalty: 1.1))
        #expect(warm.request(history: history[...]) == CandidateRequest(top: 0))
        let greedy = try Sampler(SamplingParameters(temperature: 0, topK: 0, repeatPenalty: 1.1))
        #expect(greedy.request(history: history[...]) == CandidateRequest(top: 3))
    }

    @Test func asksForTokensThatMayRise() throws {
        let parameters = SamplingParameters(
            topK: 10, frequencyPenalty: 0.5, logitBias: [7: 2, 900: -1, 3: 0], seed: 1)
        let request = try Sampler(parameters).request(history: [4, 5, 4])
        #expect(request == CandidateRequest(top: 14, extra: [7]))
        let raising = try Sampler(SamplingParameters(topK: 10, repeatPenalty: 0.9)).request(history: [9, 4])
        #expect(raising == CandidateRequest(top: 12, extra: [4, 9]))
    }

    @Test func asksForTheWholeVocabularyWhenThatIsCheaper() throws {
        let sampler = try Sampler(SamplingParameters(repeatPenalty: 1.1, repeatLastN: -1))
        let history = (0..<Int32(CandidateRequest.mostCandidates)).map { $0 }
        #expect(sampler.request(history: history[...]) == CandidateRequest(top: 0))
        let window = history.suffix(CandidateRequest.mostCandidates - 40)
        #expect(sampler.request(history: window) == CandidateRequest(top: CandidateRequest.mostCandidates))
    }
}
