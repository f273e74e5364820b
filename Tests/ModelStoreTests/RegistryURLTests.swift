import Testing

@testable import ModelStore

struct RegistryURLTests {
    @Test(arguments: [
        ("registry.example", "https://registry.example"), ("https://registry.example/", "https://registry.example"),
        ("http://10.0.0.2:5000/mirror/", "http://10.0.0.2:5000/mirror"),
    ])
    func readsAddresses(text: String, url: String) throws {
        let registry = try RegistryURL(text), name = try ModelName("a/b:c")
        #expect(registry.description == url && registry.manifest(name) == url + "/v2/a/b/manifests/c")
    }

    @Test(arguments: [
        "", "ftp://x", "file:///etc/passwd", "https://", "https://user:pw@host", "https://h?x=1", "https://h#x", "a b",
    ])
    func refusesWhatIsNoAddress(text: String) {
        #expect(throws: ModelStoreError.self) { try RegistryURL(text) }
    }

    @Test(arguments: [
        ("qwq", "https://registry.ollama.ai"), ("hf.co/a/b", "https://hf.co"),
        ("localhost:5000/a/b", "http://localhost:5000"),
        ("127.0.0.1:80/a/b", "http://127.0.0.1:80"),
    ])
    func aNameSpeaksOfItsRegistry(name: String, url: String) throws {
        #expect(try RegistryURL(of: ModelName(name)).description == url)
    }

    @Test func readsWhereATokenIs() throws {
        let registry = try RegistryURL("https://r")
        let header =
            #"Bearer realm="https://auth.example/token?a=b",service="r, s",scope="repository:library/qwq:pull""#
        #expect(
            BearerChallenge(header, from: registry)?.url
                == "https://auth.example/token?a=b&service=r,%20s&scope=repository:library/qwq:pull")
        #expect(BearerChallenge("Bearer realm=https://x/t", from: registry)?.url.hasPrefix("https://x/t") == true)
    }

    @Test(arguments: [
        "Basic realm=\"https://x\"", "Bearer", "Bearer ", "Bearer realm=\"\"", "Bearer realm=\"http://x/token\"",
        "Bearer realm=\"file:///etc/passwd\"", "Bearer ====,,,\"\"", "Bearer realm=\"https://",
    ])
    func followsNoOtherChallenge(header: String) throws {
        #expect(try BearerChallenge(header, from: RegistryURL("https://r")) == nil)
    }
}

struct ProxyAddressTests {
    static func proxy(_ registry: String, _ environment: [String: String]) throws -> String? {
        try ProxyAddress(for: RegistryURL(registry), environment).map { "\($0.host):\($0.port)" }
    }

    @Test func httpsRegistriesAreAskedThroughOne() throws {
        #expect(
            try Self.proxy("https://r.example", ["HTTPS_PROXY": "http://secure.example:3128/"]) == "secure.example:3128"
        )
        #expect(try Self.proxy("https://r.example", ["https_proxy": "secure.example"]) == "secure.example:80")
        #expect(
            try Self.proxy("http://r.example", ["https_proxy": "secure.example", "http_proxy": "plain.example"]) == nil)
        #expect(try Self.proxy("https://r.example", [:]) == nil)
    }

    @Test(arguments: [
        ("a.example", false), ("x.b.example", false), ("b.example", true), ("c.example", false), ("x.c.example", false),
        ("ac.example", true),
    ])
    func someHostsAreReachedWithoutOne(host: String, isAsked: Bool) throws {
        let environment = ["https_proxy": "http://p:1", "no_proxy": "a.example, .b.example,c.example"]
        let proxy = try Self.proxy("https://" + host, environment)
        #expect((proxy != nil) == isAsked)
    }

    @Test(arguments: ["socks5://p:1", "http://", ":", "http:///x"])
    func whatIsNoProxyIsNotUsed(text: String) throws {
        #expect(try Self.proxy("https://r", ["https_proxy": text]) == nil)
    }
}
