import ArgumentParser
import Coordinator
import Foundation
import GGUF
import Kernels
import ModelStore
import Transformer

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure speed, and how near it comes to what this machine can do.",
        discussion: """
            Without --nodes, --workers or --cluster the model is computed in this process, in steps of 1 to 512 rows \
            and behind long contexts, with one thread and with all. A step of 1 row is decoding, one of 512 a \
            prompt.

            With --nodes, --workers or --cluster a prompt and an answer are timed over the whole pipeline; with \
            --streams several at once, with --beside the delays of an answer while a long prompt arrives, and with \
            --turns the first tokens of a conversation's two turns.

            Read bandwidth and int8 rate are measured with the same threads right before and right after every step, \
            unless the workers run elsewhere (--workers, --cluster): then there are no shares of them. Decoding is \
            compared with the bandwidth (every token reads all weights once), prompts with the int8 rate. Medians of \
            the rounds are shown.
            """)

    @Argument(help: "A model's name, or a GGUF file.")
    var model: String

    @Option(help: "How often everything is measured.")
    var rounds: Int = 5

    @Option(help: ArgumentHelp("Without a cluster: positions before the row of a step.", valueName: "N,N"))
    var contexts: String = "1024,8192,32768"

    @Option(help: "With a cluster: tokens of the prompt.")
    var promptTokens: Int = 512

    @Option(help: "With a cluster: tokens decoded.")
    var tokens: Int = 32

    @Option(help: ArgumentHelp("With a cluster: requests at a time.", valueName: "N,N"))
    var streams: String?

    @Option(help: ArgumentHelp("With a cluster: tokens of a prompt that arrives while an answer runs.", valueName: "N"))
    var beside: Int?

    @Flag(help: "With a cluster: the first two turns of a conversation whose first prompt has --prompt-tokens.")
    var turns = false

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var engine: EngineOptions

    func validate() throws {
        for (name, value) in [("--prompt-tokens", promptTokens), ("--tokens", tokens), ("--rounds", rounds)]
        where !(1...1_000_000).contains(value) {
            throw ValidationError("\(name) is \(value), expected 1 or more.")
        }
        let modes = [("--streams", streams != nil), ("--beside", beside != nil), ("--turns", turns)].filter(\.1).map(
            \.0)
        if modes.count > 1 {
            throw ValidationError(
                "Give one of \(modes.joined(separator: " and ")), each measures something of its own.")
        }
        if let mode = modes.first, !overCluster {
            throw ValidationError(
                "\(mode) measures a pipeline of workers: give --nodes N, --workers URL,URL or --cluster FILE as well.")
        }
        if let beside, !(1...1_000_000).contains(beside) {
            throw ValidationError("--beside is \(beside), expected 1 or more.")
        }
        _ = try contextLengths
        _ = try streamCounts
    }

    /// Whether workers compute, rather than this process.
    private var overCluster: Bool { cluster.nodes != nil || cluster.workers != nil || cluster.cluster != nil }

    var streamCounts: [Int] {
        get throws {
            try (streams ?? "").split(separator: ",").map {
                guard let n = Int($0), (1...4096).contains(n) else {
                    throw ValidationError("--streams has \"\($0)\", expected numbers of requests such as 1,2,4.")
                }
                return n
            }
        }
    }

    private var contextLengths: [Int] {
        get throws {
            try contexts.split(separator: ",").map {
                guard let n = Int($0), (1...1 << 20).contains(n) else {
                    throw ValidationError("--contexts has \"\($0)\", expected numbers of tokens such as 1024,8192.")
                }
                return n
            }.sorted()
        }
    }

    func run() async throws {
        try ComputeEngine.check()
        let model = try Model(named: model)
        if !overCluster {
            try steps(of: model)
        } else if let beside {
            try await disturbance(model, promptTokens: beside)
        } else if turns {
            try await conversation(model)
        } else if streams != nil {
            try await streams(model)
        } else {
            try await pipeline(model)
        }
    }

    // MARK: In this process

    private struct StepsReport: Encodable {
        var model: String, cpu: String
        var threads: [StepBenchmark.Report]
    }

    private func steps(of model: Model) throws {
        var c = try ModelConfiguration(model.file)
        let scaling = try cluster.rope.request?.scaling(for: c), progress = ProgressLine(label: "measuring")
        if let scaling { c = try c.scaled(scaling) }
        let most = cluster.threads ?? MachineProcessors.count
        let depths = try contextLengths.filter { $0 <= c.longestContext }
        var report = StepsReport(model: model.name, cpu: ComputeEngine.cpuName, threads: [])
        for threads in Set([1, most]).sorted() where cluster.threads == nil || threads == most {
            let benchmark = try StepBenchmark(
                model.file, threads: threads, contexts: depths, kvType: cluster.kv ?? .f16, ropeScaling: scaling)
            report.threads.append(
                try benchmark.run(rounds: rounds) { progress.update(done: $0, total: $1, unit: .count) })
        }
        progress.finish()
        if json { return try emit(json: report) }
        emit(paragraph: "\(report.model), \(report.cpu)")
        for r in report.threads {
            emit("\n")
            emit(
                paragraph: """
                    \(counted(r.threads, "thread")): this machine reads \(text(r.readBandwidthGBs)) GB/s and makes \
                    \(text(r.int8Gmacs)) billion int8 multiply-adds a second
                    """)
            emit(Self.table(r.steps).text())
            if !r.contexts.isEmpty { emit("\n" + Self.table(r.contexts).text()) }
        }
    }

    // MARK: Over a line of workers

    private struct PipelineReport: Encodable {
        var model: String, nodes: Int
        /// Of this machine, when the workers run on it; others' cannot be probed from here.
        var threads: Int?, cpu: String?, readBandwidthGBs: Double?, int8Gmacs: Double?
        var promptTokens: Int, prefillTokensPerSecond: Double, prefillGmacs: Double, prefillShareOfInt8: Double?
        var delivery: Cluster.Delivery
        var decodedTokens: Int, decodeTokensPerSecond: Double, decodeGBs: Double, decodeShareOfBandwidth: Double?
    }

    private func pipeline(_ model: Model) async throws {
        let c = try ModelConfiguration(model.file)
        let threads = cluster.threads ?? MachineProcessors.count,
            settings = try engine.options(cluster, for: model)
        let progress = ProgressLine(label: "measuring"), isHere = cluster.nodes != nil
        let report = try await cluster.withCluster(
            model, contextLength: promptTokens + tokens, kvTokens: promptTokens + tokens + 128
        ) { cluster in
            let benchmark = try StreamBenchmark(
                Engine(cluster, model: model, options: settings), vocabulary: c.vocabulary)
            let probe = try isHere ? ComputeEngine(threads: threads) : nil
            var roofs = [try probe.map { try Roofline(engine: $0) }], pp: [Double] = [], tg: [Double] = []
            for round in 0..<rounds {
                progress.update(done: round, total: rounds, unit: .count)
                let times = try await benchmark.run(streams: 1, promptTokens: promptTokens, tokens: tokens, seed: round)
                pp.append(times.promptSpeed)
                tg.append(times.speed)
                roofs.append(try probe.map { try Roofline(engine: $0) })
            }
            progress.finish()
            let weights = Double(cluster.plan.stages.reduce(0) { $0 + $1.weightBytes })
            let work = Self.multiplyAdds(model.file)
            // Each round against the probes around it.
            let around: [(Double, Double)] = zip(roofs, roofs.dropFirst()).compactMap { a, b in
                guard let a, let b else { return nil }
                return ((a.readBandwidth + b.readBandwidth) / 2, (a.int8Rate + b.int8Rate) / 2)
            }
            func known(_ values: [Double]) -> Double? { values.isEmpty ? nil : Self.median(values) }
            return PipelineReport(
                model: model.name, nodes: cluster.nodes.count, threads: isHere ? threads : nil,
                cpu: isHere ? ComputeEngine.cpuName : nil,
                readBandwidthGBs: known(around.map { $0.0 / 1e9 }), int8Gmacs: known(around.map { $0.1 / 1e9 }),
                promptTokens: promptTokens, prefillTokensPerSecond: Self.median(pp),
                prefillGmacs: Self.median(pp) * work / 1e9,
                prefillShareOfInt8: known(zip(pp, around).map { $0 * work / $1.1 }), delivery: cluster.delivery,
                decodedTokens: tokens,
                decodeTokensPerSecond: Self.median(tg), decodeGBs: Self.median(tg) * weights / 1e9,
                decodeShareOfBandwidth: known(zip(tg, around).map { $0 * weights / $1.0 }))
        }
        if json { return try emit(json: report) }
        emit(
            paragraph:
                "\(report.model): \(counted(report.nodes, "node"))\(report.cpu.map { ", \(counted(threads, "thread")) each, \($0)" } ?? "")"
        )
        if let read = report.readBandwidthGBs, let int8 = report.int8Gmacs {
            emit(paragraph: "this machine: \(text(read)) GB/s read, \(text(int8)) billion int8 multiply-adds/s")
        }
        func share(_ value: Double?, of what: String) -> String { value.map { "\(text($0, 2)) of \(what)" } ?? "" }
        emit(
            Table(
                [
                    .text(""), .number("tokens"), .number("tokens/s"), .text("work in a second", rank: 1),
                    .text(isHere ? "share" : "", least: 8),
                ],
                [
                    [
                        "prefill", "\(promptTokens)", text(report.prefillTokensPerSecond),
                        "\(text(report.prefillGmacs)) billion multiply-adds",
                        share(report.prefillShareOfInt8, of: "the int8 rate"),
                    ],
                    [
                        "decode", "\(tokens)", text(report.decodeTokensPerSecond),
                        "\(text(report.decodeGBs)) GB of weights",
                        share(report.decodeShareOfBandwidth, of: "the bandwidth"),
                    ],
                ]
            ).text())
    }

    /// Multiply-adds of the blocks' matrices for one token; the head works on the last row of a prompt only.
    private static func multiplyAdds(_ file: GGUFFile) -> Double {
        var sum = 0.0
        for tensor in file.tensors where tensor.name.hasPrefix("blk.") && tensor.shape.count == 2 {
            sum += Double(tensor.rowLength) * Double(tensor.rowCount)
        }
        return sum
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    private func text(_ value: Double, _ digits: Int = 1) -> String { String(format: "%.\(digits)f", value) }
}
