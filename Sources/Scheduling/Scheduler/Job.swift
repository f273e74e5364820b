import Sampling
import Wire

/// One request from prompt to end: its tokens, and which of them the stages have.
struct Job: Sendable {
    /// Its number, and its client.
    let id: Int, client: String
    let ends: Set<Int32>
    /// The most tokens of the answer, and whether tokens may be drafted.
    let limit: Int, speculates: Bool
    let promptCount: Int
    /// Whether the prompt's tokens are reported, and how many positions of it have been so far.
    let scoresPrompt: Bool
    var scored = 0
    var chooser: TokenChooser

    /// Prompt and answer so far, `known` tokens in all, then draft tokens.
    var tokens: [Int32]
    var known: Int
    /// Positions whose rows were sent to the stages and may be right; those beyond `known` are draft tokens.
    var sent = 0
    /// Raised when its rows in flight are cancelled: a draft was rejected, or its blocks were taken away.
    var generation = 0
    /// Frames in flight with rows of this generation.
    var inFlight = 0
    /// Whether the next row needs the logits of the whole vocabulary.
    var wantsAll = false

    /// Its number on the stages and its blocks there, while it is served.
    var sequence: UInt32?
    var blocks: [UInt32] = []
    /// The node of its last cached block (nil if its history was evicted), and the number of its cached blocks.
    var node: Int? = BlockPool.root
    var cachedCount = 0
    /// When it was first served, in turns. The youngest is preempted when blocks run out.
    var age: Int?
    /// When its next row became due, in turns.
    var due = 0

    /// The prompt lookup, and the sources of the draft tokens in `tokens`.
    var lookup: PromptLookup?, sources: [DraftSource] = []
    /// The draft model's tokens after `tokens`. The generation is raised when the tokens turn out different.
    var draft: [Int32] = [], draftGeneration = 0
    /// Whether the draft model has done the prompt, and whether it cannot continue.
    var draftStarted = false, draftEnded = false
    /// How many tokens of the draft model the row that is due waits for.
    var draftWanted = 0
    /// Requests before it in the queue, as last reported.
    var ahead: Int?
    var submitted: Double, started: Double?, firstToken: Double?, lastToken = 0.0
    var reused = 0, drafted = 0, accepted = 0

    init(id: Int, _ request: GenerationRequest, limit: Int, speculates: Bool, now: Double) throws(SamplingError) {
        self.id = id
        client = request.client
        ends = request.ends
        self.limit = limit
        self.speculates = speculates && limit > 0
        scoresPrompt = request.scoresPrompt
        chooser = try TokenChooser(request)
        tokens = request.prompt
        known = request.prompt.count
        promptCount = request.prompt.count
        submitted = now
    }

    /// Tokens of the answer so far.
    var answerCount: Int { known - promptCount }
    /// Whether more rows than one must be sent before a token can be chosen.
    var isPrefilling: Bool { known - sent > 1 }
    /// Whether a row with a known token can be sent.
    var isDue: Bool { sent < known }
    /// Positions that were sent and whose tokens are certain.
    var confirmed: Int { min(sent, known) }
    /// How many tokens at the beginning may come from the prefix cache. The row of the last one must be computed for
    /// its logits, and so must those of the prompt that are still to be reported.
    var reusable: Int { scoresPrompt ? min(scored, known - 1) : known - 1 }
    /// Whether the first token of the answer has been chosen.
    var isDecoding: Bool { firstToken != nil }

    /// Its number on the stages; the request must be served.
    var stageSequence: UInt32 {
        guard let sequence else { preconditionFailure("request \(id) is not served") }
        return sequence
    }
    /// When it was first served, in turns; the request must be, or have been, served.
    var seniority: Int {
        guard let age else { preconditionFailure("request \(id) was never served") }
        return age
    }

    /// The summary at its end.
    func summary(_ ending: GenerationSummary.Ending, now: Double) -> GenerationSummary {
        let started = started ?? now, first = firstToken ?? now
        return GenerationSummary(
            ending: ending, promptTokens: promptCount, reusedTokens: reused, answerTokens: answerCount,
            draftTokens: drafted,
            acceptedTokens: accepted, queueSeconds: started - submitted, promptSeconds: first - started,
            answerSeconds: max(lastToken - first, 0))
    }
}
