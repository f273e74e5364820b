import CNNG
import Synchronization

/// A connection came or went.
public struct PipeEvent: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        case added
        case removed
    }

    public var kind: Kind
    /// The connection's number; the same in `added` and `removed`.
    public var pipe: UInt32
    /// Where this end of a TCP connection is, as `tcp://192.168.1.5:1234`: an address of this machine that the peer can
    /// reach. Nil for other transports.
    public var localAddress: String?
    /// Where the other end of a TCP connection is. Nil for other transports.
    public var remoteAddress: String?

    public init(kind: Kind, pipe: UInt32, localAddress: String? = nil, remoteAddress: String? = nil) {
        self.kind = kind
        self.pipe = pipe
        self.localAddress = localAddress
        self.remoteAddress = remoteAddress
    }
}

/// Who is told about which socket's pipes. NNG's callback carries a number, never a pointer: a notice that comes late
/// finds no entry and is dropped.
enum PipeWatchers {
    private struct Entry {
        var handler: @Sendable (PipeEvent) -> Void
        /// A removed pipe no longer knows its addresses, so they are kept from when it was added.
        var added: [UInt32: PipeEvent] = [:]
    }

    private struct Registry {
        var next: UInt = 1
        var entries: [UInt: Entry] = [:]
    }

    private static let registry = Mutex(Registry())

    /// Calls `handler` for every pipe of `socket` until `remove`.
    static func add(
        _ handler: @escaping @Sendable (PipeEvent) -> Void, to socket: nng_socket
    ) throws(MessagingError) -> UInt {
        let key = registry.withLock { registry in
            let key = registry.next
            registry.next += 1
            registry.entries[key] = Entry(handler: handler)
            return key
        }
        for event in [NNG_PIPE_EV_ADD_POST, NNG_PIPE_EV_REM_POST] {
            let result = nng_pipe_notify(
                socket, event,
                { pipe, event, context in PipeWatchers.notify(pipe, event, UInt(bitPattern: context)) },
                UnsafeMutableRawPointer(bitPattern: key))
            guard result == 0 else {
                remove(key)
                throw MessagingError(nng: result, operation: "watch connections")
            }
        }
        return key
    }

    static func remove(_ key: UInt) {
        registry.withLock { _ = $0.entries.removeValue(forKey: key) }
    }

    private static func notify(_ pipe: nng_pipe, _ event: nng_pipe_ev, _ key: UInt) {
        let id = pipe.id
        if event == NNG_PIPE_EV_ADD_POST {
            let added = PipeEvent(
                kind: .added, pipe: id,
                localAddress: address(of: pipe, NNG_OPT_LOCADDR), remoteAddress: address(of: pipe, NNG_OPT_REMADDR))
            let handler = registry.withLock { registry in
                registry.entries[key]?.added[id] = added
                return registry.entries[key]?.handler
            }
            handler?(added)
        } else {
            let (handler, before) = registry.withLock { registry in
                let before = registry.entries[key]?.added.removeValue(forKey: id)
                return (registry.entries[key]?.handler, before)
            }
            // A pipe that never got as far as "added" (a peer of another protocol) has no end to report either.
            guard let handler, var removed = before else { return }
            removed.kind = .removed
            handler(removed)
        }
    }

    private static func address(of pipe: nng_pipe, _ option: String) -> String? {
        var address = nng_sockaddr()
        guard nng_pipe_get_addr(pipe, option, &address) == 0 else { return nil }
        return SocketAddress(&address)?.description
    }
}

/// An IP address and port as NNG reports them.
struct SocketAddress: CustomStringConvertible {
    var host: String
    var port: UInt16

    /// Nil when the address is not IPv4 or IPv6.
    init?(_ address: inout nng_sockaddr) {
        port = cnng_sockaddr_port(&address)
        switch UInt32(cnng_sockaddr_family(&address)) {
        case NNG_AF_INET.rawValue:
            host = Self.dotted((0..<4).map { cnng_sockaddr_byte(&address, $0) })
        case NNG_AF_INET6.rawValue:
            let bytes = (0..<16).map { cnng_sockaddr_byte(&address, $0) }
            if bytes[..<10].allSatisfy({ $0 == 0 }) && bytes[10] == 0xff && bytes[11] == 0xff {
                host = Self.dotted(Array(bytes[12...]))  // an IPv4 peer on an IPv6 socket
            } else {
                let groups = (0..<8).map { String(UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]), radix: 16) }
                host = groups == ["0", "0", "0", "0", "0", "0", "0", "1"] ? "::1" : groups.joined(separator: ":")
            }
        default:
            return nil
        }
    }

    private static func dotted(_ bytes: [UInt8]) -> String {
        bytes.map { String($0) }.joined(separator: ".")
    }

    var description: String { host.contains(":") ? "tcp://[\(host)]:\(port)" : "tcp://\(host):\(port)" }
}
