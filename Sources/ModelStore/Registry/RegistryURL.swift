import Foundation

/// The base URL of a registry: `https://registry.ollama.ai`, `http://10.0.0.2:5000/mirror`.
///
/// The protocol is the OCI distribution specification, version 1.1. A pull needs two of its requests: `GET
/// <base>/v2/<namespace>/<model>/manifests/<tag>` and `GET <base>/v2/<namespace>/<model>/blobs/<digest>`.
public struct RegistryURL: Hashable, Sendable, CustomStringConvertible {
    /// The URL, without a slash at its end.
    public let description: String
    /// Whether it is an https URL.
    let isSecure: Bool

    /// Parses a URL; without a scheme it is https.
    ///
    /// - Throws: when it is not an http or https URL of a host, or has a user, a query or a fragment.
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

    /// The registry in the model's name. On loopback it is http, elsewhere https.
    init(of name: ModelName) throws(ModelStoreError) {
        let host = name.host.split(separator: ":")[0]
        let isHere = host == "localhost" || host.hasPrefix("127.")
        try self.init((isHere ? "http://" : "https://") + name.host)
    }

    /// URL of the model's manifest.
    func manifest(_ name: ModelName) -> String {
        "\(description)/v2/\(name.namespace)/\(name.model)/manifests/\(name.tag)"
    }

    /// URL of a blob of that model.
    func blob(_ digest: BlobDigest, of name: ModelName) -> String {
        "\(description)/v2/\(name.namespace)/\(name.model)/blobs/\(digest)"
    }
}

/// A registry's demand for a token, which anybody can get from another address.
///
/// `Www-Authenticate: Bearer realm="https://…/token",service="…",scope="repository:library/qwq:pull"`
struct BearerChallenge: Equatable {
    /// The URL that gives the token, including service and scope.
    let url: String

    /// Parses the header's value; nil when it is another kind of challenge, or would lead from https to http.
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
