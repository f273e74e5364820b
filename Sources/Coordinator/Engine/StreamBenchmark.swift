import Scheduling
import Simulation

/// Measures how fast a generator answers several requests at once, and how long each waits.
public struct StreamBenchmark: Sendable {
    /// The delays between an answer's tokens, alone and during another request's prefill, in seconds.
    public struct Disturbance: Sendable, Encodable {
        /// Number of tokens of the other request's prompt.
        public var promptTokens: Int
        /// Median and 99th percentile of the delays, alone and during the prefill.
        public var medianAlone: Double, p99Alone: Double, medianBeside: Double, p99Beside: Double
        /// Duration of that prefill, and its duration alone.
        public var promptSeconds: Double, promptSecondsAlone: Double
    }

    /// The first two turns of a conversation. The second prompt is the first with its answer and some more tokens.
    public struct Conversation: Sendable, Encodable {
        /// Number of tokens of the two prompts, and how many of the second the prefix cache had.
        public var promptTokens: Int, secondPromptTokens: Int, reusedTokens: Int
        /// Seconds to the first token of each turn, and the ratio of the second to the first.
        public var firstTurn: Double, secondTurn: Double, ratio: Double
    }

    private let generator: any TextGenerator
    private let vocabulary: Int

    /// A benchmark of `generator`, with tokens below `vocabulary`.
    public init(_ generator: any TextGenerator, vocabulary: Int) {
        self.generator = generator
        self.vocabulary = vocabulary
    }

    /// Runs `streams` requests at once, first for one token to time the prefill, then with answers of `tokens` tokens.
    /// Every run needs its own `seed`, so that no prompt begins like one of an earlier run.
    public func run(streams: Int, promptTokens: Int, tokens: Int, seed: Int) async throws -> StreamReport {
        let prompts = (0..<streams).map { prompt(promptTokens, seed: seed &* 1009 &+ $0) }
        let first = try await all(prompts, limit: 1)
        let waits = first.times.map { $0[0] }.sorted()
        let answers = try await all(prompts, limit: tokens)
        let again = StreamReport.share(answers.times.map { $0[0] }.sorted(), 0.5)
        let speed = Double(streams * tokens) / answers.seconds
        return StreamReport(
            streams: streams, promptTokens: promptTokens, tokens: tokens,
            promptSpeed: Double(streams * promptTokens) / first.seconds,
            firstTokenMedian: StreamReport.share(waits, 0.5),
            firstTokenP99: StreamReport.share(waits, 0.99), firstTokenAgain: again, speed: speed,
            speedPerStream: speed / Double(streams))
    }

    /// Measures an answer's delays during the prefill of a prompt of `promptTokens`.
    public func disturbance(promptTokens: Int, seed: Int) async throws -> Disturbance {
        let alone = try await all([prompt(32, seed: seed &* 1009)], limit: 64)
        let undisturbed = try await all([prompt(promptTokens, seed: seed &* 1009 &+ 1)], limit: 1).seconds
        let long = prompt(promptTokens, seed: seed &* 1009 &+ 2)
        let answer = try await generator.generate(request(prompt(32, seed: seed &* 1009 &+ 3), limit: nil))
        var delays: [Double] = [], last: ContinuousClock.Instant?, count = 0
        let finished = Flag()
        var reading: Task<Double, any Error>?
        for try await event in answer {
            guard case .token = event else { continue }
            let now = ContinuousClock.now
            if let last, reading != nil { delays.append((now - last) / .seconds(1)) }
            last = now
            count += 1
            if count == 16 {  // the answer is running: start the prefill
                reading = Task {
                    let seconds = try await self.all([long], limit: 1).seconds
                    await finished.raise()
                    return seconds
                }
            }
            if await finished.isRaised { break }
        }
        let quiet = Self.gaps(alone.times[0]).sorted(), loud = delays.sorted()
        return Disturbance(
            promptTokens: promptTokens, medianAlone: StreamReport.share(quiet, 0.5),
            p99Alone: StreamReport.share(quiet, 0.99),
            medianBeside: StreamReport.share(loud, 0.5), p99Beside: StreamReport.share(loud, 0.99),
            promptSeconds: try await reading?.value ?? 0,
            promptSecondsAlone: undisturbed)
    }

    /// Measures two turns: a prompt of `promptTokens` with an answer of `tokens`, then a question of `questionTokens`.
    public func conversation(promptTokens: Int, tokens: Int, questionTokens: Int, seed: Int) async throws
        -> Conversation
    {
        let first = prompt(promptTokens, seed: seed &* 1009)
        let one = try await turn(first, limit: tokens)
        let second = first + one.tokens + prompt(questionTokens, seed: seed &* 1009 &+ 1)
        let two = try await turn(second, limit: 1)
        return Conversation(
            promptTokens: promptTokens, secondPromptTokens: second.count, reusedTokens: two.reused,
            firstTurn: one.seconds,
            secondTurn: two.seconds, ratio: two.seconds / one.seconds)
    }

    /// Runs one turn; returns the seconds to the first token, all tokens, and how many of the prompt's tokens were
    /// cached.
    private func turn(_ prompt: [Int32], limit: Int) async throws -> (seconds: Double, tokens: [Int32], reused: Int) {
        let start = ContinuousClock.now
        var seconds = 0.0, tokens: [Int32] = [], reused = 0
        for try await event in try await generator.generate(request(prompt, limit: limit)) {
            switch event {
            case .token(let token):
                if tokens.isEmpty { seconds = (ContinuousClock.now - start) / .seconds(1) }
                tokens.append(token.id)
            case .end(let summary): reused = summary.reusedTokens
            case .queued, .prompt, .scores: break
            }
        }
        return (seconds, tokens, reused)
    }

    private actor Flag {
        private(set) var isRaised = false
        func raise() { isRaised = true }
    }

    private func request(_ prompt: [Int32], limit: Int?) -> GenerationRequest {
        GenerationRequest(prompt: prompt, sampling: .init(temperature: 0), ends: [], limit: limit, speculates: false)
    }

    /// Arbitrary tokens, since the work does not depend on them.
    private func prompt(_ count: Int, seed: Int) -> [Int32] {
        (0..<count).map {
            Int32(truncatingIfNeeded: UInt(bitPattern: ($0 &+ 1) &* 7919 &+ (seed &+ 1) &* 104_729) % UInt(vocabulary))
        }
    }

    /// Runs all prompts at once; returns the seconds until all were answered, and the times of each one's tokens.
    private func all(_ prompts: [[Int32]], limit: Int) async throws -> (seconds: Double, times: [[Double]]) {
        let start = ContinuousClock.now
        let times = try await withThrowingTaskGroup(of: (Int, [Double]).self) { group in
            for (i, prompt) in prompts.enumerated() {
                group.addTask {
                    var times: [Double] = []
                    for try await event in try await generator.generate(request(prompt, limit: limit)) {
                        if case .token = event { times.append((ContinuousClock.now - start) / .seconds(1)) }
                    }
                    return (i, times)
                }
            }
            var times = [[Double]](repeating: [], count: prompts.count)
            for try await (i, t) in group { times[i] = t }
            return times
        }
        return ((ContinuousClock.now - start) / .seconds(1), times)
    }

    private static func gaps(_ times: [Double]) -> [Double] { zip(times.dropFirst(), times).map { $0 - $1 } }
}
