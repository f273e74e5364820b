import CNNG

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

// A push socket has one connection in its life. What was on its way when a connection breaks may be lost, so the plan
// it served is over and the next one has sockets of its own: connecting again would only hide the loss. It also keeps
// clear of two faults of NNG before 1.6:
//
// - A connection can get into a push socket's list of those ready to send after it was closed, when a send succeeds in
//   the very moment the peer goes; the next send or connection of that socket follows a freed pointer (NNG issue 1653).
//   So nothing is sent any more once a connection was lost, and a second one is turned away before the protocol sees
//   it.
// - A listener stops for good when a peer closes its connection during the handshake: it takes the broken pipe for its
//   own end. So a socket that has lost its connection must not dial again, or closing it could meet a handshake. Nodes
//   also listen anew when nobody talks to them, see `listenAgain`.

extension SocketHandle {
    /// Connects a push socket; it has one peer.
    func dialOnce(_ url: NodeURL, nonblocking: Bool) throws(MessagingError) {
        let isFirst = state.withLock { state in
            defer { state.hasDialed = true }
            return !state.hasDialed
        }
        guard isFirst else {
            throw MessagingError(
                code: .wrongState, operation: "connect to", url: url.description,
                detail: "this push socket is connected already")
        }
        do { try dial(url, nonblocking: nonblocking) } catch {
            state.withLock { $0.hasDialed = false }
            throw error
        }
    }

    /// Starts a send unless the connection is lost. Never blocks.
    func startSend(_ aio: OpaquePointer) -> Bool {
        // Under the lock: a send that began before the loss is noticed is NNG's to end.
        state.withLock { state in
            if !state.isLost { nng_send_aio(socket, aio) }
            return !state.isLost
        }
    }

    /// Whether the one connection is over.
    var isLost: Bool { state.withLock { $0.isLost } }

    /// Notes the loss; what waits to be sent ends with `connectionReset`. Called on NNG's thread before the lost
    /// connection is freed; it must not close a socket there, NNG would wait for itself.
    func lose() {
        let isNews = state.withLock { state in
            if state.isLost || state.closed { return false }  // our own closing is no loss
            state.isLost = true
            return true
        }
        guard isNews else { return }
        // Without a thread what waits ends at its own deadline.
        _ = onDetachedThread { self.close() }
    }
}

/// Runs `body` on a thread of its own that nobody waits for. Returns 0 or the system's error.
func onDetachedThread(_ body: @escaping @Sendable () -> Void) -> Int32 {
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
