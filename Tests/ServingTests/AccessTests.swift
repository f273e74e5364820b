import Foundation
import HTTPTypes
import HummingbirdTesting
import Sampling
import Testing

@testable import Serving

@Suite(.timeLimit(.minutes(1))) struct AccessTests {
    @Test func aKeyIsDemandedWhereItIsSet() async throws {
        try await Fixture(.say("x")) { $0.apiKey = "secret-key" }.test { client async throws in
            #expect(try await client.get("/v1/models").status == .unauthorized)
            #expect(
                try await client.get("/v1/models", headers: [.authorization: "Bearer secret-kex"]).status
                    == .unauthorized)
            #expect(try await client.get("/v1/models", headers: [.authorization: "Bearer secret-key"]).status == .ok)
            #expect(try await client.get("/metrics").status == .unauthorized)
            #expect(try await client.get("/api/tags").status == .unauthorized)
            #expect(try await client.get("/health").status == .ok)
        }
    }

    /// The router skips empty components and accepts a path without its first slash.
    @Test(arguments: [
        "//v1/models", "/v1//models", "/v1/models/", "///api/tags", "/api//tags/", "/metrics/", "//metrics",
    ])
    func anotherSpellingOfAPathNeedsTheKeyAsWell(path: String) async throws {
        #expect(!Gatekeeper.isOpen(path) && !Gatekeeper.isOpen(String(path.drop { $0 == "/" })))
        try await Fixture(.say("x")) { $0.apiKey = "secret-key" }.test { client async throws in
            let refused = try await client.get(path)
            #expect(refused.status == .unauthorized)
            #expect((try refused.json["error"]?.string != nil) == path.contains("api"))
            #expect(try await client.get(path, headers: [.authorization: "Bearer secret-key"]).status == .ok)
            #expect(
                try await client.get(
                    path.replacing("v1", with: "%76%31").replacing("a", with: "%61").replacing("m", with: "%6D")
                ).status == .notFound)
        }
    }

    @Test(arguments: [
        ("localhost:3000", true), ("127.0.0.1", true), ("127.8.8.8:1", true), ("[::1]:3000", true),
        ("evil.example", false),
        ("127.0.0.1.evil.example", false), ("localhost.evil.example:80", false),
    ])
    func anotherHostIsRefusedOnLoopback(host: String, isAllowed: Bool) {
        #expect(Gatekeeper(isLoopback: true, origins: []).admits(host: host) == isAllowed)
        #expect(Gatekeeper(isLoopback: false, origins: []).admits(host: host))
    }

    @Test func aRefusedHostHearsOfAWayOut() async throws {
        try await Fixture(.say("x")).test { client async throws in
            let refused = try await TestClient.withClient(host: "127.0.0.1", port: client.port) { client in
                try await client.execute(
                    .init("/v1/models", method: .get, authority: "brigade.example", headers: [:], body: nil))
            }
            #expect(refused.status == .forbidden)
            for words in ["brigade.example", "send Host: localhost", "--host ADDRESS and --api-key"] {
                #expect(refused.text.contains(words), "\(refused.text)")
            }
        }
    }

    @Test func pagesOfOtherSitesMayNotAsk() async throws {
        try await Fixture(.say("x")).test { client async throws in
            let denied = try await client.post(
                "/v1/chat/completions", OpenAIChatTests.ask, headers: [.origin: "http://evil.example"])
            #expect(denied.status == .forbidden && denied.headers[.accessControlAllowOrigin] == nil)
        }
        try await Fixture(.say("x")) { $0.origins = ["http://good.example"] }.test { client async throws in
            let origin: HTTPFields = [.origin: "http://good.example"]
            let allowed = try await client.post("/v1/chat/completions", OpenAIChatTests.ask, headers: origin)
            #expect(allowed.status == .ok && allowed.headers[.accessControlAllowOrigin] == "http://good.example")
            let question = try await client.execute(
                uri: "/v1/chat/completions", method: .options,
                headers: [.origin: "http://good.example", .accessControlRequestMethod: "POST"])
            #expect(
                question.status == .noContent
                    && question.headers[.accessControlAllowHeaders]?.contains("authorization") == true)
            #expect(
                allowed.headers[.vary] == "Origin"
                    && question.headers[.vary] == "Origin, Access-Control-Request-Headers")
            // The headers that OpenAI's JavaScript library asks for.
            let asked = "authorization, content-type, x-stainless-arch, x-stainless-os, x-stainless-retry-count"
            let library = try await client.execute(
                uri: "/v1/chat/completions", method: .options,
                headers: [
                    .origin: "http://good.example", .accessControlRequestMethod: "POST",
                    .accessControlRequestHeaders: asked,
                ])
            #expect(library.headers[.accessControlAllowHeaders] == asked)
        }
        let keeper = Gatekeeper(isLoopback: true, origins: [])
        #expect(
            keeper.admits(origin: "http://localhost:3000", host: "localhost:3000")
                && !keeper.admits(origin: "null", host: "localhost"))
    }

    @Test(arguments: ["", ",", "a b", "a\u{0}c", "a;b", "*(", "naïve", ":path", String(repeating: "a,", count: 4000)])
    func onlyNamesOfHeadersAreAllowed(asked: String) {
        #expect(Gatekeeper.allowedHeaders(asked) == Gatekeeper.allowedHeaders(nil))
        #expect(Gatekeeper.allowedHeaders(" X-a,x-B ,") == "X-a, x-B")
    }

    @Test func aWiderAddressNeedsAKeyOrAWord() {
        var options = ServerOptions()
        options.host = "0.0.0.0"
        #expect(throws: ServingError.self) { try options.validate() }
        options.allowsAnyone = true
        #expect(throws: Never.self) { try options.validate() }
        options.allowsAnyone = false
        options.apiKey = "long enough"
        #expect(throws: ServingError.self) { try options.validate() }
        options.apiKey = "long-enough"
        #expect(throws: Never.self) { try options.validate() }
    }

    @Test func theRequestsNameComesBack() async throws {
        try await Fixture(.say("x")).test { client async throws in
            let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            let response = try await client.get("/health", headers: [.requestID: "abc", .traceParent: trace])
            #expect(response.headers[.requestID] == "abc" && response.headers[.traceParent] == trace)
            #expect(try await client.get("/health", headers: [.traceParent: "nonsense"]).headers[.traceParent] == nil)
        }
    }

    @Test func filesAreServedAndNothingElse() async throws {
        let folder = NSTemporaryDirectory() + "brigade-page-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/vendor", withIntermediateDirectories: true)
        try "<p>hi".write(toFile: folder + "/index.html", atomically: true, encoding: .utf8)
        try "x".write(toFile: folder + "/vendor/a.js", atomically: true, encoding: .utf8)
        try "no".write(toFile: folder + "/.secret", atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await Fixture(.say("x")) { $0.pageFolder = folder }.test { client async throws in
            let page = try await client.get("/")
            #expect(page.text == "<p>hi" && page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(
                page.headers[.contentSecurityPolicy]?.contains("script-src 'self'") == true
                    && page.headers[.xContentTypeOptions] == "nosniff")
            let tag = try #require(page.headers[.eTag])
            #expect(try await client.get("/", headers: [.ifNoneMatch: tag]).status == .notModified)
            #expect(try await client.get("/vendor/a.js").headers[.contentType] == "text/javascript; charset=utf-8")
            for path in ["/.secret", "/../index.html", "/%2e%2e/etc/passwd", "/vendor", "/none.js"] {
                #expect(try await client.get(path).status == .notFound, "\(path)")
            }
        }
    }
}
