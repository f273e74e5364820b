import ArgumentParser
import Coordinator
import Foundation
import ModelStore

struct PerplexityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perplexity",
        abstract: "Measure how well a model expects a text, read as one context; special tokens are parsed.")

    @Argument(help: "A model's name, or a GGUF file.")
    var model: String

    @Option(help: ArgumentHelp("The text; - reads standard input.", valueName: "FILE"))
    var file: String

    @Option(
        help: ArgumentHelp(
            """
            Write a JSON object per position: token, the best next tokens with logprobs, and the logprob of the token \
            that follows.
            """,
            valueName: "OUT.jsonl"))
    var logprobs: String?

    @Option(help: "How many of the best next tokens to write.")
    var top: Int = 64

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var cluster: ClusterOptions

    func validate() throws {
        if !(1...65536).contains(top) { throw ValidationError("--top is \(top), expected 1 to 65536.") }
    }

    func run() async throws {
        let model = try Model(named: model)
        let tokenizer = try model.tokenizer()
        let begin = tokenizer.beginningOfSequence.map { [$0] } ?? []  // a model that wants it is lost without
        let tokens = begin + tokenizer.encode(try readText(file), parseSpecial: true)
        guard tokens.count >= 2 else {
            throw ValidationError("\(file) has \(tokens.count) token(s), expected 2 or more.")
        }
        var output: FileHandle?
        if let logprobs {
            guard FileManager.default.createFile(atPath: logprobs, contents: nil),
                let handle = FileHandle(forWritingAtPath: logprobs)
            else { throw ValidationError("\(logprobs) cannot be written.") }
            output = handle
        }
        let sums = try await cluster.withCluster(model, contextLength: tokens.count) { cluster in
            let evaluation = try Evaluation(cluster, model: model)
            let sums = Sums(output: output, total: tokens.count)
            let start = ContinuousClock.now
            try await evaluation.logprobs(tokens, top: top, batch: self.cluster.batchSize ?? 512) { try sums.add($0) }
            sums.seconds = (ContinuousClock.now - start) / .seconds(1)
            return sums
        }
        sums.progress.finish()
        try output?.close()
        let perplexity = exp(-sums.logprob / Double(sums.counted))
        if json {
            emit(json: "{\"perplexity\": \(perplexity), \"tokens\": \(tokens.count), \"seconds\": \(sums.seconds)}")
        } else {
            emit(
                String(
                    format: "perplexity %.4f over %d tokens (%.1f s, %.1f tokens/s)\n", perplexity, sums.counted,
                    sums.seconds, Double(tokens.count) / sums.seconds))
        }
    }

    /// What is summed and written while positions come in.
    private final class Sums: @unchecked Sendable {
        // Unchecked: positions come one after another.
        var logprob = 0.0, counted = 0, seen = 0, seconds = 0.0
        let output: FileHandle?, total: Int
        let progress = ProgressLine(label: "reading")

        init(output: FileHandle?, total: Int) {
            self.output = output
            self.total = total
        }

        func add(_ p: PositionLogprobs) throws {
            seen += 1
            progress.update(done: seen, total: total, unit: .tokens)
            if let follow = p.follow {
                logprob += Double(follow)
                counted += 1
            }
            guard let output else { return }
            let top = p.top.map { "[\($0.id), \($0.logprob)]" }.joined(separator: ", ")
            let line = "{\"token\": \(p.token), \"top\": [\(top)], \"follow\": \(p.follow.map { "\($0)" } ?? "null")}\n"
            try output.write(contentsOf: Data(line.utf8))
        }
    }
}
