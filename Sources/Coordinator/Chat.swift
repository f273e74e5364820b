import ModelStore
import Sampling
import Tokenizer

/// A conversation with the model: messages in, text out piece by piece.
public actor Chat {
    /// The messages so far, the model's answers included.
    public private(set) var messages: [ChatMessage] = []
    /// Said to the model before everything else; nil: the template's own.
    public var system: String?
    /// How the next answer is sampled.
    public var sampling: SamplingParameters
    /// Whether earlier turns are remembered.
    public var remembers = true
    /// Texts that end an answer, and how many tokens it may have.
    public var stops: [String], limit: Int?
    /// What becomes of a conversation that does not fit the context.
    public var overflow = Overflow.error

    /// What is known of the model.
    public nonisolated let tokenizer: Tokenizer, template: ChatTemplate
    private let session: Session

    /// A conversation that has not begun.
    public init(
        _ session: Session, tokenizer: Tokenizer, template: ChatTemplate, sampling: SamplingParameters, system: String?,
        stops: [String], limit: Int?
    ) {
        self.session = session
        self.tokenizer = tokenizer
        self.template = template
        self.sampling = sampling
        self.system = system
        self.stops = stops
        self.limit = limit
    }

    /// Changes settings between two answers.
    public func configure(_ change: @Sendable (isolated Chat) throws -> Void) rethrows { try change(self) }

    /// Asks and streams the answer; both are remembered. `onText` hears the answer as it comes, never half a character.
    /// With a template that opens thinking, the answer begins inside it. `onDrop` hears how many of the oldest tokens were left
    /// out, when `overflow` lets that be; whole messages that were are forgotten.
    public func ask(
        _ text: String, onDrop: @Sendable (Int) -> Void = { _ in },
        onPrompt: @escaping @Sendable (Int, Int) -> Void = { _, _ in },
        onText: @escaping @Sendable (String) -> Void
    ) async throws -> Session.Statistics {
        var turn = remembers ? messages : []
        if let system, !system.isEmpty { turn.insert(ChatMessage(role: .system, content: system), at: 0) }
        turn.append(ChatMessage(role: .user, content: text))
        let fitted = await FittedPrompt(turn, room: session.contextLength - 1, overflow: overflow) {
            tokenizer.encodeChat($0, template: template)
        }
        if fitted.droppedTokens > 0 { onDrop(fitted.droppedTokens) }
        messages.removeFirst(min(fitted.droppedMessages, messages.count))
        let sampler = try Sampler(sampling, seed: sampling.seed)
        let stream = TextStream(tokenizer: tokenizer, stops: stops, onText: onText)
        let statistics = try await session.generate(
            fitted.tokens, sampler: sampler, ends: tokenizer.endOfGeneration, limit: limit, onPrompt: onPrompt
        ) { stream.append($0) }
        stream.finish()
        messages.append(ChatMessage(role: .user, content: text))
        messages.append(ChatMessage(role: .assistant, content: (template.opensThinking ? "<think>\n" : "") + stream.text))
        return statistics
    }

    /// Forgets the conversation.
    public func clear() { messages = [] }

    /// Tokens to text, up to a stop string.
    private final class TextStream: @unchecked Sendable {
        // Unchecked: tokens come one after another.
        private var decoder: StreamingDecoder, matcher: StopMatcher
        private let onText: @Sendable (String) -> Void
        private(set) var text = ""

        init(tokenizer: Tokenizer, stops: [String], onText: @escaping @Sendable (String) -> Void) {
            decoder = StreamingDecoder(tokenizer, showsControlTokens: false)
            matcher = StopMatcher(stops)
            self.onText = onText
        }

        /// False when a stop string has come.
        func append(_ token: Int32) -> Bool {
            let output = matcher.push(decoder.append(token))
            say(output.text)
            return output.stop == nil
        }

        func finish() {
            guard matcher.found == nil else { return }
            let output = matcher.push(decoder.finish())
            say(output.text)
            if output.stop == nil { say(matcher.flush()) }
        }

        private func say(_ piece: String) {
            guard !piece.isEmpty else { return }
            text += piece
            onText(piece)
        }
    }
}
