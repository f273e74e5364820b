import ModelStore
import Sampling
import Scheduling
import Tokenizer

/// A conversation with the model: takes messages and streams the answers.
public actor Chat {
    /// The messages so far, the model's answers included.
    public private(set) var messages: [ChatMessage] = []
    /// The tokens of the last turn's prompt and answer.
    public private(set) var tokens: [Int32] = []
    /// The system message; nil: the template's default.
    public var system: String?
    /// How the next answer is sampled.
    public var sampling: SamplingParameters
    /// Whether earlier turns are remembered.
    public var remembers = true
    /// Stop strings, and the limit on an answer's tokens.
    public var stops: [String], limit: Int?
    /// What to do with a conversation that does not fit the context.
    public var overflow = Overflow.error

    /// The model's tokenizer and chat template.
    public nonisolated let tokenizer: Tokenizer, template: ChatTemplate
    private let generator: any TextGenerator

    /// Why an answer ended.
    public enum Ending: String, Sendable {
        /// The model ended it, or a stop string occurred.
        case stop
        /// The limit of tokens was reached.
        case limit
        /// The context is full.
        case contextFull
        /// The caller cancelled it.
        case cancelled
    }

    /// Counts and times of an answer.
    public struct Statistics: Sendable, Equatable {
        /// Number of the prompt's tokens, and how many of them the prefix cache had.
        public var promptTokens = 0, reusedTokens = 0
        /// Seconds from the request to the first token; the number of answer tokens; and seconds from the first token
        /// to the end.
        public var promptSeconds = 0.0, answerTokens = 0, answerSeconds = 0.0
        /// Number of draft tokens, and how many of them were accepted; unknown when the caller or a stop string ended
        /// the answer.
        public var draftTokens = 0, acceptedTokens = 0
        /// Why it ended.
        public var ending = Ending.cancelled
    }

    /// An empty conversation.
    public init(
        _ generator: any TextGenerator, tokenizer: Tokenizer, template: ChatTemplate, sampling: SamplingParameters,
        system: String?, stops: [String], limit: Int?
    ) {
        self.generator = generator
        self.tokenizer = tokenizer
        self.template = template
        self.sampling = sampling
        self.system = system
        self.stops = stops
        self.limit = limit
    }

    /// Changes the settings between two answers.
    public func configure(_ change: @Sendable (isolated Chat) throws -> Void) rethrows { try change(self) }

    /// Asks and streams the answer; both are remembered. `onParts` receives the answer as it arrives, never with
    /// incomplete characters. If `overflow` allows it, the oldest tokens may be left out; then `onDrop` receives their
    /// number, and whole messages among them are forgotten.
    public func ask(
        _ text: String, onDrop: @Sendable (Int) -> Void = { _ in },
        onPrompt: @escaping @Sendable (Int, Int) -> Void = { _, _ in },
        onParts: @escaping @Sendable ([AnswerParser.Part]) -> Void
    ) async throws -> Statistics {
        var turn = remembers ? messages : []
        if let system, !system.isEmpty { turn.insert(ChatMessage(role: .system, content: system), at: 0) }
        turn.append(ChatMessage(role: .user, content: text))
        var startsInThinking = false
        let now = LocalTime.now
        let fitted = try FittedPrompt(turn, room: generator.contextLength - 1, overflow: overflow) {
            messages throws(TemplateError) in
            let prompt = try template.prompt(ChatRequest(messages, now: now))
            startsInThinking = prompt.startsInThinking
            return tokenizer.encode(prompt)
        }
        if fitted.droppedTokens > 0 { onDrop(fitted.droppedTokens) }
        messages.removeFirst(min(fitted.droppedMessages, messages.count))
        var parser = AnswerParser(
            tokenizer, format: template.format, stops: stops, splitsThinking: true, startsInThinking: startsInThinking)
        let statistics = try await answer(fitted.tokens, &parser, onPrompt, onParts)
        onParts(parser.finish())
        messages.append(ChatMessage(role: .user, content: text))
        messages.append(
            ChatMessage(
                role: .assistant,
                content: (startsInThinking ? template.format.thinking.opening + "\n" : "") + parser.raw))
        return statistics
    }

    private func answer(
        _ prompt: [Int32], _ parser: inout AnswerParser, _ onPrompt: @Sendable (Int, Int) -> Void,
        _ onParts: @Sendable ([AnswerParser.Part]) -> Void
    ) async throws -> Statistics {
        let request = GenerationRequest(
            prompt: prompt, sampling: sampling, ends: tokenizer.endOfGeneration, limit: limit)
        var statistics = Statistics(), first: ContinuousClock.Instant?
        let start = ContinuousClock.now
        statistics.promptTokens = prompt.count
        tokens = prompt
        events: for try await event in try await generator.generate(request) {
            switch event {
            case .queued, .scores: break
            case .prompt(let done, let count, let reused):
                statistics.reusedTokens = reused
                onPrompt(done, count)
            case .token(let token):
                if first == nil { first = .now }
                statistics.answerTokens += 1
                tokens.append(token.id)
                onParts(parser.push(token.id))
                if parser.stop != nil {
                    statistics.ending = .stop
                    break events
                }
            case .end(let summary):
                statistics.draftTokens = summary.draftTokens
                statistics.acceptedTokens = summary.acceptedTokens
                switch summary.ending {
                case .stop: statistics.ending = .stop
                case .limit: statistics.ending = .limit
                case .contextFull: statistics.ending = .contextFull
                }
            }
        }
        let end = ContinuousClock.now
        statistics.promptSeconds = ((first ?? end) - start) / .seconds(1)
        statistics.answerSeconds = (end - (first ?? end)) / .seconds(1)
        return statistics
    }

    /// Forgets the conversation.
    public func clear() {
        messages = []
        tokens = []
    }

    /// Continues a saved conversation.
    public func resume(_ session: Session) {
        messages = session.chatMessages
        tokens = session.tokens
    }
}
