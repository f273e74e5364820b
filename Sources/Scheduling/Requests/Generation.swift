import Sampling

/// A request for an answer.
public struct GenerationRequest: Sendable {
    /// The tokens of the prompt; not empty.
    public var prompt: [Int32]
    /// How tokens are chosen. Without a seed, each request gets a random one.
    public var sampling: SamplingParameters
    /// Tokens that end the answer; they are not part of it.
    public var ends: Set<Int32>
    /// The most tokens of the answer, 0 to compute the prompt only; nil to continue until the context is full.
    public var limit: Int?
    /// The client. Requests of one client are served in order; clients take turns.
    public var client: String
    /// How many of the likeliest tokens to report with each token, with logprobs. 0 reports only the token's own
    /// logprob, nil nothing.
    public var logprobs: Int?
    /// Whether to report the prompt's own tokens with their logprobs as well, `logprobs` of the likeliest in each
    /// place. Nothing of the prompt is then taken from the prefix cache, since logits are not kept.
    public var scoresPrompt: Bool
    /// The form that the answer must have.
    public var constraint: (any TokenConstraint)?
    /// Whether tokens may be drafted. It changes the speed, never the answer.
    public var speculates: Bool

    /// A request with these values.
    public init(
        prompt: [Int32], sampling: SamplingParameters, ends: Set<Int32>, limit: Int? = nil, client: String = "",
        logprobs: Int? = nil, scoresPrompt: Bool = false, constraint: (any TokenConstraint)? = nil,
        speculates: Bool = true
    ) {
        self.prompt = prompt
        self.sampling = sampling
        self.ends = ends
        self.limit = limit
        self.client = client
        self.logprobs = logprobs
        self.scoresPrompt = scoresPrompt
        self.constraint = constraint
        self.speculates = speculates
    }
}

/// A token of an answer.
public struct GeneratedToken: Sendable, Equatable {
    /// A token and the natural logarithm of its probability at temperature 1.
    public struct Logprob: Sendable, Equatable {
        /// The token and its logprob.
        public var id: Int32, logprob: Float

        /// A `Logprob` with these values.
        public init(id: Int32, logprob: Float) {
            self.id = id
            self.logprob = logprob
        }
    }

    /// The token, and its logprob if the request asked for logprobs.
    public var id: Int32, logprob: Float?
    /// The likeliest tokens in its place, best first, as many as the request asked for.
    public var top: [Logprob]

    /// A `GeneratedToken` with these values.
    public init(id: Int32, logprob: Float? = nil, top: [Logprob] = []) {
        self.id = id
        self.logprob = logprob
        self.top = top
    }
}

/// The counts and times of an answer. Times are in seconds.
public struct GenerationSummary: Sendable, Equatable {
    /// The reasons for the end of an answer.
    public enum Ending: String, Sendable {
        /// The model chose an end token.
        case stop
        /// The limit of tokens was reached.
        case limit
        /// The context is full.
        case contextFull
    }

    /// Why the answer ended.
    public var ending: Ending
    /// Tokens of the prompt, and how many of them were found in the prefix cache.
    public var promptTokens: Int, reusedTokens: Int
    /// Tokens of the answer, without the end token.
    public var answerTokens: Int
    /// Draft tokens, and how many of them were accepted.
    public var draftTokens: Int, acceptedTokens: Int
    /// From the request until it is served; from then to the first token; from the first token to the last.
    public var queueSeconds: Double, promptSeconds: Double, answerSeconds: Double

    /// A `GenerationSummary` with these values.
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

/// The events of a request, in this order: queued (any number of times), prompt (at least once) and scores (if
/// requested), token (any number of times), end (once, as the last).
public enum GenerationEvent: Sendable, Equatable {
    /// It waits; this many requests are before it.
    case queued(ahead: Int)
    /// The prefill has done this many tokens of the prompt; the first `reused` came from the prefix cache.
    case prompt(done: Int, of: Int, reused: Int)
    /// The next of the prompt's tokens, from its second on, with their logprobs.
    case scores([GeneratedToken])
    case token(GeneratedToken)
    case end(GenerationSummary)
}

/// The load, for health and metrics. Totals count from the start.
public struct GenerationLoad: Sendable, Equatable {
    /// Requests that wait, and requests that are served.
    public var queued = 0, running = 0
    /// KV blocks of running requests, blocks that only the prefix cache has, and all blocks.
    public var blocksUsed = 0, blocksCached = 0, blocksTotal = 0
    /// Totals of tokens: in prompts, reused from the prefix cache, in answers, drafted, and accepted.
    public var promptTokens = 0, reusedTokens = 0, answerTokens = 0, draftTokens = 0, acceptedTokens = 0
    /// Segments that some stage did not compute because they were cancelled.
    public var cancelledParts = 0
    /// All requests, and how many ended, were cancelled, were refused, and failed. The others wait or are served.
    public var started = 0, ended = 0, cancelled = 0, refused = 0, failed = 0
    /// How many times a request was preempted, that is, lost its blocks.
    public var preempted = 0

    /// No load.
    public init() {}
}

/// Answers requests, many at a time. The HTTP server and the chat use only this protocol.
public protocol TextGenerator: Sendable {
    /// Positions for a prompt and its answer together.
    var contextLength: Int { get }
    /// Begins an answer. Throws at once if the request cannot be served (`.contextExceeded`, or `.busy` if too many
    /// wait). If the stream is no longer consumed, or its task ends, the request is cancelled and its memory freed.
    func generate(_ request: GenerationRequest) async throws -> AsyncThrowingStream<GenerationEvent, any Error>
    /// The current load and the totals since the start.
    func load() async -> GenerationLoad
}
