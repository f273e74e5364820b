import Coordinator
import Scheduling
import Sampling
import Tokenizer

/// What a client wants, in whichever dialect it said so.
struct AnswerRequest: Sendable {
    var prompt: [Int32]
    var sampling: SamplingParameters
    var stops: [String] = []
    var limit: Int?
    var client = ""
    var logprobs: Int?
    var grammar: JSONGrammar?
    /// Whether thinking is told from the answer, whether the answer begins with it, and whether calls of tools are
    /// looked for.
    var splitsThinking = true, startsInThinking = false, findsCalls = false
    /// Whether the answer starts anew for each choice.
    var choices = 1
}

/// What happens while a client is answered. `choice` counts from 0.
enum AnswerEvent: Sendable {
    case queued(ahead: Int)
    case prompt(done: Int, of: Int)
    case parts(choice: Int, [AnswerParser.Part], [TokenLogprob])
    case end(choice: Int, AnswerEnd)
    /// Nothing has happened for a while.
    case pause
}

/// A token of an answer with its logprob and those of the likeliest ones in its place.
struct TokenLogprob: Sendable {
    var token: GeneratedToken
}

/// How an answer ended.
struct AnswerEnd: Sendable {
    var summary: GenerationSummary
    var stop: String?, thinkingTokens = 0, calls = 0
    /// Its text as the model wrote it, and its tokens.
    var raw = "", tokens: [Int32] = []
    /// Whole time in seconds.
    var seconds = 0.0
}
