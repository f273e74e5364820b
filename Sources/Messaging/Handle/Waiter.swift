import Dispatch
import Synchronization

/// A place where one task or thread waits for one value. The first to settle it decides; it may be settled before
/// anybody waits.
final class Waiter<Value: Sendable>: Sendable {
    private enum State {
        case open
        case suspended(CheckedContinuation<Void, Never>)
        case blocked(DispatchSemaphore)
        case settled(Result<Value, MessagingError>)
    }

    private let state = Mutex(State.open)
    private let operation: String

    /// - Parameter operation: what is waited for, for error messages, as in "send".
    init(_ operation: String) {
        self.operation = operation
    }

    /// Settles the waiting. False: it was settled before.
    @discardableResult
    func settle(_ result: Result<Value, MessagingError>) -> Bool {
        let before = state.withLock { state in
            let before = state
            if case .settled = state { return before }
            state = .settled(result)
            return before
        }
        switch before {
        case .settled: return false
        case .open: break
        case .suspended(let continuation): continuation.resume()
        case .blocked(let semaphore): semaphore.signal()
        }
        return true
    }

    /// Settles the waiting with an error.
    @discardableResult
    func fail(_ code: MessagingError.Code, _ detail: String = "") -> Bool {
        settle(.failure(MessagingError(code: code, operation: operation, detail: detail)))
    }

    /// Waits without a thread. Throws what was settled, `timedOut` at `end`, `cancelled` when the task is cancelled.
    func value(until end: ContinuousClock.Instant) async throws(MessagingError) -> Value {
        if let result { return try result.get() }
        let timer = Deadlines.shared.schedule(at: end) { [weak self] in _ = self?.fail(.timedOut) }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if case .settled = state { return true }
                    state = .suspended(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            fail(.cancelled)
        }
        Deadlines.shared.cancel(timer)
        return try settled()
    }

    /// Blocks the thread; otherwise as `value(until:)`.
    func valueBlocking(until end: ContinuousClock.Instant) throws(MessagingError) -> Value {
        let semaphore = DispatchSemaphore(value: 0)
        let isOver = state.withLock { state in
            if case .settled = state { return true }
            state = .blocked(semaphore)
            return false
        }
        if !isOver && semaphore.wait(timeout: .now() + (end - .now).dispatchInterval) == .timedOut { fail(.timedOut) }
        return try settled()
    }

    private var result: Result<Value, MessagingError>? {
        state.withLock { state in
            if case .settled(let result) = state { return result }
            return nil
        }
    }

    private func settled() throws(MessagingError) -> Value {
        guard let result else { throw MessagingError(code: .closed, operation: operation) }
        return try result.get()
    }
}

extension Duration {
    /// For Dispatch; 0 for anything negative, at most a century.
    var dispatchInterval: DispatchTimeInterval {
        let (seconds, attoseconds) = min(max(self, .zero), .seconds(3_155_760_000)).components
        return .nanoseconds(Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
    }
}
