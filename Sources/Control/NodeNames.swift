/// What people read instead of nodes' addresses: a given name, a machine's host, with its port where several nodes share
/// the host, or the node's place in the line where the address is only a socket's path.
public struct NodeNames: Sendable, Equatable {
    /// One for each address, in their order.
    public let all: [String]
    private let byAddress: [String: String]

    /// The names of nodes at these addresses. `given`: what a cluster file calls some of them.
    public init(of addresses: [String], given: [String: String] = [:]) {
        func place(_ url: String) -> Substring? {
            guard url.hasPrefix("tcp://") || url.hasPrefix("tls+tcp://"), let start = url.firstRange(of: "://") else {
                return nil
            }
            return url[start.upperBound...]
        }
        func host(_ place: Substring) -> Substring { place.lastIndex(of: ":").map { place[..<$0] } ?? place }
        let hosts = addresses.compactMap { place($0).map(host) }
        all = addresses.enumerated().map { i, url in
            if let name = given[url] { return name }
            guard let place = place(url) else { return "worker \(i + 1)" }
            let own = host(place)
            return String(hosts.count { $0 == own } > 1 ? place : own)
        }
        byAddress = Dictionary(zip(addresses, all)) { first, _ in first }
    }

    /// The name of the node there; the address where there is none.
    public subscript(address: String) -> String { byAddress[address] ?? address }
}
