import CNNG

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

// A push socket of NNG before 1.6 keeps a list of connections that are ready to send, and a connection can get into it
// after it was closed: when a send succeeds in the very moment the peer goes. The next send or connection of that
// socket then follows a freed pointer (NNG issue 1653). A peer that dies under load is what this project must survive,
// so a push socket here never uses an NNG socket again that has lost a connection:
//
// - one NNG socket has one connection in its life; a second is rejected before the protocol sees it;
// - the notice of the loss comes before the connection is freed. It puts a spare socket in place, under the lock that
//   every send is started under;
// - a thread then closes the old socket, opens the next spare and connects anew. Sends that waited on the old socket
//   end with `closed` and are started again on the new one.

extension SocketHandle {
    /// Connects a push socket; it has one peer.
    func dialOnce(_ url: NodeURL, nonblocking: Bool) throws(MessagingError) {
        let socket: nng_socket? = state.withLock { state in
            if state.target != nil { return nil }
            state.target = url
            return state.current.socket
        }
        guard let socket else {
            throw MessagingError(
                code: .wrongState, operation: "connect to", url: url.description,
                detail: "this push socket is connected already")
        }
        do {
            try Self.dial(socket, url, nonblocking: nonblocking)
        } catch {
            state.withLock { $0.target = nil }
            throw error
        }
    }

    /// Starts a send on the socket in use, which it returns. Never blocks.
    func startSend(_ aio: OpaquePointer) -> nng_socket {
        state.withLock { state in
            nng_send_aio(state.current.socket, aio)
            return state.current.socket
        }
    }

    /// Whether a send that ended with `result` did so because its socket was replaced, and can be started again.
    func wasReplaced(_ socket: nng_socket, _ result: Int32) -> Bool {
        guard UInt32(bitPattern: result) == NNG_ECLOSED.rawValue else { return false }
        return state.withLock { !$0.closed && $0.failure == nil && $0.current.socket.id != socket.id }
    }

    /// Why a lost connection could not be replaced, if so.
    var failure: MessagingError? { state.withLock { $0.failure } }

    /// Puts the spare in the place of `lost`. Called on NNG's thread before the lost connection is freed; it must not
    /// close a socket there, NNG would wait for itself.
    func replace(_ lost: nng_socket) {
        let old: Opened? = state.withLock { state in
            guard !state.closed, state.current.socket.id == lost.id, let spare = state.spare else { return nil }
            let old = state.current
            state.current = spare
            state.spare = nil
            return old
        }
        guard let old else { return }
        let result = onDetachedThread { self.connectAnew(closing: old) }
        if result != 0 { fail("no thread to connect again: error \(result)") }
    }

    private func connectAnew(closing old: Opened) {
        Self.close(old)
        do throws(MessagingError) {
            // The spare comes first: once connected, the socket in use may be lost at any time.
            let spare = try openWatched()
            let isOpen = state.withLock { state in
                if !state.closed { state.spare = spare }
                return !state.closed
            }
            guard isOpen else { return Self.close(spare) }
            // A peer that hangs up at once must not be dialed without pause.
            nng_msleep(options.reconnectMinimum.nngMilliseconds)
            let (socket, target) = state.withLock { ($0.current.socket, $0.target) }
            if let target { try Self.dial(socket, target, nonblocking: true) }
        } catch {
            if !state.withLock({ $0.closed }) { fail(error.description) }
        }
    }

    /// From now on every send reports `detail`; the owner has to open another socket.
    private func fail(_ detail: String) {
        let current = state.withLock { state in
            state.failure = MessagingError(code: .outOfResources, operation: "connect again", detail: detail)
            return state.current
        }
        // Ends the sends that wait.
        nng_close(current.socket)
    }
}

/// Runs `body` on a thread of its own that nobody waits for. Returns 0 or the system's error.
private func onDetachedThread(_ body: @escaping @Sendable () -> Void) -> Int32 {
    final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    let retained = Unmanaged.passRetained(Body(body))
    #if canImport(Darwin)
        var thread: pthread_t?
        let result = pthread_create(
            &thread, nil,
            { context in
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, retained.toOpaque())
    #else
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, retained.toOpaque())
    #endif
    guard result == 0 else {
        retained.release()
        return result
    }
    #if canImport(Darwin)
        if let thread { pthread_detach(thread) }
    #else
        pthread_detach(thread)
    #endif
    return 0
}
