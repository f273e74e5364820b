/// The work that a plan is made for. Of all pipelines a plan takes one that does this work in the least time.
///
/// The requests arrive together: first their prompts pass through the stages, frame after frame, then all of them are
/// answered at the same time.
public struct Workload: Sendable, Equatable, CustomStringConvertible {
    /// Tokens of each prompt and of each answer; not both 0.
    public var promptTokens: Int, answerTokens: Int
    /// Requests at the same time, at least 1.
    public var streams: Int

    /// A workload with these values.
    public init(promptTokens: Int, answerTokens: Int, streams: Int) {
        self.promptTokens = promptTokens
        self.answerTokens = answerTokens
        self.streams = streams
    }

    /// One person who asks a model that thinks before it answers.
    public static let reasoning = Workload(promptTokens: 1000, answerTokens: 2000, streams: 1)
    /// The next token soon: short prompts, long answers, one at a time.
    public static let latency = Workload(promptTokens: 64, answerTokens: 1024, streams: 1)
    /// Most tokens of many answers.
    public static let throughput = Workload(promptTokens: 256, answerTokens: 1024, streams: 16)

    /// The greatest number of tokens, and of streams, in a workload.
    private static let most = 10_000_000, mostStreams = 4096

    /// The workload that `text` names: tokens of a prompt, tokens of an answer, and requests at the same time, as in
    /// 1000:2000:1. The last may be left out if it is 1. Nil if it is anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2 || parts.count == 3, let prompt = parts[0], let answer = parts[1],
            let streams = parts.count == 3 ? parts[2] : 1, (0...Self.most).contains(prompt),
            (0...Self.most).contains(answer), (1...Self.mostStreams).contains(streams), prompt + answer > 0
        else { return nil }
        self.init(promptTokens: prompt, answerTokens: answer, streams: streams)
    }

    /// As `init(_:)` reads it.
    public var description: String { "\(promptTokens):\(answerTokens):\(streams)" }

    /// Micro-batches in which `stages` stages answer the requests, and the rows of each.
    func microBatches(_ stages: Int) -> (count: Int, rows: Int) {
        let count = max(min(streams, stages), 1)
        return (count, (streams + count - 1) / count)
    }
}

/// What a plan optimizes.
public enum PlanningGoal: Sendable, Equatable {
    /// The time of some work.
    case time(of: Workload)
    /// Every node is used, in the given order. The cut makes prefill fast, and decode with many sequences nearly as
    /// fast as possible.
    case even

    /// The least time from one token of an answer to the next.
    public static let latency = PlanningGoal.time(of: .latency)
    /// The most tokens per second with many sequences.
    public static let throughput = PlanningGoal.time(of: .throughput)

    /// The goal that `text` names: latency, throughput, even, or a workload such as 1000:2000:1; nil for others.
    public init?(_ text: String) {
        switch text {
        case "latency": self = .latency
        case "throughput": self = .throughput
        case "even": self = .even
        default:
            guard let workload = Workload(text) else { return nil }
            self = .time(of: workload)
        }
    }
}
