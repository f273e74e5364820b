import HTTPTypes
import Hummingbird

/// Access control: checks the Host header, the API key and the origin of scripts. A value without I/O.
struct Gatekeeper: Sendable {
    /// The key that requests must have; nil: none.
    var apiKey: String?
    /// Whether the server listens on loopback only. Then the Host header must name this machine.
    var isLoopback: Bool
    /// Origins whose pages may send requests; `*` for any.
    var origins: [String]

    /// Whether a path needs no key. Such paths reveal nothing about requests or answers; and the page must load before
    /// it can ask for a key.
    static func isOpen(_ path: String) -> Bool { !["v1", "api", "metrics"].contains(area(of: path)) }

    /// The first component of a path, which decides which routes answer. It is read as the router reads it, which skips
    /// empty components and decodes nothing: `//v1/models` is `/v1/models`, and `/%76%31/models` is neither.
    static func area(of path: String) -> Substring? { path.split(separator: "/", maxSplits: 1).first }

    /// Whether the Host header is acceptable. A page of another site can make a browser send requests here under that
    /// site's name (DNS rebinding). On loopback, nothing else has a reason to use a name other than this machine's.
    func admits(host: String?) -> Bool {
        guard isLoopback else { return true }
        guard let host else { return true }
        var name = host.lowercased()[...]
        if name.hasPrefix("[") {
            name = name.prefix { $0 != "]" }.dropFirst()
        } else if let colon = name.lastIndex(of: ":") {
            name = name[..<colon]
        }
        return name == "localhost" || name.hasSuffix(".localhost") || name == "::1" || Self.isLoopbackAddress(name)
    }

    static func isLoopbackAddress(_ name: some StringProtocol) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Whether an `Authorization` header has the key. The comparison takes the same time wherever they differ.
    func admits(authorization: String?) -> Bool {
        guard let apiKey else { return true }
        guard let authorization, authorization.lowercased().hasPrefix("bearer ") else { return false }
        let given = Array(authorization.dropFirst(7).utf8), key = Array(apiKey.utf8)
        var difference = given.count ^ key.count
        for i in key.indices { difference |= Int(key[i] ^ (i < given.count ? given[i] : 0)) }
        return difference == 0
    }

    /// The origin to allow in the answer; nil when a page of `origin` may not send requests.
    func allowedOrigin(_ origin: String?) -> String? {
        guard let origin else { return nil }
        return origins.contains("*") || origins.contains(origin) ? origin : nil
    }

    /// The headers that an allowed page may send: those it asks for, since client libraries have many of their own, or
    /// the usual ones if it does not ask for a valid list of names.
    static func allowedHeaders(_ asked: String?) -> String {
        let usual = "authorization, content-type, x-request-id"
        guard let asked, asked.utf8.count <= 4096 else { return usual }
        let words = asked.split(separator: ",").map { $0.split { $0 == " " || $0 == "\t" } }.filter { !$0.isEmpty }
        let names = words.compactMap {
            $0.count == 1 && !$0[0].hasPrefix(":") ? HTTPField.Name(String($0[0]))?.rawName : nil
        }
        return names.isEmpty || names.count < words.count ? usual : names.joined(separator: ", ")
    }

    /// Whether a request that changes or costs something may come from a page of this origin: Brigade's own page, or an
    /// allowed one. A request without an Origin header is not from another site's page.
    func admits(origin: String?, host: String?) -> Bool {
        guard let origin, origin != "null" || !origins.isEmpty else { return origin == nil }
        if allowedOrigin(origin) != nil { return true }
        guard let host, let scheme = origin.firstRange(of: "://") else { return false }
        return origin[scheme.upperBound...].lowercased() == host.lowercased()
    }
}
