import Synchronization

/// The running answers: how many there are, their progress, and how to end them when the server stops.
final class Activity: Sendable {
    /// Identifies one answer.
    struct Ticket: Sendable, Hashable { fileprivate let number: UInt64 }

    /// The progress of an answer.
    struct Progress: Sendable {
        var id: UInt64, promptDone = 0, promptTotal = 0, answerTokens = 0
    }

    private struct State {
        var next: UInt64 = 1, answers: [UInt64: Progress] = [:], endings: [UInt64: @Sendable () -> Void] = [:]
        /// Actions that end other work than answers.
        var interruptions: [UInt64: @Sendable () -> Void] = [:]
        var drainingSince: ContinuousClock.Instant?, isCut = false
        var isDraining: Bool { drainingSince != nil }
        var meter = SpeedMeter()
    }

    private let state = Mutex(State()), most: Int
    private let start = ContinuousClock.now

    /// - Parameter most: limit on answers at the same time, including waiting ones.
    init(most: Int) { self.most = most }

    /// Whether new requests are refused because the server stops.
    var isDraining: Bool { state.withLock { $0.isDraining } }
    /// How long the server has been stopping.
    var drainingTime: Duration { state.withLock { $0.drainingSince.map { .now - $0 } ?? .zero } }
    var count: Int { state.withLock { $0.answers.count } }
    /// The progress of every answer, oldest first.
    var progress: [Progress] { state.withLock { $0.answers.values.sorted { $0.id < $1.id } } }

    /// Tokens per second of all answers, over the last seconds in which any ran.
    var tokensPerSecond: Double {
        let now = now
        return state.withLock { $0.meter.rate(at: now) }
    }

    /// Seconds since the start.
    private var now: Double { (ContinuousClock.now - start) / .seconds(1) }

    func enter() throws(ServingError) -> Ticket {
        let result: Result<Ticket, ServingError> = state.withLock { s in
            if s.isDraining { return .failure(.stopping) }
            guard s.answers.count < most else {
                return .failure(
                    ServingError(
                        429,
                        """
                        \(s.answers.count) requests are running or waiting, and there is no room for more. Ask again \
                        soon
                        """,
                        code: "rate_limit_exceeded", retryAfter: 2))
            }
            defer { s.next += 1 }
            s.answers[s.next] = Progress(id: s.next)
            return .success(Ticket(number: s.next))
        }
        return try result.get()
    }

    /// Sets the action that ends the answer; runs it at once if all answers have been ended.
    func keep(_ ticket: Ticket, _ end: @escaping @Sendable () -> Void) {
        let isCut = state.withLock { s in
            if s.answers[ticket.number] != nil { s.endings[ticket.number] = end }
            return s.isCut
        }
        if isCut { end() }
    }

    func leave(_ ticket: Ticket) {
        state.withLock { s in
            s.answers[ticket.number] = nil
            s.endings[ticket.number] = nil
            if s.answers.isEmpty { s.meter.pause() }
        }
    }

    func progress(_ ticket: Ticket, done: Int, of total: Int) {
        state.withLock { s in
            s.answers[ticket.number]?.promptDone = done
            s.answers[ticket.number]?.promptTotal = total
        }
    }

    func token(_ ticket: Ticket) {
        let now = now
        state.withLock { s in
            s.answers[ticket.number]?.answerTokens += 1
            s.meter.add(at: now)
        }
    }

    /// Runs work other than an answer that can be resumed later, such as a transfer. It is cancelled as soon as the
    /// server stops, since waiting for it could take long.
    ///
    /// - Throws: `ServingError.stopping` when the server stops.
    func interruptibly<R: Sendable>(_ work: @escaping @Sendable () async throws -> R) async throws -> R {
        guard !isDraining else { throw ServingError.stopping }
        let task = Task(operation: work)
        let (number, isLate) = state.withLock { s in
            defer { s.next += 1 }
            s.interruptions[s.next] = { task.cancel() }
            return (s.next, s.isDraining)
        }
        defer { state.withLock { _ = $0.interruptions.removeValue(forKey: number) } }
        if isLate { task.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } catch  where isDraining && !Task.isCancelled { throw ServingError.stopping }
    }

    /// Starts to stop: refuses new requests and cancels interruptible work.
    func drain() {
        let interruptions = state.withLock { s in
            s.drainingSince = s.drainingSince ?? .now
            return Array(s.interruptions.values)
        }
        interruptions.forEach { $0() }
    }

    /// Ends all answers that are still running.
    func cut() {
        let endings = state.withLock { s in
            s.isCut = true
            return Array(s.endings.values)
        }
        endings.forEach { $0() }
    }
}
