import Coordinator
import Logging
import Sampling
import Scheduling
import Tokenizer

/// Starts answers, parses their tokens into events, and updates the metrics.
struct Answerer: Sendable {
    let generator: any TextGenerator
    let model: ServedModel
    let metrics: ServingMetrics
    let activity: Activity
    /// Time limit of an answer.
    let timeLimit: Duration

    /// How often the time limit is checked, and after how many checks a `pause` event is sent.
    private static let beat = Duration.seconds(1), beatsOfPause = 10

    /// Starts an answer. The events end after the last choice's end, or with an error. To cancel the answer, stop
    /// consuming them.
    ///
    /// - Throws: why the request is refused.
    func answer(_ request: AnswerRequest) async throws -> AsyncThrowingStream<AnswerEvent, any Error> {
        guard request.prompt.count > 0 else {
            throw ServingError.invalid("prompt", "the prompt is empty; there is nothing to continue")
        }
        guard request.prompt.count + (request.limit == 0 ? 0 : 1) <= generator.contextLength else {
            throw ServingError(
                400,
                """
                the prompt has \(request.prompt.count) tokens, but the context holds \(generator.contextLength) and \
                the answer needs room as well. Shorten it, or start brigade serve with a larger --num-ctx
                """,
                code: "context_length_exceeded", param: request.promptField)
        }
        let ticket = try activity.enter()
        do {
            var streams: [AsyncThrowingStream<GenerationEvent, any Error>] = []
            for choice in 0..<request.choices {
                streams.append(try await generator.generate(generation(request, choice)))
            }
            return events(request, streams, ticket)
        } catch {
            activity.leave(ticket)
            if let error = error as? SchedulingError, error.code == .contextExceeded {
                throw ServingError(
                    400, error.description, code: "context_length_exceeded", param: request.promptField)
            }
            throw error
        }
    }

    private func generation(_ request: AnswerRequest, _ choice: Int) -> GenerationRequest {
        var sampling = request.sampling
        // Each choice gets a seed of its own, so choices differ but can be repeated.
        if let seed = sampling.seed { sampling.seed = seed &+ UInt64(choice) }
        return GenerationRequest(
            prompt: request.prompt, sampling: sampling, ends: model.tokenizer.endOfGeneration.union(request.ends),
            limit: request.limit, client: request.client, logprobs: request.logprobs,
            scoresPrompt: request.scoresPrompt,
            constraint: request.grammar.map { JSONConstraint($0, tokens: model.vocabulary) }
        )
    }

