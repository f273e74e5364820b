import Foundation

/// The proxy for an https registry, from the environment variables that curl and others read: `https_proxy`, and
/// `no_proxy` for hosts and domains that are reached directly, each in lower or upper case. Brigade asks the proxy for
/// a tunnel (`CONNECT host:443`). Proxies commonly refuse that for plain http, so an http registry is always reached
/// directly.
struct ProxyAddress: Equatable {
    let host: String, port: Int

    /// Nil when no proxy is set for this registry, or when its value is not `[http://]HOST[:PORT]`.
    init?(for registry: RegistryURL, _ environment: [String: String]) {
        func value(_ name: String) -> String? {
            [name, name.uppercased()].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        guard registry.isSecure, let target = URLComponents(string: registry.description)?.host?.lowercased(),
            let text = value("https_proxy"),
            let proxy = URLComponents(string: text.contains("://") ? text : "http://" + text),
            proxy.scheme?.lowercased() == "http",
            let host = proxy.host, !host.isEmpty
        else { return nil }
        let direct = (value("no_proxy") ?? "").lowercased().split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        let isDirect = direct.contains {
            $0 == "*" || $0 == target || target.hasSuffix($0.hasPrefix(".") ? $0 : "." + $0)
        }
        guard !isDirect else { return nil }
        self.host = host
        port = proxy.port ?? 80
    }
}
