import Coordinator
import Foundation
import Hummingbird
import Logging
import NIOCore
import Scheduling
import ServiceLifecycle

/// The address, limits and access rules of a server.
public struct ServerOptions: Sendable {
    /// The address and port to listen on; port 0 lets the system choose.
    public var host = "127.0.0.1", port = 3000
    /// The key that requests must have as `Authorization: Bearer`; nil: none.
    public var apiKey: String?
    /// Whether an address other than loopback may be served without a key.
    public var allowsAnyone = false
    /// Origins whose pages may send requests; `*` for any.
    public var origins: [String] = []
    /// Limits on a request's body in bytes, and on requests that run or wait at the same time.
    public var bodyLimit = 16 << 20, most = 256
    /// Time limit of an answer, and how long a stopping server waits for running answers.
    public var timeLimit: Duration = .seconds(3600), drainTime: Duration = .seconds(20)
    /// How long the server then waits for connections to close before it drops them.
    var closingTime: Duration = .seconds(5)
    /// The folder of the page's files; nil: beside the program.
    public var pageFolder: String?
    /// This program's version, as clients see it.
    public var version = "0"
    /// Time between two events of the cluster's stream.
    public var eventInterval: Duration = .milliseconds(500)

    /// The default settings.
    public init() {}

    /// Whether only this machine can reach the server.
    public var isLoopback: Bool { host == "localhost" || host == "::1" || Gatekeeper.isLoopbackAddress(host) }

    /// Throws when anyone could use the server without `allowsAnyone`, or when the key is unsuitable.
    public func validate() throws {
        guard isLoopback || apiKey != nil || allowsAnyone else {
            throw ServingError(
                400,
                "--host \(host) lets other machines in. Give an --api-key they must know, or --no-auth to let anyone in"
            )
        }
        if let apiKey, apiKey.utf8.count < 8 || !apiKey.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            throw ServingError(
                400,
                "the API key has \(apiKey.utf8.count) characters, expected at least 8, without spaces and only ASCII")
        }
    }
}

/// Serves a model over HTTP, in OpenAI's and Ollama's dialects and as a web page.
public struct Server: Sendable {
    private let options: ServerOptions, logger: Logger
    private let activity: Activity, monitor: any ClusterMonitor
    private let responder: RouterResponder<ServingContext>

    /// A server that listens when it is run.
    public init(
        model: ServedModel, generator: any TextGenerator, monitor: any ClusterMonitor,
        catalogue: any ModelCatalogue = NoCatalogue(),
        options: ServerOptions, logger: Logger
    ) throws {
        try options.validate()
        self.options = options
        self.logger = logger
        self.monitor = monitor
        activity = Activity(most: options.most)
        let metrics = ServingMetrics(), router = Router(context: ServingContext.self)
        let answerer = Answerer(
            generator: generator, model: model, metrics: metrics, activity: activity, timeLimit: options.timeLimit)
        let gatekeeper = Gatekeeper(apiKey: options.apiKey, isLoopback: options.isLoopback, origins: options.origins)
        router.add(middleware: RequestMiddleware(gatekeeper: gatekeeper, metrics: metrics, routes: OpenAPI.routes))
        let notice = FieldNotice(logger)
        OpenAIRoutes(answerer: answerer, notice: notice, bodyLimit: options.bodyLimit).add(to: router)
        OllamaRoutes(
            answerer: answerer, monitor: monitor, catalogue: catalogue, notice: notice, bodyLimit: options.bodyLimit,
            version: options.version
        ).add(to: router)
        ClusterRoutes(answerer: answerer, monitor: monitor, interval: options.eventInterval).add(to: router)
        let description = OpenAPI.document(version: options.version)
        router.get("/openapi.json") { _, _ in Response.json(description) }
        let files = StaticFiles(folder: options.pageFolder ?? StaticFiles.folder)
        for path in ["/", "/**"] {
            router.get("\(path)") { request, _ in
                guard let response = files.response(request.uri.path, ifNoneMatch: request.headers[.ifNoneMatch]) else {
                    throw HTTPError(.notFound)
                }
                return response
            }
        }
        router.head("/") { _, _ in Response(status: .ok) }
        responder = router.buildResponder()
    }

    /// The HTTP application, which tests run directly.
    func application(
        holding connections: HeldConnections = HeldConnections(),
        onRunning: @escaping @Sendable (Int?) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        Application(
            responder: responder,
            server: connections.server(
                configuration: .init(idleTimeout: .seconds(120)), bodyLimit: options.bodyLimit),
            configuration: .init(address: .hostname(options.host, port: options.port), serverName: "brigade"),
            onServerRunning: { await onRunning($0.localAddress?.port) }, logger: logger)
    }

    /// Serves until the surrounding task is cancelled, `stop` returns, or a service fails. `onRunning` receives the
    /// port.
    ///
    /// A stopping server takes no new requests and cancels transfers of models. Running answers may end until the
    /// deadline; then they are ended with an error as their last event. Anything that delays the stop further is
    /// dropped.
    public func run(
        stop: @escaping @Sendable () async -> Void = { try? await Task.sleep(for: .seconds(1 << 40)) },
        onRunning: @escaping @Sendable (Int?) async -> Void
    ) async throws {
        let connections = HeldConnections()
        defer { connections.end() }
        var services: [any Service] = [application(holding: connections, onRunning: onRunning)]
        if let service = monitor as? any Service { services.append(service) }
        services.append(Draining(activity: activity, time: options.drainTime))
        var configuration = ServiceGroupConfiguration(services: services, logger: logger)
        configuration.maximumGracefulShutdownDuration = options.drainTime + options.closingTime
        let group = ServiceGroup(configuration: configuration), activity = activity
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let watcher = Task {
                await stop()
                await group.triggerGracefulShutdown()
            }
            defer { watcher.cancel() }
            do { try await tasks.next() } catch let error as IOError {
                throw ServingError(
                    500,
                    """
                    \(options.host):\(options.port) cannot be listened on: \
                    \(String(cString: strerror(error.errnoCode))). End what uses that port, or choose another with \
                    --port
                    """,
                    code: "cannot_listen")
            } catch  where activity.drainingTime > options.drainTime {
                // Dropped connections may report errors, but the server has stopped as it was told.
                logger.warning("the server stopped with connections still open", metadata: ["error": "\(error)"])
            }
        }
    }
}

/// The last service to start and so the first to stop: waits for running answers before the sockets close.
private struct Draining: Service {
    let activity: Activity, time: Duration

    func run() async throws {
        try await gracefulShutdown()
        activity.drain()
        let deadline = ContinuousClock.now + time
        while activity.count > 0, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(50)) }
        activity.cut()
        // Waits until the last events of the ended answers are sent.
        let last = ContinuousClock.now + .seconds(2)
        while activity.count > 0, ContinuousClock.now < last { try await Task.sleep(for: .milliseconds(20)) }
        try await Task.sleep(for: .milliseconds(200))
    }
}
