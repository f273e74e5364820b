import Foundation

/// Where a registry's protocol begins: `https://registry.ollama.ai`, `http://10.0.0.2:5000/mirror`.
///
/// Source of the protocol: the OCI distribution specification, version 1.1, of which a pull needs two requests:
/// `GET <base>/v2/<namespace>/<model>/manifests/<tag>` and `GET <base>/v2/<namespace>/<model>/blobs/<digest>`.
public struct RegistryURL: Hashable, Sendable, CustomStringConvertible {
    /// The URL without a slash at its end.
    public let description: String
    /// Whether what comes from there is encrypted.
    let isSecure: Bool

    /// Reads a URL; without a scheme it is https.
    public init(_ text: String) throws(ModelStoreError) {
        let whole = text.contains("://") ? text : "https://" + text
        guard let parts = URLComponents(string: whole), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme),
            let host = parts.host, !host.isEmpty, parts.user == nil, parts.password == nil, parts.query == nil,
            parts.fragment == nil
        else {
            throw ModelStoreError(
                "\(shown(text)) is no registry's address, expected http://HOST[:PORT][/PATH] or https://…")
        }
        description = whole.last == "/" ? String(whole.dropLast()) : whole
        isSecure = scheme == "https"
    }

    /// The registry that a name itself speaks of. On this machine's own loopback it is http.
    init(of name: ModelName) throws(ModelStoreError) {
        let host = name.host.split(separator: ":")[0]
        let isHere = host == "localhost" || host.hasPrefix("127.")
        try self.init((isHere ? "http://" : "https://") + name.host)
    }

    /// Where the name's manifest is.
    func manifest(_ name: ModelName) -> String {
        "\(description)/v2/\(name.namespace)/\(name.model)/manifests/\(name.tag)"
    }

    /// Where a blob of that model is.
    func blob(_ digest: BlobDigest, of name: ModelName) -> String {
        "\(description)/v2/\(name.namespace)/\(name.model)/blobs/\(digest)"
    }
}

/// What a registry wants before it answers: a token from another address, which it gives to anybody.
///
/// `Www-Authenticate: Bearer realm="https://…/token",service="…",scope="repository:library/qwq:pull"`
struct BearerChallenge: Equatable {
    /// The address to ask for the token, with service and scope.
    let url: String

    /// Reads the header's value; nil when it is another kind of challenge, or one that leads from https to http.
    init?(_ header: String, from registry: RegistryURL) {
        guard header.lowercased().hasPrefix("bearer ") else { return nil }
        var fields: [String: String] = [:]
        var rest = header.dropFirst(7)
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals].trimmingCharacters(in: CharacterSet(charactersIn: ", ")).lowercased()
            rest = rest[rest.index(after: equals)...]
            let isQuoted = rest.first == "\""
            if isQuoted { rest = rest.dropFirst() }
            let end = rest.firstIndex(of: isQuoted ? "\"" : ",") ?? rest.endIndex
            fields[name] = String(rest[..<end])
            rest = rest[end...].dropFirst()
        }
        guard let realm = fields["realm"], var parts = URLComponents(string: realm), parts.host?.isEmpty == false,
            parts.scheme == "https" || parts.scheme == "http" && !registry.isSecure
        else { return nil }
        let wanted = ["service", "scope"].compactMap { name in fields[name].map { URLQueryItem(name: name, value: $0) }
        }
        parts.queryItems = (parts.queryItems ?? []) + wanted
        guard let url = parts.string else { return nil }
        self.url = url
    }
}
