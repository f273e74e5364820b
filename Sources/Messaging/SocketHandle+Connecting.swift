import CNNG

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

extension SocketHandle {
    func listen(_ url: NodeURL) throws(MessagingError) -> NodeURL {
        let text = url.description
        func check(_ result: Int32) throws(MessagingError) {
            if result != 0 { throw MessagingError(nng: result, operation: "listen", url: text) }
        }
        if case .ipc(let path) = url.transport { try Self.refuseForeignFile(path, text) }
        var listener = nng_listener()
        try check(nng_listener_create(&listener, socket, text))
        do {
            if case .ipc = url.transport {
                // Whoever may connect may stop the node: the file belongs to its owner alone.
                try check(nng_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0o600))
            }
            if case .tcp = url.transport {
                // A row waits for nothing: small messages must not be held back to be sent together.
                try check(nng_listener_set_bool(listener, NNG_OPT_TCP_NODELAY, true))
                try check(nng_listener_set_bool(listener, NNG_OPT_TCP_KEEPALIVE, true))
            }
            try check(nng_listener_start(listener, 0))
            var bound = url
            if case .tcp(_, 0) = url.transport {
                var address = nng_sockaddr()
                try check(nng_listener_get_addr(listener, NNG_OPT_LOCADDR, &address))
                bound = url.withPort(cnng_sockaddr_port(&address))
            }
            state.withLock { $0.listening = (listener, bound) }
            return bound
        } catch {
            nng_listener_close(listener)
            throw error
        }
    }

    /// Closes the listener, with its connections, and listens at the same address. Where that cannot be had just now,
    /// the next call tries again.
    func listenAgain() throws(MessagingError) {
        let (listener, url) = state.withLock { state in
            defer { state.listening?.0 = nil }
            return (state.listening?.0, state.listening?.1)
        }
        guard let url else { return }
        if let listener { nng_listener_close(listener) }
        _ = try listen(url)
    }

    func dial(_ url: NodeURL, nonblocking: Bool) throws(MessagingError) {
        let text = url.description
        func check(_ result: Int32) throws(MessagingError) {
            if result != 0 { throw MessagingError(nng: result, operation: "connect to", url: text) }
        }
        var dialer = nng_dialer()
        try check(nng_dialer_create(&dialer, socket, text))
        do {
            if case .tcp = url.transport {
                try check(nng_dialer_set_bool(dialer, NNG_OPT_TCP_NODELAY, true))
                try check(nng_dialer_set_bool(dialer, NNG_OPT_TCP_KEEPALIVE, true))
            }
            try check(nng_dialer_start(dialer, nonblocking ? Int32(NNG_FLAG_NONBLOCK) : 0))
        } catch {
            // NNG keeps a dialer whose first attempt failed; closed, it does not go on in the background.
            nng_dialer_close(dialer)
            throw error
        }
    }

    /// NNG deletes a file at the socket's path when a connection to it is refused. For a socket nobody listens on that
    /// is right; but connecting to any other file is refused too, and that file must stay.
    private static func refuseForeignFile(_ path: String, _ url: String) throws(MessagingError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw MessagingError(
                code: .addressInUse, operation: "listen", url: url, detail: "\(path) exists and is not a socket")
        }
    }
}
