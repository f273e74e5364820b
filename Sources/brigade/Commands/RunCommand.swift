import ArgumentParser
import Coordinator
import Foundation
import ModelStore
import Sampling
import Tokenizer

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Chat with a model, or have one prompt answered.",
        discussion: """
            Without a prompt it opens a chat; type /? there. A prompt may also come on standard input:
              brigade run model.gguf < question.txt
            Settings that are not named are those packed with the model, or else those that its makers recommend.
            """)

    @Argument(
        help:
            """
            A model's name, as in qwq or qwq:32b, or a GGUF file; of a split one, any part. May be left out when \
            --cluster names a file with a model.
            """
    )
    var model: String?

    @Argument(help: "The prompt.")
    var prompt: [String] = []

    @OptionGroup var sampling: SamplingOptions
    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var engine: EngineOptions

    @Option(help: ArgumentHelp("The system prompt.", valueName: "TEXT"))
    var system: String?

    @Option(help: ArgumentHelp("End the answer at this text; may be given several times.", valueName: "TEXT"))
    var stop: [String] = []

    @Option(
        name: [.long, .customLong("n-predict"), .customShort("n")], parsing: .unconditional,
        help: ArgumentHelp("Most tokens of an answer; -1 for no limit.", valueName: "N"))
    var numPredict: Int?

    @Option(
        help: ArgumentHelp(
            """
            How to speak with the model, instead of the way that its file says: a file in Jinja, or one of \
            \(ChatTemplate.Style.allCases.map(\.rawValue).joined(separator: ", ")).
            """,
            valueName: "NAME|FILE"))
    var chatTemplate: String?

    @Option(
        help:
            """
            What becomes of a conversation that does not fit the context: error, or shift to leave out the oldest \
            tokens behind the system message.
            """
    )
    var overflow: Overflow = .error

    @Option(
        help: ArgumentHelp(
            "At the end, write the conversation to this file, and its keys and values to the workers' disks.",
            valueName: "FILE"))
    var saveSession: String?

    @Option(
        help: ArgumentHelp(
            "Go on with a conversation that was saved; what the workers still have of it is not computed again.",
            valueName: "FILE"))
    var loadSession: String?

    @Flag(help: "Do not show what the model thinks before it answers.")
    var hidethinking = false

    @Flag(help: "Say how long everything took.")
    var verbose = false

    func validate() throws {
        if let numPredict, numPredict != -1 && numPredict < 1 {
            throw ValidationError("--num-predict is \(numPredict), expected -1 or 1 and more.")
        }
        if stop.contains("") { throw ValidationError("--stop is empty; give the text to stop at.") }
    }

    /// What was named first is the prompt where the cluster file names the model and there is no model of that name.
    private func modelAndPrompt() throws -> (model: String, prompt: [String]) {
        guard let model, cluster.cluster != nil, let own = try? cluster.model(nil),
            (try? ModelLibrary.standard().locate(model)) == nil, model.contains(where: \.isWhitespace) || prompt.isEmpty
        else { return (try cluster.model(model), prompt) }
        return (own, [model] + prompt)
    }

    func run() async throws {
        let (named, words) = try modelAndPrompt()
        var text = words.joined(separator: " ")
        let piped = isatty(STDIN_FILENO) == 0
        if text.isEmpty && piped {
            text = try readText("-")
            while text.last?.isNewline == true { text.removeLast() }
            guard !text.isEmpty else { throw ValidationError("Standard input holds no prompt.") }
        }
        let start = ContinuousClock.now
        let model = try Model(named: named)
        let tokenizer = try model.tokenizer(),
            template = try model.chatTemplate(named: chatTemplate).with(tokenizer)
        let parameters = try sampling.parameters(model.recommendedSampling)
        let sessions = try SessionFiles(load: loadSession, save: saveSession, model: model)
        let settings = try engine.options(cluster, for: model)
        try await cluster.withCluster(model) { cluster in
            let engine = try Engine(cluster, model: model, options: settings)
            let chat = Chat(
                engine, tokenizer: tokenizer, template: template,
                sampling: parameters, system: system ?? sessions.loaded?.system ?? model.settings.system,
                stops: stop.isEmpty ? model.settings.stops : stop,
                limit: numPredict.map { $0 < 0 ? nil : $0 } ?? model.settings.answerLimit)
            await chat.configure { $0.overflow = overflow }
            let load = (ContinuousClock.now - start) / .seconds(1)
            let view = AnswerView(thinking: .standard(hideThinking: hidethinking))
            if verbose { view.show(cluster.delivery) }
            try await sessions.resume(chat, engine, cluster)
            do {
                if !text.isEmpty {
                    let statistics = try await view.ask(chat, text)
                    if verbose { view.show(statistics, load: load) }
                } else {
                    if verbose { say(String(format: "load:     %.2f s", load)) }
                    var loop = ChatLoop(
                        chat: chat, view: view, model: model, cluster: cluster,
                        names: try self.cluster.names(of: cluster), verbose: verbose)
                    try await loop.run()
                }
            } catch {
                await sessions.rescue(chat, engine, cluster)
                throw error
            }
            try await sessions.keep(chat, engine, cluster)
        }
    }
}

extension Overflow: ExpressibleByArgument {}

/// How tokens are chosen; what is not given is what the model's makers recommend. What may be negative is parsed
/// without conditions, or "-1" would be taken for an option.
struct SamplingOptions: ParsableArguments {
    @Option(name: [.long, .customLong("temp")], help: "Randomness; 0 always takes the likeliest token.")
    var temperature: Float?
    @Option(help: "Consider only the likeliest tokens up to this probability together.") var topP: Float?
    @Option(help: "Consider only this many of the likeliest tokens; 0 considers all.") var topK: Int?
    @Option(help: "Consider only tokens with this share of the likeliest one's probability.") var minP: Float?
    @Option(help: "Make recent tokens less likely; 1 does not.") var repeatPenalty: Float?
    @Option(parsing: .unconditional, help: "How many tokens are recent; -1 for all, 0 for none.") var repeatLastN: Int?
    @Option(parsing: .unconditional, help: "Lower tokens that have occurred by this much, once.") var presencePenalty:
        Float?
    @Option(parsing: .unconditional, help: "Lower tokens by this much for every time they have occurred.")
    var frequencyPenalty: Float?
    @Option(
        name: [.long, .customShort("s")], parsing: .unconditional,
        help: "The same seed, prompt and settings give the same answer; -1 for a new one each time.") var seed: Seed?

    /// The recommended settings with these changes.
    func parameters(_ recommended: SamplingParameters) throws -> SamplingParameters {
        var p = recommended
        if let temperature { p.temperature = temperature }
        if let topP { p.topP = topP }
        if let topK { p.topK = topK }
        if let minP { p.minP = minP }
        if let repeatPenalty { p.repeatPenalty = repeatPenalty }
        if let repeatLastN { p.repeatLastN = repeatLastN }
        if let presencePenalty { p.presencePenalty = presencePenalty }
        if let frequencyPenalty { p.frequencyPenalty = frequencyPenalty }
        if let seed { p.seed = seed.number }
        try p.validate()
        return p
    }
}

/// A seed as people write it: a whole number; one below 0 is none, as Ollama has it.
struct Seed: ExpressibleByArgument {
    /// nil: every answer has its own.
    let number: UInt64?

    init?(argument: String) {
        if let number = UInt64(argument) {
            self.number = number
        } else if Int64(argument) != nil {
            number = nil
        } else {
            return nil
        }
    }
}
