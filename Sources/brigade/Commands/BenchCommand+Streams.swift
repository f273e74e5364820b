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
        emit(
            paragraph:
                "\(report.model): \(report.nodes) node(s), prompts of \(promptTokens) tokens, answers of \(tokens)")
        emit(Self.table(report.runs).text())
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
        func milliseconds(_ value: Double) -> String { String(format: "%.1f ms", value * 1000) }
        emit("delays between tokens\n")
        emit(
            Table(
                [.text("", least: 8), .number("median"), .number("99th percentile"), .number("ratio")],
                [
                    ["alone", milliseconds(r.medianAlone), milliseconds(r.p99Alone), "1.00"],
                    [
                        "beside a prompt of \(r.promptTokens) tokens", milliseconds(r.medianBeside),
                        milliseconds(r.p99Beside), String(format: "%.2f", r.p99Beside / r.p99Alone),
                    ],
                ]
            ).text())
        emit(String(format: "the prompt: %.1f s, alone %.1f s\n", r.promptSeconds, r.promptSecondsAlone))
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
        emit(paragraph: "\(r.model): \(r.nodes) node(s)")
        func seconds(_ value: Double) -> String { String(format: "%.3f s", value) }
        emit(
            Table(
                [
                    .text("turn"), .number("tokens"), .number("known"), .number("first token after"),
                    .number("of the first"),
                ],
                [
                    ["first", "\(m.promptTokens)", "0", seconds(m.firstTurn), "1.000"],
                    [
                        "second", "\(m.secondPromptTokens)", "\(m.reusedTokens)", seconds(m.secondTurn),
                        String(format: "%.3f", m.ratio),
                    ],
                ]
            ).text())
    }
}