    private func events(
        _ request: AnswerRequest, _ streams: [AsyncThrowingStream<GenerationEvent, any Error>],
        _ ticket: Activity.Ticket
    ) -> AsyncThrowingStream<AnswerEvent, any Error> {
        let (events, out) = AsyncThrowingStream.makeStream(of: AnswerEvent.self)
        let task = Task {
            do {
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for (choice, stream) in streams.enumerated() {
                        group.addTask {
                            try await read(stream, choice, request, ticket, out)
                            return true
                        }
                    }
                    group.addTask {
                        // Sleeps are short, since a cancelled one holds its memory until its time has come.
                        let end = ContinuousClock.now + timeLimit
                        var beats = 0
                        while ContinuousClock.now < end {
                            try await Task.sleep(for: min(end - .now, Self.beat))
                            beats += 1
                            if beats % Self.beatsOfPause == 0 { out.yield(.pause) }
                        }
                        throw ServingError(
                            504,
                            """
                            the answer took longer than \(timeLimit.components.seconds) s and was cut off. Ask for \
                            fewer tokens, or start brigade serve with a larger --time-limit
                            """,
                            code: "timeout")
                    }
                    var left = streams.count
                    while left > 0, let ended = try await group.next() { if ended { left -= 1 } }
                    group.cancelAll()
                }
                // Before the stream ends, so that a client that has seen the end no longer finds the answer listed.
                activity.leave(ticket)
                out.finish()
            } catch {
                metrics.failed(error)
                activity.leave(ticket)
                let error: any Error = error is CancellationError || Task.isCancelled ? CancellationError() : error
                out.finish(throwing: error)
            }
        }
        activity.keep(ticket) { task.cancel() }
        out.onTermination = { _ in task.cancel() }
        return events
    }

    /// Reads one choice to its end.
    private func read(
        _ stream: AsyncThrowingStream<GenerationEvent, any Error>, _ choice: Int, _ request: AnswerRequest,
        _ ticket: Activity.Ticket,
        _ out: AsyncThrowingStream<AnswerEvent, any Error>.Continuation
    ) async throws {
        var parser = AnswerParser(
            model.tokenizer, format: model.template.format, stops: request.stops,
            splitsThinking: request.splitsThinking, startsInThinking: request.startsInThinking, tools: request.tools)
        var end = AnswerEnd(
            summary: GenerationSummary(ending: .stop, promptTokens: request.prompt.count, answerTokens: 0))
        var waiting: [TokenLogprob] = [], clock = AnswerClock()
        func hand(_ parts: [AnswerParser.Part]) {
            var parts = parts
            if !request.showsThinking { parts.removeAll { if case .thinking = $0 { true } else { false } } }
            if request.endsAfterCall, let first = parts.firstIndex(where: \.isCall) {
                parts.removeSubrange((first + 1)...)
            }
            for case .call in parts { end.calls += 1 }
            guard !parts.isEmpty else { return }
            out.yield(.parts(choice: choice, parts, waiting))
            waiting = []
        }
        events: for try await event in stream {
            switch event {
            case .queued(let ahead): out.yield(.queued(ahead: ahead))
            case .prompt(let done, let total, let reused):
                clock.prompt()
                end.summary.reusedTokens = max(end.summary.reusedTokens, reused)
                activity.progress(ticket, done: done, of: total)
                out.yield(.prompt(done: done, of: total))
            case .scores(let tokens): out.yield(.scores(choice: choice, tokens.map { TokenLogprob(token: $0) }))
            case .token(let token):
                metrics.token(first: end.tokens.isEmpty, seconds: clock.token())
                activity.token(ticket)
                end.tokens.append(token.id)
                if request.logprobs != nil { waiting.append(TokenLogprob(token: token)) }
                hand(parser.push(token.id))
                if parser.stop != nil || request.endsAfterCall && end.calls > 0 { break events }
            case .end(let summary): end.summary = summary
            }
        }
        try Task.checkCancellation()
        if !(request.endsAfterCall && end.calls > 0) { hand(parser.finish()) }
        if request.showsStop, let stop = parser.stop { hand([.text(stop)]) }
        if parser.stop != nil || request.endsAfterCall && end.calls > 0 {
            // The stream ends only when its reader is cancelled, so a cancelled reader is started.
            Task { for try await _ in stream {} }.cancel()
            clock.measure(&end.summary, tokens: end.tokens.count)
        }
        end.stop = parser.stop
        end.thinkingTokens = parser.thinkingTokens
        end.raw = parser.raw
        end.seconds = clock.total
        metrics.ended(end)
        out.yield(.end(choice: choice, end))
    }
}

/// Measures the times of one answer.
struct AnswerClock {
    private let start = ContinuousClock.now
    private var reading: ContinuousClock.Instant?, first: ContinuousClock.Instant?, last: ContinuousClock.Instant?

    /// Seconds since the start.
    var total: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Records that the prefill has begun.
    mutating func prompt() { if reading == nil { reading = .now } }

    /// Records a token; returns the seconds since the one before, or since the start.
    mutating func token() -> Double {
        let now = ContinuousClock.now, before = last ?? start
        if first == nil { first = now }
        last = now
        return (now - before) / .seconds(1)
    }

    /// Fills in the values that the engine reports only for answers it ends itself.
    func measure(_ summary: inout GenerationSummary, tokens: Int) {
        summary.answerTokens = tokens
        let reading = reading ?? start, first = first ?? reading, last = last ?? first
        summary.queueSeconds = (reading - start) / .seconds(1)
        summary.promptSeconds = (first - reading) / .seconds(1)
        summary.answerSeconds = (last - first) / .seconds(1)
    }
}

extension AnswerParser.Part {
    fileprivate var isCall: Bool { if case .call = self { true } else { false } }
}
