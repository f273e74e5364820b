import AsyncHTTPClient
import Foundation
import NIOCore

/// Asks a registry over HTTP. Every wait has a deadline. Follows redirects, and fetches a token where the registry
/// demands one.
actor RegistryClient {
    private let http: HTTPClient
    private let registry: RegistryURL
    private let options: PullOptions
    private var token: String?

    /// A client; the caller must call `shutdown` in the end.
    init(_ registry: RegistryURL, options: PullOptions) {
        self.registry = registry
        self.options = options
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .follow(max: 5, allowCycles: false),
            timeout: .init(
                connect: options.connectTimeout.amount, read: options.idleTimeout.amount,
                write: options.idleTimeout.amount))
        // One connection per part: this is what makes parallel parts faster than one.
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.parallel
        if let proxy = ProxyAddress(for: registry, options.environment) {
            configuration.proxy = .server(host: proxy.host, port: proxy.port)
        }
        // The callers count attempts themselves.
        configuration.connectionPool.retryConnectionEstablishment = false
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes all connections.
    func shutdown() async { try? await http.shutdown() }

    /// Sends a GET and returns the answer with any status, before its body has arrived.
    ///
    /// - Parameter range: bytes to ask for; nil for all.
    func get(_ url: String, accept: String = "*/*", range: Range<Int>? = nil) async throws -> HTTPClientResponse {
        var mayRenew = true
        while true {
            var request = Self.request(url, accept: accept)
            if let range {
                request.headers.add(name: "range", value: "bytes=\(range.lowerBound)-\(range.upperBound - 1)")
            }
            if let token { request.headers.add(name: "authorization", value: "Bearer " + token) }
            let response = try await http.execute(request, timeout: options.answerTimeout.amount)
            guard response.status == .unauthorized, mayRenew,
                let challenge = response.headers.first(name: "www-authenticate").flatMap({
                    BearerChallenge($0, from: registry)
                })
            else { return response }
            token = try await self.token(challenge)
            mayRenew = false
        }
    }

    /// The model's manifest, byte for byte. Tried a few times.
    func manifest(_ name: ModelName) async throws -> [UInt8] {
        var budget = RetryBudget(
            attempts: min(options.attempts, 3), firstPause: options.firstPause, silence: options.silence)
        let url = registry.manifest(name)
        while true {
            let failure: TransferFailure
            do {
                return try await withDeadline(options.answerTimeout) { try await self.manifest(name, at: url) }
            } catch {
                failure = try TransferFailure(error, options: options)
            }
            guard let pause = budget.failed(after: 0, asked: failure.pause) else {
                throw ModelStoreError("\(registry) does not give the manifest of \(name): \(failure.reason).")
            }
            try await Task.sleep(for: pause)
        }
    }

    private func manifest(_ name: ModelName, at url: String) async throws -> [UInt8] {
        let response = try await get(url, accept: ModelManifest.mediaType)
        switch response.status.code {
        case 200: break
        case 404:
            throw ModelStoreError("\(registry) has no model \(name). Check the name and the tag.")
        case 401, 403:
            throw ModelStoreError(
                """
                \(registry) does not give \(name) to everybody (status \(response.status.code)). Brigade cannot log in.
                """
            )
        default: throw TransferFailure(response)
        }
        // Only TLS protects a manifest from being changed, so a redirect must not lead from https to http.
        if registry.isSecure, let last = response.url, last.scheme?.lowercased() != "https" {
            throw ModelStoreError(
                "\(registry) sends the request for \(name) on to \(last.host ?? "another host") without encryption.")
        }
        do {
            return [UInt8](buffer: try await response.body.collect(upTo: ModelManifest.longest))
        } catch is NIOTooManyBytesError {
            throw ModelStoreError("the manifest at \(url) has more than \(ModelManifest.longest) bytes.")
        }
    }

    private func token(_ challenge: BearerChallenge) async throws -> String {
        struct Answer: Decodable { var token: String?, access_token: String? }
        let response = try await http.execute(
            Self.request(challenge.url, accept: "application/json"), timeout: options.answerTimeout.amount)
        guard response.status == .ok else { throw TransferFailure(response) }
        let body = try await response.body.collect(upTo: 1 << 20)
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data([UInt8](buffer: body))),
            let token = answer.token ?? answer.access_token, !token.isEmpty,
            token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw ModelStoreError("\(registry) wants a token from \(challenge.url), but what that answers holds none.")
        }
        return token
    }

    private static func request(_ url: String, accept: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "accept", value: accept)
        request.headers.add(name: "accept-encoding", value: "identity")
        request.headers.add(name: "user-agent", value: "brigade")
        return request
    }
}

extension Duration {
    /// The same duration for SwiftNIO, in whole milliseconds.
    fileprivate var amount: TimeAmount { .milliseconds(Int64(self / .milliseconds(1))) }
}

/// Runs `work`, and cancels it when it takes longer than `limit`.
///
/// - Throws: what `work` throws, or `DeadlineExceeded`.
func withDeadline<R: Sendable>(_ limit: Duration, _ work: @escaping @Sendable () async throws -> R) async throws -> R {
    try await withThrowingTaskGroup(of: R.self) { group in
        group.addTask(operation: work)
        group.addTask {
            try await Task.sleep(for: limit)
            throw DeadlineExceeded()
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw DeadlineExceeded() }
        return first
    }
}

/// Thrown when something takes longer than its limit.
struct DeadlineExceeded: Error {}
