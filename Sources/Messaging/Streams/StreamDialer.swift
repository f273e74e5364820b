import CNNG
import Synchronization

/// One attempt to connect to an address outside of this process.
///
/// Sendable, unchecked: NNG's dialers are thread-safe.
final class StreamDialer: @unchecked Sendable {
    private let raw: OpaquePointer
    private let operation: CallbackOperation
    private let isEncrypted: Bool
    private let isClosed = Mutex(false)

    init(_ url: NodeURL, _ credentials: TLSCredentials?) throws(MessagingError) {
        func check(_ result: Int32) throws(MessagingError) {
            if result != 0 { throw MessagingError(nng: result, operation: "connect to", url: url.description) }
        }
        operation = try CallbackOperation()
        isEncrypted = url.isEncrypted
        var dialer: OpaquePointer?
        try check(nng_stream_dialer_alloc(&dialer, url.description))
        guard let dialer else { throw MessagingError(code: .outOfResources, operation: "connect to") }
        do throws(MessagingError) {
            if case .tcp = url.transport {
                // A row waits for nothing: small messages must not be held back to be sent together.
                try check(nng_stream_dialer_set_bool(dialer, NNG_OPT_TCP_NODELAY, true))
                try check(nng_stream_dialer_set_bool(dialer, NNG_OPT_TCP_KEEPALIVE, true))
            }
            if url.isEncrypted {
                guard let credentials else { throw TLSCredentials.missing("connect to", url) }
                try check(nng_stream_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, credentials.dialing))
            }
        } catch {
            nng_stream_dialer_free(dialer)
            throw error
        }
        raw = dialer
    }

    deinit {
        nng_stream_dialer_close(raw)
        nonisolated(unsafe) let raw = raw
        disposal.async { nng_stream_dialer_free(raw) }
    }

    /// Connects, and calls `then` with the connection or NNG's error, once. Never blocks.
    func start(_ then: @escaping @Sendable (ByteStream?, Int32) -> Void) {
        let started = operation.start {
            aio in
            isClosed.withLock { isClosed in
                if !isClosed { nng_stream_dialer_dial(raw, aio) }
                return !isClosed
            }
        } then: { [self] result, _ in
            let stream = result == 0 ? operation.output : nil
            then(stream.map { ByteStream(owning: $0, isEncrypted: isEncrypted) }, result)
        }
        if !started { then(nil, Int32(NNG_ECLOSED.rawValue)) }
    }

    /// Ends the attempt. With TLS an attempt that is aborted, instead, may be used after it is freed.
    func close() {
        isClosed.withLock { isClosed in
            if isClosed { return }
            isClosed = true
            nng_stream_dialer_close(raw)
        }
    }
}
