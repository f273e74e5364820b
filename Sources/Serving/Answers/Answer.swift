import Coordinator
import JSON
import Sampling
import Scheduling
import Tokenizer

/// A request for an answer, independent of the client's dialect.
struct AnswerRequest: Sendable {
    var prompt: [Int32]
    var sampling: SamplingParameters
    var stops: [String] = []
    var limit: Int?
    var client = ""
    var logprobs: Int?
    var grammar: JSONGrammar?
    /// Tokens that end it besides the vocabulary's own, and whether it includes the stop string that ended it.
    var ends: Set<Int32> = [], showsStop = false
    /// Whether thinking is a part of the answer, and whether it ends with its first tool call.
    var showsThinking = true, endsAfterCall = false
    /// Whether the prompt's own tokens are reported with their logprobs.
    var scoresPrompt = false
    /// The request's field with the prompt, for errors.
    var promptField = "messages"
    /// Whether thinking is separated from the answer, and whether the answer begins inside the thinking.
    var splitsThinking = true, startsInThinking = false
    /// The schemas of the parameters of the tools whose calls are parsed, by name; nil: none are.
    var tools: [String: JSONValue]?
    /// Number of answers to give.
    var choices = 1
}

/// An event of an answer. `choice` counts from 0.
enum AnswerEvent: Sendable {
    case queued(ahead: Int)
    case prompt(done: Int, of: Int)
    /// The next of the prompt's tokens, from its second on.
    case scores(choice: Int, [TokenLogprob])
    case parts(choice: Int, [AnswerParser.Part], [TokenLogprob])
    case end(choice: Int, AnswerEnd)
    /// Sent regularly to show that the answer is still running.
    case pause
}

/// A token of an answer with its logprob, and those of the likeliest tokens at its position.
struct TokenLogprob: Sendable {
    var token: GeneratedToken
}

/// How an answer ended.
struct AnswerEnd: Sendable {
    var summary: GenerationSummary
    var stop: String?, thinkingTokens = 0, calls = 0
    /// Its text as the model wrote it including tags, and its tokens.
    var raw = "", tokens: [Int32] = []
    /// Total time in seconds.
    var seconds = 0.0
}
