import Sampling
import Wire

/// One request on its way from prompt to end: its tokens, and what the stages hold of them.
struct Job: Sendable {
    /// Its number, and who asks.
    let id: Int, client: String
    let ends: Set<Int32>
    /// The most tokens of the answer, and whether some may be drafted.
    let limit: Int, speculates: Bool
    let promptCount: Int
    var chooser: TokenChooser

    /// Prompt, answer so far, and behind `known` tokens what is drafted of the rest.
    var tokens: [Int32]
    var known: Int
    /// Positions whose rows have left for the stages, as far as they are right or may be: `sent` > `known` are draft tokens.
    var sent = 0
    /// Raised when what is in flight has become useless: a draft was wrong, or the blocks were taken away.
    var generation = 0
    /// Frames in flight on this generation.
    var underWay = 0
    /// The next row's logits are wanted whole.
    var wantsAll = false

    /// Its number on the stages and its blocks there, while it is served.
    var sequence: UInt32?
    var blocks: [UInt32] = []
    /// The node of the last block that is kept, and how many are; nil when its history is kept no longer.
    var node: Int? = BlockPool.root
    var cachedCount = 0
    /// When it was first served, in turns; the youngest gives way when blocks run out.
    var age: Int?
    /// When its next row became due, in turns.
    var due = 0

    /// Where draft tokens come from, those in flight among them.
    var lookup: PromptLookup?, sources: [DraftSource] = []
    /// What a draft model expects behind `tokens`; its generation is raised when it expected something else.
    var draft: [Int32] = [], draftGeneration = 0
    /// The draft model has read the prompt; it cannot go on.
    var draftBegun = false, draftEnded = false
    /// How many drafted tokens the row that is due waits for.
    var draftWanted = 0
    var ahead: Int?
    var submitted: Double, started: Double?, firstToken: Double?, lastToken = 0.0
    var reused = 0, drafted = 0, accepted = 0

    init(id: Int, _ request: GenerationRequest, limit: Int, speculates: Bool, now: Double) throws(SamplingError) {
        self.id = id
        client = request.client
        ends = request.ends
        self.limit = limit
        self.speculates = speculates
        chooser = try TokenChooser(request)
        tokens = request.prompt
        known = request.prompt.count
        promptCount = request.prompt.count
        submitted = now
    }

    /// Tokens of the answer so far.
    var answerCount: Int { known - promptCount }
    /// Whether more than the one next row is still to be computed before a token can be drawn.
    var isPrefilling: Bool { known - sent > 1 }
    /// Whether a row can be sent whose token is known.
    var isDue: Bool { sent < known }
    /// Positions whose keys and values are right for certain.
    var confirmed: Int { min(sent, known) }
    /// Whether somebody still waits for the first token.
    var isDecoding: Bool { firstToken != nil }

    /// Its number on the stages, of a request that is served.
    var stageSequence: UInt32 {
        guard let sequence else { preconditionFailure("request \(id) is not served") }
        return sequence
    }
    /// When it was first served, in turns, of a request that is or was served.
    var seniority: Int {
        guard let age else { preconditionFailure("request \(id) was never served") }
        return age
    }

    /// What it took, when it ends.
    func summary(_ ending: GenerationSummary.Ending, now: Double) -> GenerationSummary {
        let started = started ?? now, first = firstToken ?? now
        return GenerationSummary(
            ending: ending, promptTokens: promptCount, reusedTokens: reused, answerTokens: answerCount,
            draftTokens: drafted,
            acceptedTokens: accepted, queueSeconds: started - submitted, promptSeconds: first - started,
            answerSeconds: max(lastToken - first, 0))
    }
}
