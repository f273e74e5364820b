import Coordinator
import Foundation
import ModelStore
import Simulation
import Transformer

/// Several requests at once over a line of workers.
extension BenchCommand {
    private struct StreamsReport: Encodable {
        var model: String
        var nodes: Int
        var runs: [StreamReport]
    }

    func streams(_ model: Model) async throws {
        let counts = try streamCounts, vocabulary = try ModelConfiguration(model.file).vocabulary
        let progress = ProgressLine(label: "measuring"), most = counts.max() ?? 1,
            settings = try engine.options(cluster, for: model)
        let report = try await cluster.withCluster(
            model, contextLength: promptTokens + tokens, kvTokens: most * (promptTokens + tokens + 192)
        ) { cluster in
            let benchmark = try StreamBenchmark(
                Engine(cluster, model: model, options: settings), vocabulary: vocabulary)
            var runs: [StreamReport] = []
            for (i, count) in counts.enumerated() {
                var rounds: [StreamReport] = []
                for round in 0..<self.rounds {
                    progress.update(done: i * self.rounds + round, total: counts.count * self.rounds, unit: .count)
                    rounds.append(
                        try await benchmark.run(
                            streams: count, promptTokens: promptTokens, tokens: tokens, seed: (i + 1) * 1000 + round))
                }
                runs.append(rounds.sorted { $0.speed < $1.speed }[rounds.count / 2])
            }
            return StreamsReport(model: model.name, nodes: cluster.nodes.count, runs: runs)
        }
        progress.finish()
        if json { return try emit(json: report) }
        emit("\(report.model): \(report.nodes) node(s), prompts of \(promptTokens) tokens, answers of \(tokens)\n")
        emit(Self.table(report.runs))
    }

    /// Runs as they are shown.
    static func table(_ runs: [StreamReport]) -> String {
        var out =
            """
            streams  prompt tokens/s  first token  99th percentile  prompt known  answer tokens/s  per stream  of one \
            stream\n
            """
        for r in runs {
            out += String(
                format: "%7d  %15.1f  %9.2f s  %13.2f s  %10.2f s  %15.1f  %10.1f  %13.2f\n", r.streams, r.promptSpeed,
                r.firstTokenMedian,
                r.firstTokenP99, r.firstTokenAgain, r.speed, r.speedPerStream,
                r.speed / runs[0].speed * Double(runs[0].streams))
        }
        return out
    }

    func disturbance(_ model: Model, promptTokens: Int) async throws {
        let vocabulary = try ModelConfiguration(model.file).vocabulary,
            settings = try engine.options(cluster, for: model)
        let r = try await cluster.withCluster(
            model, contextLength: promptTokens + 4096, kvTokens: 2 * promptTokens + 8192
        ) { cluster in
            let generator = try Engine(cluster, model: model, options: settings)
            return try await StreamBenchmark(generator, vocabulary: vocabulary).disturbance(
                promptTokens: promptTokens, seed: 1)
        }
        if json { return try emit(json: r) }
        emit(
            String(
                format: """
                    delay between tokens   alone: median %.1f ms, 99th percentile %.1f ms
                    while a prompt of %d tokens is read: median %.1f ms, 99th percentile %.1f ms, %.2f times as long
                    the prompt: %.1f s, alone %.1f s

                    """, r.medianAlone * 1000, r.p99Alone * 1000, r.promptTokens, r.medianBeside * 1000,
                r.p99Beside * 1000,
                r.p99Beside / r.p99Alone, r.promptSeconds, r.promptSecondsAlone))
    }

    private struct ConversationReport: Encodable {
        var model: String, nodes: Int
        /// The round whose ratio is the median, and all rounds.
        var median: StreamBenchmark.Conversation, rounds: [StreamBenchmark.Conversation]
    }

    func conversation(_ model: Model) async throws {
        let vocabulary = try ModelConfiguration(model.file).vocabulary, question = 32,
            context = promptTokens + tokens + question + 1
        let progress = ProgressLine(label: "measuring"), settings = try engine.options(cluster, for: model)
        let r = try await cluster.withCluster(model, contextLength: context, kvTokens: context + 128) { cluster in
            let benchmark = try StreamBenchmark(
                Engine(cluster, model: model, options: settings), vocabulary: vocabulary)
            var all: [StreamBenchmark.Conversation] = []
            for round in 0..<rounds {
                progress.update(done: round, total: rounds, unit: .count)
                all.append(
                    try await benchmark.conversation(
                        promptTokens: promptTokens, tokens: tokens, questionTokens: question, seed: round))
            }
            return ConversationReport(
                model: model.name, nodes: cluster.nodes.count,
                median: all.sorted { $0.ratio < $1.ratio }[all.count / 2], rounds: all)
        }
        progress.finish()
        if json { return try emit(json: r) }
        let m = r.median
        emit("\(r.model): \(r.nodes) node(s)\n")
        emit(String(format: "first turn   %5d tokens, the first token after %.3f s\n", m.promptTokens, m.firstTurn))
        emit(
            String(
                format: "second turn  %5d tokens, %d of them known, after %.3f s: %.3f of the first\n",
                m.secondPromptTokens, m.reusedTokens,
                m.secondTurn, m.ratio))
    }
}
