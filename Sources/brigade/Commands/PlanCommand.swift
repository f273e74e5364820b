import ArgumentParser
import Control
import Coordinator
import Foundation
import Launch
import ModelStore
import Planning
import Worker

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show which worker would hold which layers, and how fast that would be.",
        discussion: """
            With a cluster file that states memory, threads, bandwidth and int8 of every node the plan is made on \
            paper. Otherwise the workers must be running: they are asked and measured. Nothing is loaded.
              brigade plan qwq --cluster Configs/four-unequal.yaml --num-ctx 32768 --kv q8_0
            """)

    @Argument(
        help: "A model's name, as in qwq, or a GGUF file. May be left out when --cluster names a file with a model.")
    var model: String?

    @OptionGroup var cluster: ClusterOptions

    @Option(help: ArgumentHelp("Whole contexts there is to be memory for; brigade serve asks for 2.", valueName: "N"))
    var parallel: Int = 1

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard cluster.workers != nil || cluster.cluster != nil else {
            throw ValidationError("Give the workers to plan for: --cluster FILE or --workers URL,URL.")
        }
        if !(1...1024).contains(parallel) { throw ValidationError("--parallel is \(parallel), expected 1 to 1024.") }
    }

    func run() async throws {
        let model = try Model(named: cluster.model(model)), errors = RelayedErrors()
        let options = try cluster.planOptions(model, cluster.clusterFile(), parallel: .exactly(parallel))
        let source = try cluster.source(errors: errors), names = try cluster.names(of: source)
        let progress = StartProgress(names)
        defer {
            progress.finish()
            errors?.finish()
        }
        let (plan, facts) = try await source.plan(model, options: options) { local in
            ExitHandlers.shared.add { local.stop() }
        } progress: {
            progress.show($0)
        }
        progress.finish()
        let report = Report(plan, facts, model: model.name, options, parallel: parallel)
        if json { return try emit(json: report) }
        emit(report.text(names))
    }

    /// The plan as it is shown.
    struct Report: Encodable {
        struct Stage: Encodable {
            var node: String, firstLayer: Int, layers: Int, head: Bool
            var weightBytes: Int, kvBytes: Int, workspaceBytes: Int, budget: Int
            var millisecondsPerToken: Double, millisecondsPerPromptToken: Double
        }

        struct LeftOut: Encodable {
            var node: String, why: String
        }

        var model: String, kv: String, contextLength: Int, parallel: Int
        var stages: [Stage], leftOut: [LeftOut]
        /// Tokens of the prompt whose first token is predicted, and that time.
        var expectedPromptTokens: Int, firstTokenSeconds: Double
        var hopMilliseconds: Double, tokensPerSecond: Double, promptTokensPerSecond: Double, predictedAtContext: Int

        init(_ plan: Plan, _ facts: [NodeFacts], model: String, _ options: Cluster.Options, parallel: Int) {
            self.model = model
            self.parallel = parallel
            kv = options.kvType.rawValue
            contextLength = plan.contextLength
            let p = plan.prediction
            stages = plan.stages.enumerated().map { i, s in
                Stage(
                    node: facts[s.node].name, firstLayer: s.firstLayer, layers: s.layerCount, head: s.hasHead,
                    weightBytes: s.weightBytes,
                    kvBytes: s.kvBytes, workspaceBytes: s.workspaceBytes, budget: s.budget,
                    millisecondsPerToken: (p?.stageSeconds[i] ?? 0) * 1000,
                    millisecondsPerPromptToken: (p?.stagePromptSeconds[i] ?? 0) * 1000)
            }
            leftOut = zip(plan.leftOut, plan.leftOutReasons).map { LeftOut(node: facts[$0].name, why: $1.sentence) }
            expectedPromptTokens = options.goal.promptTokens
            firstTokenSeconds = p?.firstTokenSeconds(promptTokens: expectedPromptTokens) ?? 0
            hopMilliseconds = (p?.hopSeconds ?? 0) * 1000
            tokensPerSecond = p?.tokensPerSecond ?? 0
            promptTokensPerSecond = p?.promptTokensPerSecond ?? 0
            predictedAtContext = p?.context ?? 0
        }

        /// As a person reads it; `names` stand for addresses.
        func text(_ names: NodeNames) -> String {
            let width = Table.outputWidth
            func paragraph(_ text: String) -> String { filled(text, columns: width ?? .max) + "\n" }
            let contexts = parallel > 1 ? "\(parallel) contexts" : "context"
            var out = paragraph("\(model), \(contexts) of \(contextLength) tokens, KV cache in \(kv)") + "\n"
            out += Table(
                [
                    .text("node", least: 8), .number("layers"), .number("weights"), .number("KV cache", rank: 1),
                    .number("workspace", rank: 3), .number("budget", rank: 2), .number("ms/token"),
                ],
                stages.map { s in
                    let last = s.firstLayer + s.layers - 1
                    let layers = s.layers == 0 ? "head" : "\(s.firstLayer)-\(last)\(s.head ? "+head" : "")"
                    return [names[s.node], layers]
                        + [s.weightBytes, s.kvBytes, s.workspaceBytes, s.budget].map { readable($0) }
                        + [String(format: "%.1f", s.millisecondsPerToken)]
                }
            ).text(width: width)
            if !leftOut.isEmpty {
                out += "\n" + leftOut.map { paragraph("left out: \(names[$0.node]), which \($0.why)") }.joined()
            }
            return out + "\n"
                + paragraph(
                    String(
                        format:
                            """
                            predicted: %.2f tokens/s of one answer behind %d tokens (%.1f ms between the nodes), %.0f \
                            tokens/s of a long prompt, the first token after %.1f s for a prompt of %d tokens
                            """,
                        tokensPerSecond, predictedAtContext, hopMilliseconds, promptTokensPerSecond, firstTokenSeconds,
                        expectedPromptTokens))
        }
    }
}

extension PlanningGoal {
    /// Tokens of the prompts that are expected.
    fileprivate var promptTokens: Int {
        if case .time(let work) = self, work.promptTokens > 0 { return work.promptTokens }
        return Workload.reasoning.promptTokens
    }
}

extension LeftOutReason {
    fileprivate var sentence: String {
        switch self {
        case .tooSmall: "has no memory for a single block"
        case .slows(let ratio): String(format: "would make the work take %.2f times as long", ratio)
        case .noBlockLeft: "has no block left to hold"
        }
    }
}
