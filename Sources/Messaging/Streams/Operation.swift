import CNNG
import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

// NNG knows two ways to learn of an operation's end, and both are needed. A callback runs on one of NNG's task threads
// behind its polling thread: one thread switch more than a thread that waits for the operation itself.

/// Where dialers and listeners are freed. NNG waits meanwhile for callbacks of its own, which need one of the few task
/// threads: these may all be busy with callbacks of ours, in which the last reference goes.
let disposal = DispatchQueue(label: "brigade.messaging.disposal")

/// An operation of NNG's whose end is told to a callback. One at a time.
///
/// Sendable, unchecked: the aio is NNG's own thread-safe object, and the callback stands behind a mutex.
final class CallbackOperation: @unchecked Sendable {
    private let completion = Mutex<(@Sendable (Int32, Int) -> Void)?>(nil)
    private var aio: OpaquePointer?

    init() throws(MessagingError) {
        let result = nng_aio_alloc(
            &aio,
            { context in
                // Balances the retain in `start`: NNG calls this once per started operation.
                if let context { Unmanaged<CallbackOperation>.fromOpaque(context).takeRetainedValue().finish() }
            }, Unmanaged.passUnretained(self).toOpaque())
        guard result == 0, aio != nil else { throw MessagingError(nng: result, operation: "prepare") }
    }

    deinit {
        // The last reference may go in NNG's own callback, where the aio must not be waited for: NNG frees it later.
        if let aio { nng_aio_reap(aio) }
    }

    /// Starts what `begin` starts, and calls `then` with NNG's result and the number of bytes once it is over. False:
    /// `begin` started nothing.
    func start(
        _ begin: (OpaquePointer) -> Bool, then: @escaping @Sendable (Int32, Int) -> Void
    ) -> Bool {
        guard let aio else { return false }
        completion.withLock { $0 = then }
        let retained = Unmanaged.passRetained(self)
        if begin(aio) { return true }
        completion.withLock { $0 = nil }
        retained.release()
        return false
    }

    /// What the operation brought, for the callback.
    var output: OpaquePointer? { aio.flatMap { nng_aio_get_output($0, 0) }.map { OpaquePointer($0) } }

    private func finish() {
        guard let aio else { return }
        let (result, count) = (nng_aio_result(aio), nng_aio_count(aio))
        completion.withLock { completion in
            defer { completion = nil }
            return completion
        }?(result, count)
    }
}

/// An operation of NNG's that a thread carries out itself. Only for streams without TLS: there an operation can be
/// taken back without harm as long as no byte was moved, with TLS that would end the connection.
///
/// Sendable, unchecked: one thread uses it at a time, as its owner sees to.
final class ThreadOperation: @unchecked Sendable {
    private var aio: OpaquePointer?

    /// Results of operations that were taken back.
    static let takenBack = [Int32(NNG_ECANCELED.rawValue), Int32(NNG_ETIMEDOUT.rawValue)]

    init() throws(MessagingError) {
        let result = nng_aio_alloc(&aio, nil, nil)
        guard result == 0, aio != nil else { throw MessagingError(nng: result, operation: "prepare") }
    }

    deinit { free() }

    /// Frees the operation, before the stream that it was used on: NNG's timer may in this moment be about to take back
    /// an operation that has just ended, and would look at that stream. It is waited for, which is short.
    func free() {
        if let aio { nng_aio_free(aio) }
        aio = nil
    }

    /// Whether the last wait was short, and the next one is likely to be.
    private var isBrisk = false
    /// Where messages go to and fro without a pause, falling asleep and being woken costs more than the waiting.
    private static let briskness = Duration.microseconds(200)

    /// Starts an operation and blocks until it is over, for so long at most. Returns its result and the bytes moved.
    ///
    /// NNG's polling thread has to wake for every message anyway. Where the last wait was short the thread stays awake
    /// for a moment, and lets others go first: that saves the second wake-up, which costs most on idle processors.
    func wait(_ timeout: nng_duration, _ begin: (OpaquePointer) -> Bool) -> (result: Int32, count: Int) {
        guard let aio else { return (Int32(NNG_ECLOSED.rawValue), 0) }
        // 0 would not even try.
        nng_aio_set_timeout(aio, max(1, timeout))
        guard begin(aio) else { return (Int32(NNG_ECLOSED.rawValue), 0) }
        let dozes = ContinuousClock.now + Self.briskness
        if isBrisk { while nng_aio_count(aio) == 0 && nng_aio_result(aio) == 0 && .now < dozes { sched_yield() } }
        nng_aio_wait(aio)
        isBrisk = .now < dozes
        return (nng_aio_result(aio), nng_aio_count(aio))
    }

    /// Does what can be done at once, and takes the rest back: then the result is in `takenBack`.
    func attempt(_ begin: (OpaquePointer) -> Bool) -> (result: Int32, count: Int) {
        guard let aio else { return (Int32(NNG_ECLOSED.rawValue), 0) }
        nng_aio_set_timeout(aio, nng_duration(NNG_DURATION_INFINITE))
        guard begin(aio) else { return (Int32(NNG_ECLOSED.rawValue), 0) }
        // A reading that is late does no harm: an operation that is over cannot be taken back.
        if nng_aio_count(aio) == 0 && nng_aio_result(aio) == 0 { nng_aio_abort(aio, Int32(NNG_ECANCELED.rawValue)) }
        nng_aio_wait(aio)
        return (nng_aio_result(aio), nng_aio_count(aio))
    }
}
