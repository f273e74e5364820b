/// Where a socket listens: `tcp://host:port`, `tls+tcp://host:port`, `ipc:///path` or `inproc://name`. A host without a scheme means TCP, a
/// TCP address without a port means port 7750. Parsing checks everything that can be checked without the network.
public struct NodeURL: Hashable, Sendable {
    /// The way bytes travel, and the address in its terms.
    public enum Transport: Hashable, Sendable {
        /// Between machines. The host is a name, an IPv4 address, an IPv6 address without its brackets, or `*` for all
        /// interfaces; port 0 lets the system choose when listening.
        case tcp(host: String, port: UInt16)
        /// Between processes of one machine, over a socket file at an absolute path.
        case ipc(path: String)
        /// Inside one process.
        case inproc(name: String)
    }

    /// The port of a node's control socket when none is given.
    public static let defaultPort: UInt16 = 7750

    /// The suffix of the data socket's path or name.
    private static let dataSuffix = ".data"

    /// How the node is reached, and where.
    public let transport: Transport
    /// Whether TLS carries the bytes: so in `tls+tcp` addresses.
    public let isEncrypted: Bool

    private init(transport: Transport, isEncrypted: Bool = false) {
        self.transport = transport
        self.isEncrypted = isEncrypted
    }

    /// Parses `text`. Throws ``MessagingError`` with code `invalidURL` that says what is wrong.
    public init(_ text: String) throws(MessagingError) {
        func refuse(_ detail: String) -> MessagingError {
            MessagingError(code: .invalidURL, operation: "read address", url: Self.shortened(text), detail: detail)
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
            throw refuse("it contains spaces or control characters")
        }
        let (scheme, rest) = Self.split(text)
        isEncrypted = scheme == "tls+tcp"
        switch scheme {
        case "tcp", "tls+tcp":
            let (host, portText) = try Self.splitHost(rest, refuse)
            guard Self.isHost(host) else {
                throw refuse("\"\(Self.shortened(host))\" is not a host name or an IP address")
            }
            var port = Self.defaultPort
            if let portText {
                guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(portText) else {
                    throw refuse("the port is \"\(Self.shortened(portText))\", expected a number from 0 to 65535")
                }
                port = number
            }
            transport = .tcp(host: host, port: port)
        case "ipc":
            guard rest.hasPrefix("/"), !rest.hasSuffix("/") else {
                throw refuse(
                    "the path of a socket file must be absolute and name a file, as in ipc:///run/brigade.sock")
            }
            try Self.checkLength(rest, limit: Self.longestPath, "path of the socket file", refuse)
            transport = .ipc(path: rest)
        case "inproc":
            guard !rest.isEmpty else { throw refuse("the name is empty") }
            try Self.checkLength(rest, limit: 127, "name", refuse)
            transport = .inproc(name: rest)
        default:
            throw refuse("the scheme is \"\(Self.shortened(scheme))\"")
        }
    }

    /// Longest path of a socket file in bytes: the size of `sun_path` without the final zero.
    public static var longestPath: Int {
        #if canImport(Darwin)
            103
        #else
            107
        #endif
    }

    /// The same host with another port; other transports are returned as they are.
    public func withPort(_ port: UInt16) -> NodeURL {
        guard case .tcp(let host, _) = transport else { return self }
        return NodeURL(transport: .tcp(host: host, port: port), isEncrypted: isEncrypted)
    }

    /// The same port on another host; other transports are returned as they are. Used to announce an address under
    /// which peers can reach a socket that listens on all interfaces.
    public func withHost(of other: NodeURL) -> NodeURL {
        guard case .tcp(_, let port) = transport, case .tcp(let host, _) = other.transport else { return self }
        return NodeURL(transport: .tcp(host: host, port: port), isEncrypted: isEncrypted)
    }

    /// Whether only this machine can connect: `ipc`, `inproc`, and TCP on localhost, 127.0.0.0/8 or ::1.
    public var isLoopback: Bool {
        guard case .tcp(let host, _) = transport else { return true }
        let name = host.lowercased()
        if name == "localhost" || name == "::1" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy(Self.isOctet)
    }

    /// The data socket beside this control socket: the next port (0 stays 0, and 65535 wraps to the port before it),
    /// or the path or name with `.data`.
    public var dataURL: NodeURL {
        switch transport {
        case .tcp(let host, let port):
            let next: UInt16 = port == 0 ? 0 : (port == .max ? port - 1 : port + 1)
            return NodeURL(transport: .tcp(host: host, port: next), isEncrypted: isEncrypted)
        case .ipc(let path): return NodeURL(transport: .ipc(path: path + Self.dataSuffix))
        case .inproc(let name): return NodeURL(transport: .inproc(name: name + Self.dataSuffix))
        }
    }

    private static func split(_ text: String) -> (scheme: String, rest: String) {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix("://") {
                return (text[..<index].lowercased(), String(text[text.index(index, offsetBy: 3)...]))
            }
            index = text.index(after: index)
        }
        return ("tcp", text)
    }

    private static func splitHost(
        _ text: String, _ refuse: (String) -> MessagingError
    ) throws(MessagingError) -> (host: String, port: String?) {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw refuse("the bracket of an IPv6 address is not closed")
            }
            let host = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            guard isIPv6(host) else { throw refuse("\"\(shortened(host))\" is not an IPv6 address") }
            if rest.isEmpty { return (host, nil) }
            guard rest.hasPrefix(":") else { throw refuse("expected :port after the bracket") }
            return (host, String(rest.dropFirst()))
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw refuse("an IPv6 address must stand in brackets, as in tcp://[::1]:7750") }
        return (String(parts.first ?? ""), parts.count == 2 ? String(parts[1]) : nil)
    }

    private static func isHost(_ host: String) -> Bool {
        if host == "*" || host.contains(":") { return true }  // brackets were checked while splitting
        return !host.isEmpty && host.utf8.count <= 253
            && host.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2d || $0 == 0x2e || $0 == 0x5f }
    }

    private static func isIPv6(_ host: String) -> Bool {
        host.contains(":") && host.utf8.count <= 45
            && host.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x46).contains($0 & 0xdf) || $0 == 0x3a || $0 == 0x2e
            }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte & 0xdf)
    }

    private static func isOctet(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt8(text) != nil
    }

    /// The data socket's suffix has to fit as well, unless this is a data socket already.
    private static func checkLength(
        _ text: String, limit: Int, _ what: String, _ refuse: (String) -> MessagingError
    ) throws(MessagingError) {
        let room = text.hasSuffix(dataSuffix) ? limit : limit - dataSuffix.utf8.count
        guard text.utf8.count <= room else {
            throw refuse("the \(what) has \(text.utf8.count) bytes, at most \(room) are possible; choose a shorter one")
        }
    }

    /// What a message may quote of an input of any length.
    private static func shortened(_ text: String) -> String {
        text.utf8.count <= 160 ? text : String(text.prefix(120)) + "…"
    }
}

extension NodeURL: CustomStringConvertible {
    /// The URL as NNG and ``init(_:)`` read it.
    public var description: String {
        switch transport {
        case .tcp(let host, let port):
            (isEncrypted ? "tls+tcp://" : "tcp://") + (host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
        case .ipc(let path): "ipc://\(path)"
        case .inproc(let name): "inproc://\(name)"
        }
    }
}
