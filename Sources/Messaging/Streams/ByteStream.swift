import CNNG
import Synchronization

/// A connection of NNG's that carries bytes.
///
/// Operations on it end in one of two ways: by themselves, or because the stream is closed. They have no deadlines of
/// NNG's and are not aborted, because with TLS NNG 1.5.2 forgets an operation that begins after an error of its own: it
/// ends with the stream's closing and in no other way. For the same reason nothing begins once the stream is closed,
/// which is what the lock is for.
///
/// Sendable, unchecked: NNG's streams are thread-safe.
final class ByteStream: @unchecked Sendable {
    private let raw: OpaquePointer
    private let isClosed = Mutex(false)
    /// Whether TLS carries the bytes.
    let isEncrypted: Bool

    /// Takes over `raw`.
    init(owning raw: OpaquePointer, isEncrypted: Bool) {
        (self.raw, self.isEncrypted) = (raw, isEncrypted)
    }

    deinit {
        close()
        // NNG waits for its own threads before it frees the stream, on a thread of its own.
        nng_stream_free(raw)
    }

    /// Ends what is under way; nothing begins from then on. Never blocks.
    func close() {
        isClosed.withLock { isClosed in
            if isClosed { return }
            isClosed = true
            nng_stream_close(raw)
        }
    }

    /// Begins to read into `first`, then `second`. False when the stream is closed.
    func receive(
        _ aio: OpaquePointer, into first: UnsafeMutableRawBufferPointer, _ second: UnsafeMutableRawBufferPointer? = nil
    ) -> Bool {
        begin { raw in
            setTargets(aio, first, second)
            nng_stream_recv(raw, aio)
        }
    }

    /// Begins to write `bytes`, of which some may remain at the end. False when the stream is closed.
    func send(_ aio: OpaquePointer, _ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        begin { raw in
            setTargets(aio, bytes, nil)
            nng_stream_send(raw, aio)
        }
    }

    private func begin(_ start: (OpaquePointer) -> Void) -> Bool {
        isClosed.withLock { isClosed in
            if isClosed { return false }
            start(raw)
            return true
        }
    }

    private func setTargets(
        _ aio: OpaquePointer, _ first: UnsafeMutableRawBufferPointer, _ second: UnsafeMutableRawBufferPointer?
    ) {
        var targets = (
            nng_iov(iov_buf: first.baseAddress, iov_len: first.count),
            nng_iov(iov_buf: second?.baseAddress, iov_len: second?.count ?? 0)
        )
        withUnsafeBytes(of: &targets) { bytes in
            let vectors = bytes.bindMemory(to: nng_iov.self)
            _ = nng_aio_set_iov(aio, second == nil ? 1 : 2, vectors.baseAddress)
        }
    }
}

extension ByteStream {
    /// This end's address, where there is one.
    var localAddress: String? { address(NNG_OPT_LOCADDR) }

    /// The other end's address, where there is one.
    var remoteAddress: String? { address(NNG_OPT_REMADDR) }

    /// Whether TLS has verified the other end's certificate.
    var isVerified: Bool {
        var verified = false
        return isEncrypted && nng_stream_get_bool(raw, NNG_OPT_TLS_VERIFIED, &verified) == 0 && verified
    }

    /// The user of the process at the other end of a socket file.
    var peerUser: UInt64? { number(NNG_OPT_IPC_PEER_UID) }

    /// The process at the other end of a socket file.
    var peerProcess: UInt64? { number(NNG_OPT_IPC_PEER_PID) }

    /// Whether NNG has given up the connection below TLS, of which it tells nobody who does not read in that moment.
    var isBroken: Bool {
        var address = nng_sockaddr()
        return isEncrypted && nng_stream_get_addr(raw, NNG_OPT_REMADDR, &address) != 0
    }

    private func number(_ option: String) -> UInt64? {
        var value: UInt64 = 0
        return nng_stream_get_uint64(raw, option, &value) == 0 ? value : nil
    }

    private func address(_ option: String) -> String? {
        var address = nng_sockaddr()
        guard nng_stream_get_addr(raw, option, &address) == 0 else { return nil }
        return SocketAddress(&address).map { isEncrypted ? "tls+\($0)" : "\($0)" }
    }
}
