import ArgumentParser
import Coordinator
import Foundation
import Launch
import ModelStore
import Planning
import Simulation

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Show what to expect of a cluster that need not exist, for one and for many requests at once.",
        discussion: """
            The scheduler and the planner are the real ones, the workers and the hops between them are modelled; of \
            the model only its file's header is read. The columns are those of "brigade bench --streams". There is \
            no speculative decoding.
              brigade simulate qwq --cluster Configs/four-unequal.yaml --streams 1,4,16
              brigade simulate qwq --nodes-of 4,8,16 --memory 8GiB --link wifi
            """)

    @Argument(
        help: "A model's name, as in qwq, or a GGUF file. May be left out when --cluster names a file with a model.")
    var model: String?

    @Option(help: ArgumentHelp("Numbers of equal nodes, one simulation for each.", valueName: "N,N"))
    var nodesOf: String?

    @Option(help: "Of each of --nodes-of: gigabytes (10^9) read a second, with all threads.")
    var bandwidth: Double = 40

    @Option(help: "Of each of --nodes-of: billions of int8 multiply-adds a second.")
    var int8: Double = 900

    @Option(help: ArgumentHelp("Of each of --nodes-of: what it gives to the model.", valueName: "SIZE"))
    var memory: String = "16GiB"

    @Option(
        help: ArgumentHelp(
            """
            Links of all nodes: gigabit, 10gbe, wifi, or milliseconds there and back and megabytes a second, as in \
            0.3:115 (default: the cluster file's, or gigabit).
            """,
            valueName: "LINK"))
    var link: String?

    @Option(help: ArgumentHelp("Requests at a time.", valueName: "N,N"))
    var streams: String = "1,2,4,8,16"

    @Option(help: "Tokens of each prompt.")
    var promptTokens: Int = 512

    @Option(help: "Tokens of each answer.")
    var tokens: Int = 128

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var cluster: ClusterOptions

    func validate() throws {
        guard cluster.nodes == nil, cluster.workers == nil else {
            throw ValidationError(
                """
                Nothing is started or asked here: give --cluster FILE or --nodes-of N,N instead of --nodes or \
                --workers.
                """
            )
        }
        guard (nodesOf != nil) != (cluster.cluster != nil) else {
            throw ValidationError("Give the nodes to simulate: --cluster FILE or --nodes-of N,N.")
        }
        for (name, value) in [("--prompt-tokens", promptTokens), ("--tokens", tokens)]
        where !(1...1_000_000).contains(value) {
            throw ValidationError("\(name) is \(value), expected 1 to 1000000.")
        }
        for (name, value) in [("--bandwidth", bandwidth), ("--int8", int8)] where !(value > 0 && value < 1e9) {
            throw ValidationError("\(name) is \(value), expected a number above 0, and below 10^9.")
        }
        if byteCount(memory) == nil {
            throw ValidationError("--memory is \"\(memory)\", expected a size such as 8GiB.")
        }
        if let context = cluster.numCtx, context < promptTokens + tokens {
            throw ValidationError(
                "--num-ctx is \(context), but a prompt and its answer have \(promptTokens + tokens) tokens.")
        }
        _ = try numbers("--streams", streams, most: 4096)
        _ = try nodesOf.map { try numbers("--nodes-of", $0, most: 64) }
        _ = try linkFacts
    }

    private func numbers(_ name: String, _ text: String, most: Int) throws -> [Int] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map {
            guard let n = Int($0), (1...most).contains(n) else {
                throw ValidationError("\(name) has \"\($0)\", expected numbers from 1 to \(most) such as 1,2,4.")
            }
            return n
        }
    }

    private var linkFacts: LinkFacts? {
        get throws {
            switch link {
            case nil: return nil
            case "gigabit": return .gigabit
            case "10gbe": return .tenGigabit
            case "wifi": return .wifi
            case let text?:
                let parts = text.split(separator: ":", omittingEmptySubsequences: false).compactMap { Double($0) }
                guard parts.count == 2, text.count(where: { $0 == ":" }) == 1, (0..<1e6).contains(parts[0]),
                    parts[1] > 0, parts[1] < 1e9
                else {
                    throw ValidationError(
                        """
                        --link is "\(text)", expected gigabit, 10gbe, wifi or MILLISECONDS:MEGABYTES such as 0.3:115.
                        """
                    )
                }
                return LinkFacts(roundTrip: parts[0] / 1000, throughput: parts[1] * 1e6)
            }
        }
    }

    /// The nodes of every simulation.
    private func clusters(_ file: ClusterFile?) throws -> [[NodeFacts]] {
        let link = try linkFacts
        guard let file else {
            return try numbers("--nodes-of", nodesOf ?? "", most: 64).map { count in
                (1...count).map {
                    .fromProbes(
                        name: "node\($0)", memoryBudget: NodeFacts.sliceBudget(of: byteCount(memory)!),
                        threads: cluster.threads ?? 8, bandwidth: bandwidth * 1e9,
                        int8: int8 * 1e9, link: link ?? .gigabit)
                }
            }
        }
        return [
            try file.nodes.map { node in
                guard var facts = NodeFacts(stated: node) else {
                    throw ValidationError(
                        """
                        \(file.path) does not state all of memory, threads, bandwidth and int8 of node \(node.name), \
                        which a simulation needs.
                        """
                    )
                }
                if let link { facts.link = link }
                return facts
            }
        ]
    }

    /// One cluster's figures.
    struct Simulated: Encodable {
        /// Nodes there are, and those that the plan uses.
        var nodes: Int, stages: Int
        /// What the plan predicts of one answer and of a long prompt.
        var plannedTokensPerSecond: Double, plannedPromptTokensPerSecond: Double
        var runs: [StreamReport]
    }

    func run() async throws {
        let file = try cluster.clusterFile(), model = try Model(named: cluster.model(model))
        let counts = try numbers("--streams", streams, most: 4096), length = promptTokens + tokens
        let options = try cluster.planOptions(
            model, file, contextLength: length, kvTokens: counts.max()! * (length + 192))
        var all: [Simulated] = []
        for facts in try clusters(file) {
            let plan = try Cluster.plan(facts, model: model, options: options),
                pipeline = try ModelledPipeline(plan, facts: facts, model: model)
            let runs = try counts.map { count in
                var simulation = PipelineSimulation(
                    pipeline, plan: plan, inFlight: cluster.inFlight, promptRows: cluster.batchSize)
                return try simulation.run(streams: count, promptTokens: promptTokens, tokens: tokens)
            }
            let simulated = Simulated(
                nodes: facts.count, stages: plan.stages.count,
                plannedTokensPerSecond: plan.prediction?.tokensPerSecond ?? 0,
                plannedPromptTokensPerSecond: plan.prediction?.promptTokensPerSecond ?? 0, runs: runs)
            all.append(simulated)
            if !json { emit(text(simulated, model.name, first: all.count == 1)) }
        }
        if json { try emit(json: all) }
    }

    private func text(_ s: Simulated, _ model: String, first: Bool) -> String {
        let width = Table.outputWidth ?? .max
        func paragraph(_ text: String) -> String { filled(text, columns: width) + "\n" }
        let head =
            first
            ? paragraph("\(model), prompts of \(promptTokens) tokens, answers of \(tokens), without speculation") : ""
        let plan =
            "\n"
            + paragraph(
                String(
                    format: "%d node(s), %d in use; planned: %.2f tokens/s of one answer, %.0f of a long prompt",
                    s.nodes, s.stages, s.plannedTokensPerSecond, s.plannedPromptTokensPerSecond))
        return head + plan + BenchCommand.table(s.runs).text()
    }
}
