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
        abstract: "Measure prefill and decode speed, and how near they come to what this machine can do.",
        discussion: """
            Read bandwidth and int8 rate are measured on this machine, with the same number of threads, right before and right
            after, and the better counts. Decode is compared with the bandwidth (every token reads all weights once),
            prefill with the int8 rate. Medians of the rounds are shown.
            """)

    @Argument(help: "A GGUF file.")
    var model: String

    @Option(help: "Tokens of the prompt.")
    var promptTokens: Int = 512

    @Option(help: "Tokens decoded.")
    var tokens: Int = 32

    @Option(help: "How often everything is measured.")
    var rounds: Int = 5

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var cluster: ClusterOptions

    func validate() throws {
        for (name, value) in [("--prompt-tokens", promptTokens), ("--tokens", tokens), ("--rounds", rounds)]
        where !(1...1_000_000).contains(value) {
            throw ValidationError("\(name) is \(value), expected 1 or more.")
        }
    }

    /// What was measured, in units a script can use.
    struct Report: Encodable {
        var model: String
        var nodes: Int, threads: Int, cpu: String
        var readBandwidthGBs: Double, int8Gmacs: Double
        var promptTokens: Int, prefillTokensPerSecond: Double, prefillGmacs: Double, prefillShareOfInt8: Double
        var decodedTokens: Int, decodeTokensPerSecond: Double, decodeGBs: Double, decodeShareOfBandwidth: Double
    }

    func run() async throws {
        let model = try Model(path: model), c = try ModelConfiguration(model.file)
        let threads = cluster.threads ?? ProcessInfo.processInfo.activeProcessorCount
        let progress = ProgressLine(label: "measuring")
        let report = try await cluster.withCluster(model, contextLength: promptTokens + tokens) { cluster in
            let session = try Session(cluster, model: model)
            var roof = try Self.roofline(threads)
            var prefill: [Double] = [], decode: [Double] = []
            // Any tokens will do: the work does not depend on them.
            let prompt = (0..<promptTokens).map { Int32(($0 * 7919 + 13) % min(c.vocabulary, 50000)) }
            let more = (0..<tokens).map { Int32(($0 * 104729 + 7) % min(c.vocabulary, 50000)) }
            for round in 0..<rounds {
                progress.update(done: round, total: rounds, unit: .tokens)
                prefill.append(try await session.timePrompt(prompt, batch: self.cluster.batchSize))
                decode.append(try await session.timeDecode(more, from: promptTokens))
            }
            progress.finish()
            roof = roof.best(try Self.roofline(threads))
            let weights = Double(cluster.plan.stages.reduce(0) { $0 + $1.weightBytes })
            let multiplyAdds = try Self.multiplyAdds(c, model.file)
            let pp = Double(promptTokens) / Self.median(prefill), tg = Double(tokens) / Self.median(decode)
            return Report(
                model: model.name, nodes: cluster.nodes.count, threads: threads, cpu: ComputeEngine.cpuName,
                readBandwidthGBs: roof.readBandwidth / 1e9, int8Gmacs: roof.int8Rate / 1e9, promptTokens: promptTokens,
                prefillTokensPerSecond: pp, prefillGmacs: pp * multiplyAdds / 1e9,
                prefillShareOfInt8: pp * multiplyAdds / roof.int8Rate, decodedTokens: tokens, decodeTokensPerSecond: tg,
                decodeGBs: tg * weights / 1e9, decodeShareOfBandwidth: tg * weights / roof.readBandwidth)
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            emit(String(decoding: try encoder.encode(report), as: UTF8.self) + "\n")
            return
        }
        emit("""
            \(report.model): \(report.nodes) node(s), \(threads) thread(s) each, \(report.cpu)
            this machine   \(Self.text(report.readBandwidthGBs)) GB/s read   \(Self.text(report.int8Gmacs)) billion int8 multiply-adds/s
            prefill \(promptTokens)\t\(Self.text(report.prefillTokensPerSecond)) tokens/s\t\(Self.text(report.prefillGmacs)) billion multiply-adds/s\t\(Self.text(report.prefillShareOfInt8, 2)) of the int8 rate
            decode \(tokens)\t\(Self.text(report.decodeTokensPerSecond)) tokens/s\t\(Self.text(report.decodeGBs)) GB/s of weights\t\(Self.text(report.decodeShareOfBandwidth, 2)) of the read bandwidth

            """)
    }

    private static func roofline(_ threads: Int) throws -> Roofline { try Roofline(engine: ComputeEngine(threads: threads)) }

    /// Multiply-adds of the blocks' matrices for one token; the head works on the last row of a prompt only.
    private static func multiplyAdds(_ c: ModelConfiguration, _ file: GGUFFile) throws -> Double {
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

    private static func text(_ value: Double, _ digits: Int = 1) -> String { String(format: "%.\(digits)f", value) }
}
