import CNNG

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
