import CNNG
import Synchronization

/// One asynchronous NNG operation: an aio that either a thread waits for or a continuation is resumed by.
///
/// Sendable, unchecked: the aio is NNG's own thread-safe object and everything else stands behind a mutex.
final class PendingOperation: @unchecked Sendable {
    private struct State {
        var continuation: CheckedContinuation<Void, Never>?
        var started = false
        var cancelled = false
    }

    private let state = Mutex(State())
    private var aio: OpaquePointer?

    /// Makes an operation that gives up with `timedOut` once `deadline` has passed.
    init(deadline: Duration, operation: String) throws(MessagingError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let result = nng_aio_alloc(
            &aio,
            { context in
                // Balances the retain in `run` and `runBlocking`: NNG calls this once per started operation.
                if let context { Unmanaged<PendingOperation>.fromOpaque(context).takeRetainedValue().finish() }
            }, context)
        guard result == 0, let aio else { throw MessagingError(nng: result, operation: operation) }
        nng_aio_set_timeout(aio, deadline.nngMilliseconds)
    }

    deinit {
        // The last reference may go in NNG's own callback, where the aio must not be waited for: the reaper frees it.
        if let aio { nng_aio_reap(aio) }
    }

    private func finish() {
        let waiting = state.withLock { state in
            let waiting = state.continuation
            state.continuation = nil
            return waiting
        }
        waiting?.resume()
    }

    /// Ends the operation with `NNG_ECANCELED`; harmless when it is over.
    private func abort() {
        if let aio { nng_aio_abort(aio, Int32(NNG_ECANCELED.rawValue)) }
    }

    /// Starts the operation and suspends until it is over. Cancelling the task aborts it with `NNG_ECANCELED`. Returns
    /// NNG's result, 0 for success. When `start` returns false, nothing was started: the result is `NNG_ECLOSED`.
    func run(_ start: (OpaquePointer) -> Bool) async -> Int32 {
        guard let aio else { return Int32(NNG_ECLOSED.rawValue) }
        let wasStarted = await withTaskCancellationHandler {
            var wasStarted = false
            await withCheckedContinuation { continuation in
                state.withLock { $0.continuation = continuation }
                let retained = Unmanaged.passRetained(self)
                wasStarted = start(aio)
                guard wasStarted else {
                    retained.release()
                    return finish()
                }
                // An abort before the start would be lost, so whoever comes second of start and cancel carries it out.
                let cancelled = state.withLock { state in
                    state.started = true
                    return state.cancelled
                }
                if cancelled { abort() }
            }
            return wasStarted
        } onCancel: {
            let started = state.withLock { state in
                state.cancelled = true
                return state.started
            }
            if started { abort() }
        }
        return wasStarted ? nng_aio_result(aio) : Int32(NNG_ECLOSED.rawValue)
    }

    /// Starts the operation and blocks the thread until it is over; otherwise as `run`.
    func runBlocking(_ start: (OpaquePointer) -> Bool) -> Int32 {
        guard let aio else { return Int32(NNG_ECLOSED.rawValue) }
        let retained = Unmanaged.passRetained(self)
        guard start(aio) else {
            retained.release()
            return Int32(NNG_ECLOSED.rawValue)
        }
        nng_aio_wait(aio)
        return nng_aio_result(aio)
    }

    /// Gives the operation a message to send. Until it has succeeded the message is still the caller's.
    func setMessage(_ message: OpaquePointer) {
        if let aio { nng_aio_set_msg(aio, message) }
    }

    /// Frees the message of a send that failed.
    func discardMessage() {
        guard let aio, let message = nng_aio_get_msg(aio) else { return }
        nng_aio_set_msg(aio, nil)
        nng_msg_free(message)
    }

    /// The message of a receive that succeeded. The caller owns it.
    func takeMessage() -> OpaquePointer? {
        guard let aio, let message = nng_aio_get_msg(aio) else { return nil }
        nng_aio_set_msg(aio, nil)
        return message
    }
}
