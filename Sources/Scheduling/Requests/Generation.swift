import Sampling

/// An answer that somebody wants.
public struct GenerationRequest: Sendable {
    /// The prompt; never empty.
    public var prompt: [Int32]
    /// How tokens are chosen. Without a seed every request draws its own.
    public var sampling: SamplingParameters
    /// Tokens that end the answer; they are not part of it.
    public var ends: Set<Int32>
    /// The most tokens of the answer; nil: until the context is full.
    public var limit: Int?
    /// Who asks: requests of one client are served in their order, clients take turns.
    public var client: String
    /// How many of the likeliest tokens to report beside each token, with logprobs; 0 reports the token's own, nil
    /// nothing.
    public var logprobs: Int?
    /// What the answer must look like.
    public var constraint: (any TokenConstraint)?
    /// Whether tokens may be drafted ahead. It changes the speed, never the answer.
    public var speculates: Bool

    /// A request.
    public init(
        prompt: [Int32], sampling: SamplingParameters, ends: Set<Int32>, limit: Int? = nil, client: String = "",
        logprobs: Int? = nil, constraint: (any TokenConstraint)? = nil, speculates: Bool = true
    ) {
        self.prompt = prompt
        self.sampling = sampling
        self.ends = ends
        self.limit = limit
        self.client = client
        self.logprobs = logprobs
        self.constraint = constraint
        self.speculates = speculates
    }
}

/// A token of an answer.
public struct GeneratedToken: Sendable, Equatable {
    /// A token and the natural logarithm of its probability at temperature 1.
    public struct Logprob: Sendable, Equatable {
        public var id: Int32, logprob: Float

        /// A `Logprob` of these values.
        public init(id: Int32, logprob: Float) {
            self.id = id
            self.logprob = logprob
        }
    }

    /// The token, and its logprob when they were asked for.
    public var id: Int32, logprob: Float?
    /// The likeliest tokens in its place, best first, as many as were asked for.
    public var top: [Logprob]

    /// A `GeneratedToken` of these values.
    public init(id: Int32, logprob: Float? = nil, top: [Logprob] = []) {
        self.id = id
        self.logprob = logprob
        self.top = top
    }
}

/// What an answer took. Times in seconds.
public struct GenerationSummary: Sendable, Equatable {
    /// Why an answer ended.
    public enum Ending: String, Sendable {
        /// The model said so.
        case stop
        /// The limit of tokens was reached.
        case limit
        /// The context is full.
        case contextFull
    }

    /// Why the answer ended.
    public var ending: Ending
    /// Tokens of the prompt, and how many of them were still known from before.
    public var promptTokens: Int, reusedTokens: Int
    /// Tokens of the answer, the ending one not counted.
    public var answerTokens: Int
    /// Tokens that were drafted, and how many of them were right.
    public var draftTokens: Int, acceptedTokens: Int
    /// From the request to the first frame; from there to the first token; from the first token to the last.
    public var queueSeconds: Double, promptSeconds: Double, answerSeconds: Double

    /// A `GenerationSummary` of these values.
    public init(
        ending: Ending, promptTokens: Int, reusedTokens: Int = 0, answerTokens: Int, draftTokens: Int = 0,
        acceptedTokens: Int = 0,
        queueSeconds: Double = 0, promptSeconds: Double = 0, answerSeconds: Double = 0
    ) {
        self.ending = ending
        self.promptTokens = promptTokens
        self.reusedTokens = reusedTokens
        self.answerTokens = answerTokens
        self.draftTokens = draftTokens
        self.acceptedTokens = acceptedTokens
        self.queueSeconds = queueSeconds
        self.promptSeconds = promptSeconds
        self.answerSeconds = answerSeconds
    }
}

/// What happens to a request, in this order: queued (any number of times), prompt (at least once), token (any number of
/// times), end (once, the last).
public enum GenerationEvent: Sendable, Equatable {
    /// It waits; this many requests are before it.
    case queued(ahead: Int)
    /// So many tokens of the prompt have been read; the first ones may have been known from before.
    case prompt(done: Int, of: Int, reused: Int)
    case token(GeneratedToken)
    case end(GenerationSummary)
}

/// What is going on, for health and metrics. Totals count from the start.
public struct GenerationLoad: Sendable, Equatable {
    /// Requests that wait, and that are being answered.
    public var queued = 0, running = 0
    /// KV blocks in use by running requests, kept for reuse, and in all.
    public var blocksUsed = 0, blocksCached = 0, blocksTotal = 0
    /// Tokens of prompts, of those reused, of answers, drafted, and accepted.
    public var promptTokens = 0, reusedTokens = 0, answerTokens = 0, draftTokens = 0, acceptedTokens = 0
    /// Parts of frames that the stages did not compute to the end because a draft before them was wrong.
    public var cancelledParts = 0
    /// Requests that were made, and of these: that ended, that were cancelled, that were refused, and that failed. The
    /// others wait or are being answered.
    public var started = 0, ended = 0, cancelled = 0, refused = 0, failed = 0
    /// Requests that had to give up their blocks for a while.
    public var preempted = 0

    /// An empty one.
    public init() {}
}

/// Answers requests, many at a time. What serves HTTP and the chat knows only this.
public protocol TextGenerator: Sendable {
    /// Positions there are for a prompt and its answer together.
    var contextLength: Int { get }
    /// Begins to answer. Throws at once when the request cannot be served (`.contextExceeded`, or `.busy` when too many
    /// wait). Ending the stream's consumption, or its task, cancels the request and frees all it holds.
    func generate(_ request: GenerationRequest) async throws -> AsyncThrowingStream<GenerationEvent, any Error>
    /// What is going on.
    func load() async -> GenerationLoad
}
