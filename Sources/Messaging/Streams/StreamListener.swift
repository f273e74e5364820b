import CNNG
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// Accepts connections at an address outside of this process, one after the other, until it is closed.
///
/// Sendable, unchecked: NNG's listeners are thread-safe.
final class StreamListener: @unchecked Sendable {
    private let raw: OpaquePointer
    private let operation: CallbackOperation
    private let isClosed = Mutex(false)
    /// Where it listens, with the port that the system chose.
    let url: NodeURL

    /// Listens at `url`.
    init(_ url: NodeURL, _ credentials: TLSCredentials?) throws(MessagingError) {
        func check(_ result: Int32) throws(MessagingError) {
            if result != 0 { throw MessagingError(nng: result, operation: "listen", url: url.description) }
        }
        if case .ipc(let path) = url.transport { try Self.refuseForeignFile(path, url) }
        operation = try CallbackOperation()
        var listener: OpaquePointer?
        try check(nng_stream_listener_alloc(&listener, url.description))
        guard let listener else { throw MessagingError(code: .outOfResources, operation: "listen") }
        do throws(MessagingError) {
            switch url.transport {
            // Whoever may connect may stop the node: the file belongs to its owner alone.
            case .ipc: try check(nng_stream_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0o600))
            case .tcp:
                try check(nng_stream_listener_set_bool(listener, NNG_OPT_TCP_NODELAY, true))
                try check(nng_stream_listener_set_bool(listener, NNG_OPT_TCP_KEEPALIVE, true))
            case .inproc: break
            }
            if url.isEncrypted {
                guard let credentials else { throw TLSCredentials.missing("listen", url) }
                try check(nng_stream_listener_set_ptr(listener, NNG_OPT_TLS_CONFIG, credentials.listening))
            }
            try check(nng_stream_listener_listen(listener))
            var bound = url
            if case .tcp(_, 0) = url.transport {
                var address = nng_sockaddr()
                try check(nng_stream_listener_get_addr(listener, NNG_OPT_LOCADDR, &address))
                bound = url.withPort(cnng_sockaddr_port(&address))
            }
            self.url = bound
        } catch {
            nng_stream_listener_close(listener)
            nng_stream_listener_free(listener)
            throw error
        }
        raw = listener
    }

    deinit {
        nng_stream_listener_close(raw)
        nonisolated(unsafe) let raw = raw
        disposal.async { nng_stream_listener_free(raw) }
    }

    /// Waits for the next connection, and calls `then` with it or NNG's error. Never blocks.
    func accept(_ then: @escaping @Sendable (ByteStream?, Int32) -> Void) {
        let started = operation.start { aio in
            isClosed.withLock { isClosed in
                if !isClosed { nng_stream_listener_accept(raw, aio) }
                return !isClosed
            }
        } then: { [self] result, _ in
            let stream = result == 0 ? operation.output : nil
            then(stream.map { ByteStream(owning: $0, isEncrypted: url.isEncrypted) }, result)
        }
        if !started { then(nil, Int32(NNG_ECLOSED.rawValue)) }
    }

    /// Ends accepting and removes the file of an `ipc` listener. Never blocks.
    func close() {
        isClosed.withLock { isClosed in
            if isClosed { return }
            isClosed = true
            nng_stream_listener_close(raw)
        }
    }

    /// NNG deletes a file at the socket's path when a connection to it is refused. For a socket nobody listens on that
    /// is right; but connecting to any other file is refused too, and that file must stay.
    private static func refuseForeignFile(_ path: String, _ url: NodeURL) throws(MessagingError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw MessagingError(
                code: .addressInUse, operation: "listen", url: url.description,
                detail: "\(path) exists and is not a socket")
        }
    }
}
