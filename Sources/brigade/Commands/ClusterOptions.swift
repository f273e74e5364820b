import ArgumentParser
import Control
import Coordinator
import Foundation
import Kernels
import Launch
import Logging
import Messaging
import ModelStore
import Planning
import Transformer
import Worker

/// Which workers compute, and how; shared by all commands that need a model at work.
struct ClusterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Start this many local workers, each a process of its own.", valueName: "N"))
    var nodes: Int?

    @Option(
        help: ArgumentHelp(
            "Use running workers: URLs separated by commas, as in tcp://10.0.0.2,tcp://10.0.0.3.",
            valueName: "URL,URL"))
    var workers: String?

    @Option(
        help: ArgumentHelp(
            "Use the nodes and settings of a cluster file, see Configs; options given here override its settings.",
            valueName: "FILE"))
    var cluster: String?

    @Option(
        help: ArgumentHelp(
            "Layers per worker, separated by commas, instead of a plan by their speed and memory.", valueName: "N,N"))
    var layers: String?

    @Option(
        name: [.customLong("expect"), .customLong("optimize")],
        help: ArgumentHelp(
            """
            The work that the plan is to do soonest: tokens of a prompt, tokens of an answer and requests at a time, \
            or \
            latency, throughput, or even (all workers in their order, equally busy; that is how local ones are used) \
            (default: 1000:2000:1).
            """, valueName: "P:A:S"))
    var optimize: PlanningGoal?

    @Option(
        name: [.long, .customShort("t")], help: "Compute threads of each local worker (default: this machine's cores).")
    var threads: Int?

    @Option(
        name: [.long, .customLong("ctx-size"), .customShort("c")],
        help: ArgumentHelp(
            "Tokens of context (default: as many as memory allows and the model was made for).", valueName: "N")
    )
    var numCtx: Int?

    @OptionGroup var rope: RopeOptions

    @Option(help: "How keys and values are kept: f16, or q8_0 in half the memory (default: f16).")
    var kv: KVType?

    @Option(
        help: ArgumentHelp(
            """
            Prompt rows in a frame (default: chosen for the pipeline, 512 for perplexity); it cannot change an answer.
            """,
            valueName: "N"))
    var batchSize: Int?

    @Option(
        help: ArgumentHelp(
            "The most frames in flight in the pipeline (default: one more than workers).", valueName: "N"))
    var inFlight: Int?

    // What a worker would log as an error reaches the coordinator, which says it once.
    @Option(help: "How much the workers say: trace, debug, info, notice, warning, error or critical.")
    var logLevel: Logger.Level = .critical

    func validate() throws {
        if [nodes != nil, workers != nil, cluster != nil].count(where: \.self) > 1 {
            throw ValidationError("Give one of --nodes, --workers and --cluster.")
        }
        if threads != nil && workers != nil {
            throw ValidationError(
                """
                --threads is for workers that are started here; those that --workers names were started with threads \
                of their own.
                """
            )
        }
        if let nodes, !(1...64).contains(nodes) { throw ValidationError("--nodes is \(nodes), expected 1 to 64.") }
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads is \(threads), expected 1 to 256.")
        }
        if let numCtx, !(8...16_777_216).contains(numCtx) {
            throw ValidationError("--num-ctx is \(numCtx), expected 8 to 16777216.")
        }
        if let batchSize, !(1...4096).contains(batchSize) {
            throw ValidationError("--batch-size is \(batchSize), expected 1 to 4096.")
        }
        if let inFlight, !(1...1024).contains(inFlight) {
            throw ValidationError("--in-flight is \(inFlight), expected 1 to 1024.")
        }
        _ = try split
    }

    /// The model that was named, or the cluster file's.
    func model(_ named: String?) throws -> String {
        if let model = try named ?? cluster.flatMap({ try ClusterFile(path: $0).modelReference }) { return model }
        throw ValidationError(
            """
            No model is named: give a name, as in qwq, or a GGUF \
            file\(cluster.map { ", or write \"model: …\" into \($0)" } ?? "").
            """)
    }

    private var split: [Int]? {
        get throws {
            try layers?.split(separator: ",", omittingEmptySubsequences: false).map {
                guard let n = Int($0), n >= 1 else {
                    throw ValidationError("--layers has \"\($0)\", expected numbers of layers such as 12,16.")
                }
                return n
            }
        }
    }

    /// The cluster file, if one was named.
    func clusterFile() throws -> ClusterFile? { try cluster.map { try ClusterFile(path: $0) } }

    /// The context for which plans are made as fast as possible when nobody says how long it shall be.
    private static let usualContext = 32768

    /// The settings of a plan for `model`. `needed`: the context when none is asked for; nil: the cluster file's, or
    /// else as much as memory allows.
    func planOptions(
        _ model: Model, _ file: ClusterFile?, contextLength needed: Int? = nil, kvTokens: Int? = nil,
        parallel: Parallel = .exactly(1)
    ) throws -> Cluster.Options {
        var c = try ModelConfiguration(model.file)
        let scaling = try (rope.request ?? file?.rope)?.scaling(for: c)
        if let scaling { c = try c.scaled(scaling) }
        let longest = c.longestContext, asked = numCtx ?? needed ?? file?.contextLength, context = asked ?? longest
        guard context <= longest else {
            throw ValidationError(
                """
                A context of \(context) tokens was asked for, but the model's positions go up to \(longest). Use \
                --num-ctx \(longest) or less, or stretch them: --rope-scaling yarn --rope-factor N.
                """
            )
        }
        var options = Cluster.Options(
            contextLength: context, layers: try split ?? file?.layers, kvType: kv ?? file?.kvType ?? .f16,
            ropeScaling: scaling,
            kvTokens: kvTokens, inFlight: inFlight)
        if kvTokens == nil {
            options.contextWish = ContextWish(
                most: context, least: asked ?? 1,
                usual: max(Self.usualContext, model.packedContextLength ?? 0), contexts: parallel.wanted,
                leastContexts: parallel.least)
        }
        options.goal = optimize ?? file?.objective ?? (workers == nil && file == nil ? .even : .time(of: .reasoning))
        options.stated = file?.nodes
        return options
    }

    /// The addresses that --workers names.
    func workerURLs() throws -> [NodeURL]? {
        guard let workers else { return nil }
        let urls = try workers.split(separator: ",").map { try NodeURL(String($0)) }
        guard !urls.isEmpty else { throw ValidationError("--workers names no worker.") }
        guard Set(urls).count == urls.count else { throw ValidationError("--workers names a worker twice.") }
        return urls
    }

    /// What people call the nodes that the options ask for.
    func names(of source: ClusterSource) throws -> NodeNames {
        switch source.workers {
        case .running(let urls): NodeNames(of: urls.map(\.description))
        case .described(let file):
            NodeNames(
                of: file.nodes.map(\.url.description),
                given: Dictionary(file.nodes.map { ($0.url.description, $0.name) }) { first, _ in first })
        case .local: NodeNames(of: [])  // their sockets have addresses only once they are started
        }
    }

    /// What people call the nodes of a running cluster.
    func names(of cluster: Cluster) throws -> NodeNames {
        let nodes = try clusterFile()?.nodes ?? []
        return NodeNames(
            of: cluster.nodes.map(\.url.description),
            given: Dictionary(nodes.map { ($0.url.description, $0.name) }) { first, _ in first })
    }

    /// The workers that the options ask for; `errors` is where those that are started here write.
    func source(errors: RelayedErrors? = nil) throws -> ClusterSource {
        let workers: ClusterSource.Workers
        if let named = try workerURLs() {
            workers = .running(named)
        } else if let file = try clusterFile() {
            workers = .described(file)
        } else {
            workers = .local(count: nodes ?? 1, threads: threads ?? MachineProcessors.count)
        }
        var source = ClusterSource(workers, executable: Self.executablePath, logLevel: logLevel.rawValue)
        source.errors = errors?.handle
        return source
    }

    /// Starts what the options ask for, showing progress, and hands the cluster to `body`; stops it in every case.
    ///
    /// - Parameters:
    ///   - needed: the context when none is asked for.
    ///   - parallel: whole contexts that there is to be memory for.
    ///   - onProgress: hears of the progress as well.
    func withCluster<R>(
        _ model: Model, contextLength needed: Int? = nil, kvTokens: Int? = nil, parallel: Parallel = .exactly(1),
        onProgress: @escaping @Sendable (Cluster.Progress) -> Void = { _ in }, _ body: (Cluster) async throws -> R
    ) async throws -> R {
        try ComputeEngine.check()
        let options = try planOptions(
            model, clusterFile(), contextLength: needed, kvTokens: kvTokens, parallel: parallel)
        let errors = RelayedErrors(), source = try source(errors: errors)
        let progress = StartProgress(try names(of: source))
        var undo: Int?
        defer {
            progress.finish()
            if let undo { ExitHandlers.shared.remove(undo) }
            errors?.finish()
        }
        return try await source.withCluster(model, options: options) { local in
            undo = ExitHandlers.shared.add { local.stop() }
        } progress: {
            progress.show($0)
            onProgress($0)
        } _: { cluster in
            progress.finish()
            return try await body(cluster)
        }
    }

    /// This program's own file, to start workers with.
    static var executablePath: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
    }
}

/// How many whole contexts there is to be memory for.
enum Parallel {
    /// This many.
    case exactly(Int)
    /// This many where memory suffices, but at least one.
    case upTo(Int)

    var wanted: Int {
        switch self {
        case .exactly(let count), .upTo(let count): count
        }
    }
    var least: Int { if case .exactly(let count) = self { count } else { 1 } }
}

extension KVType: ExpressibleByArgument {}
extension PlanningGoal: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
extension Logger.Level: @retroactive ExpressibleByArgument {}
