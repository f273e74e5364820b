import HTTPTypes
import Hummingbird
import Logging

/// Handles every request first: gives it an id, checks access, counts and logs it, and turns an error into an answer in
/// the dialect of its path.
struct RequestMiddleware: RouterMiddleware {
    typealias Context = ServingContext
    let gatekeeper: Gatekeeper
    let metrics: ServingMetrics
    /// The allowed methods by path; a path that ends with `/` stands for all paths that begin with it.
    let routes: [String: Set<String>]

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now, path = request.uri.path
        var context = context
        context.requestID = Self.requestID(request.headers[.requestID])
        context.logger[metadataKey: "request.id"] = "\(context.requestID)"
        let trace = request.headers[.traceParent].flatMap(TraceParent.init)
        if let trace { context.logger[metadataKey: "trace.id"] = "\(trace.traceID)" }
        let origin = request.headers[.origin], allowed = gatekeeper.allowedOrigin(origin)
        var response: Response
        do {
            response = try await checked(request, context, allowed, next)
        } catch {
            let closing = error as? ClosingError
            response = Dialect(path: path).response(Self.error(closing?.cause ?? error, request, routes))
            if closing != nil { response.headers[.connection] = "close" }
        }
        response.headers[.requestID] = context.requestID
        response.headers[.xContentTypeOptions] = "nosniff"
        if let trace { response.headers[.traceParent] = trace.text }
        // Caches must not give a page an answer that was made for another origin or for none.
        if !gatekeeper.origins.isEmpty {
            response.headers[.vary] = response.headers[.vary].map { "Origin, " + $0 } ?? "Origin"
        }
        if let allowed {
            response.headers[.accessControlAllowOrigin] = allowed
            response.headers[.accessControlExposeHeaders] = "x-request-id, retry-after"
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        metrics.answered(path: routes.keys.contains(path) ? path : "other", status: response.status.code)
        context.logger.info(
            "request",
            metadata: [
                "http.method": "\(request.method.rawValue)", "http.path": "\(path)",
                "http.status": "\(response.status.code)",
                "seconds": "\(seconds)", "client": "\(context.client)",
            ])
        return response
    }

    private func checked(
        _ request: Request, _ context: Context, _ allowed: String?, _ next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let host = request.head.authority ?? request.headers[.host]
        guard gatekeeper.admits(host: host) else {
            throw ServingError(
                403,
                """
                the Host header names '\(host?.prefix(100) ?? "")', expected localhost or 127.0.0.1; from a proxy send \
                Host: localhost, or start brigade serve with --host ADDRESS and --api-key KEY
                """,
                code: "host_not_allowed")
        }
        if request.method == .options, allowed != nil, request.headers[.accessControlRequestMethod] != nil {
            return Response(
                status: .noContent,
                headers: [
                    .accessControlAllowMethods: "GET, POST, DELETE, HEAD, OPTIONS",
                    .accessControlAllowHeaders: Gatekeeper.allowedHeaders(
                        request.headers[.accessControlRequestHeaders]),
                    .accessControlMaxAge: "600", .vary: "Access-Control-Request-Headers",
                ])
        }
        if request.method != .get && request.method != .head, let origin = request.headers[.origin] {
            guard gatekeeper.admits(origin: origin, host: host) else {
                throw ServingError(
                    403,
                    """
                    pages of \(origin.prefix(100)) may not ask here. Start brigade serve with --cors-origin \
                    \(origin.prefix(100)) to let them
                    """,
                    code: "origin_not_allowed")
            }
        }
        if !Gatekeeper.isOpen(request.uri.path), !gatekeeper.admits(authorization: request.headers[.authorization]) {
            throw ServingError(
                401, "the API key is missing or wrong. Send it as 'Authorization: Bearer KEY'", code: "invalid_api_key")
        }
        return try await next(request, context)
    }

    /// The id that came with the request if it is short and printable, else a new one.
    private static func requestID(_ given: String?) -> String {
        if let given, (1...100).contains(given.utf8.count), given.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            return given
        }
        return "req_" + String(UInt64.random(in: 0...UInt64.max), radix: 16)
    }

    private static func error(_ error: any Error, _ request: Request, _ routes: [String: Set<String>]) -> ServingError {
        guard let error = error as? HTTPError else { return ServingError(error) }
        let path = request.uri.path
        if error.status == .notFound {
            let methods =
                routes[path] ?? routes.first { $0.key.hasSuffix("/") && $0.key != "/" && path.hasPrefix($0.key) }?.value
            if let methods, !methods.contains(request.method.rawValue) {
                return ServingError(
                    405,
                    """
                    \(request.method.rawValue) is not possible on \(path), only \
                    \(methods.sorted().joined(separator: ", "))
                    """,
                    code: "method_not_allowed")
            }
            return ServingError(
                404, "there is nothing at \(path.prefix(200)). See /openapi.json for what there is", code: "unknown_url"
            )
        }
        return ServingError(Int(error.status.code), error.body ?? error.status.reasonPhrase)
    }
}

extension HTTPField.Name {
    static let requestID = Self("x-request-id")!
    static let traceParent = Self("traceparent")!
    static let host = Self("host")!
}

/// The caller's place in a distributed trace (W3C Trace Context, version 00).
struct TraceParent {
    let text: String, traceID: String

    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count < 100, parts.count >= 4, parts[0].count == 2, parts[1].count == 32, parts[2].count == 16,
            parts[0...2].allSatisfy({ $0.allSatisfy { $0.isHexDigit && !$0.isUppercase } }),
            parts[1].contains(where: { $0 != "0" })
        else { return nil }
        self.text = text
        traceID = String(parts[1])
    }
}
