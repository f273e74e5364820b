import ArgumentParser
import Coordinator
import Foundation
import Kernels
import Logging
import ModelStore
import Serving
import Synchronization
import Tokenizer
import Transformer

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve a model over HTTP: to clients of OpenAI and Ollama, and as a page in the browser.",
        discussion: """
            The page is at /, OpenAI's API at /v1, Ollama's at /api, a description at /openapi.json.
              brigade serve model.gguf --nodes 3
              curl http://127.0.0.1:3000/v1/models
            The server listens at once; until the cluster has started it refuses with status 503, and /ready says \
            how far it is. Ctrl-C lets running answers end; a second one ends at once.
            """)

    @Argument(
        help:
            """
            A model's name, as in qwq or qwq:32b, or a GGUF file; of a split one, any part. May be left out when \
            --cluster names a file with a model.
            """
    )
    var model: String?

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var engine: EngineOptions

    @Option(help: "The port; 0 takes any that is free.")
    var port: Int = 3000

    @Option(help: "The address to listen on; 0.0.0.0 lets other machines in and asks for --api-key or --no-auth.")
    var host: String = "127.0.0.1"

    @Option(
        help: ArgumentHelp(
            "What requests must bring as Authorization: Bearer KEY (also from BRIGADE_API_KEY).", valueName: "KEY"))
    var apiKey: String?

    @Flag(help: "Let anyone who reaches the address in.")
    var noAuth = false

    @Option(
        help: ArgumentHelp(
            "Let pages of this origin ask, as in http://localhost:8080; * for any. May be given several times.",
            valueName: "ORIGIN"))
    var corsOrigin: [String] = []

    @Option(help: ArgumentHelp("What clients call the model (default: the file's name).", valueName: "NAME"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            """
            Whole contexts there is to be memory for, shared by all conversations at a time (default: 2, or 1 if there \
            is not enough).
            """,
            valueName: "N"))
    var parallel: Int?

    @Option(help: ArgumentHelp("Requests that may wait; more get status 429.", valueName: "N"))
    var maxQueue: Int = 64

    @Option(help: ArgumentHelp("Requests answered at the same time.", valueName: "N"))
    var maxStreams: Int = 64

    @Option(help: ArgumentHelp("Bytes of a request's body.", valueName: "N"))
    var maxBody: Int = 16 << 20

    @Option(help: ArgumentHelp("Seconds an answer may take.", valueName: "N"))
    var timeLimit: Int = 3600

    @Option(help: ArgumentHelp("Seconds that running answers get to end when the server stops.", valueName: "N"))
    var drainTime: Int = 20

    @Option(
        help: ArgumentHelp(
            """
            How to speak with the model, instead of the way that its file says: a file in Jinja, or one of \
            \(ChatTemplate.Style.allCases.map(\.rawValue).joined(separator: ", ")).
            """,
            valueName: "NAME|FILE"))
    var chatTemplate: String?

    private var options: ServerOptions {
        var options = ServerOptions()
        options.host = host
        options.port = port
        options.apiKey = apiKey ?? UserCache.variable("BRIGADE_API_KEY")
        options.allowsAnyone = noAuth
        options.origins = corsOrigin
        options.bodyLimit = maxBody
        options.most = maxQueue + maxStreams
        options.timeLimit = .seconds(timeLimit)
        options.drainTime = .seconds(drainTime)
        options.version = brigadeVersion
        return options
    }

    private var pullOptions: PullOptions {
        get throws {
            var options = PullOptions()
            options.registry = try UserCache.variable("BRIGADE_REGISTRY").map { try RegistryURL($0) }
            return options
        }
    }

    func validate() throws {
        for (option, value, range) in [
            ("--port", port, 0...65535), ("--max-queue", maxQueue, 0...100_000),
            ("--parallel", parallel ?? 1, 1...1024),
            ("--max-streams", maxStreams, 1...Engine.mostStreams),
            ("--max-body", maxBody, 1024...1 << 30),
            ("--time-limit", timeLimit, 1...1_000_000), ("--drain-time", drainTime, 0...3600),
        ] where !range.contains(value) {
            throw ValidationError("\(option) is \(value), expected \(range.lowerBound) to \(range.upperBound).")
        }
        do { try options.validate() } catch let error as ServingError { throw ValidationError(error.message) }
    }

    func run() async throws {
        HeapPolicy.returnFreedMemory()
        let library = ModelLibrary.standard(), located = try library.locate(cluster.model(model)),
            model = try Model(located)
        let served = try ServedModel(
            model, name: name ?? located.name?.description, template: try model.chatTemplate(named: chatTemplate))
        let pulls = try pullOptions
        var logger = Logger(label: "brigade") { StreamLogHandler(label: $0, stream: StandardError()) }
        logger.logLevel = cluster.logLevel == .critical ? .warning : cluster.logLevel
        var settings = try engine.options(cluster, for: model)
        settings.maxSequences = maxStreams
        settings.maxQueued = maxQueue
        let contexts = parallel.map { Parallel.exactly($0) } ?? .upTo(2)
        let planned = try cluster.planOptions(model, cluster.clusterFile(), parallel: contexts)
        let supervisor = Supervisor(
            contextLength: planned.contextLength, kvType: planned.kvType.rawValue,
            layers: try ModelConfiguration(model.file).layers)
        let server = try Server(
            model: served, generator: supervisor, monitor: supervisor,
            catalogue: LibraryCatalogue(library, options: pulls), options: options, logger: logger)
        let (signals, signal) = AsyncStream.makeStream(of: Void.self)
        let (addresses, address) = AsyncStream.makeStream(of: String.self)
        let serverEnd = OneTimeEvent()
        // Neither is cancelled for the other's sake: a cluster that cannot start ends the server in its own way, and with
        // the server its cluster ends.
        let problem = await withTaskGroup(of: (any Error)?.self, returning: (any Error)?.self) { [settings] tasks in
            tasks.addTask {
                defer {
                    serverEnd.happen()
                    address.finish()
                }
                do {
                    try await server.run {
                        for await _ in signals { return }
                    } onRunning: { port in
                        address.yield("http://\(host.contains(":") ? "[\(host)]" : host):\(port ?? self.port)")
                    }
                    return nil
                } catch { return error }
            }
            // The cluster starts when it is certain that it can be asked.
            tasks.addTask {
                defer { signal.yield() }
                do {
                    for await url in addresses {
                        say("listening at \(url) while the cluster starts")
                        try await supervisor.keepRunning { answer in
                            try await cluster.withCluster(model, parallel: contexts) {
                                supervisor.show(ClusterStatus.Start($0))
                            } _: { cluster in
                                say(planned.wordsOfContext(cluster.plan))
                                try await answer(cluster, Engine(cluster, model: model, options: settings))
                            }
                        } onRunning: {
                            say("\(served.name) is served at \(url)")
                            ExitHandlers.shared.onFirstSignal { signal.yield() }
                        } isOver: {
                            // A signal that came before has ended the server only.
                            serverEnd.hasHappened
                        } onLoss: { error in
                            // Nobody is being answered: the next signal ends the program at once, wherever the start is.
                            ExitHandlers.shared.onFirstSignal(nil)
                            say("\(error). The cluster is started again as soon as all workers answer")
                        } until: {
                            await serverEnd.wait()
                        }
                    }
                    return nil
                } catch { return error }
            }
            var first: (any Error)?
            for await problem in tasks { first = first ?? problem }
            return first
        }
        if let problem { throw problem }
    }
}
