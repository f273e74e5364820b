import ArgumentParser
import Coordinator
import ModelStore

/// How requests are scheduled; none of it changes an answer.
struct EngineOptions: ParsableArguments {
    @Flag(help: "No speculative decoding: do not draft tokens from the text so far to verify several in one step.")
    var noSpeculation = false

    @Flag(help: "Wait until draft tokens are verified before the next are sent.")
    var noSpeculationAhead = false

    @Option(
        help: ArgumentHelp(
            "A small model of the same vocabulary that drafts tokens, in this process: its name, or a GGUF file.",
            valueName: "MODEL"))
    var draftModel: String?

    @Option(help: "Threads of the draft model.")
    var draftThreads: Int = 1

    // The names of earlier versions: scripts may have them.
    @Flag(name: .customLong("no-guess"), help: .hidden) var formerNoSpeculation = false
    @Flag(name: .customLong("no-guess-ahead"), help: .hidden) var formerNoSpeculationAhead = false

    private var speculates: Bool { !noSpeculation && !formerNoSpeculation }
    private var speculatesAhead: Bool { !noSpeculationAhead && !formerNoSpeculationAhead }

    func validate() throws {
        if !(1...256).contains(draftThreads) {
            throw ValidationError("--draft-threads is \(draftThreads), expected 1 to 256.")
        }
        if !speculates && draftModel != nil {
            throw ValidationError("Give --no-speculation or --draft-model, not both.")
        }
    }

    /// The engine's settings. With a model the draft model is checked against it.
    func options(_ cluster: ClusterOptions, for model: Model? = nil) throws -> Engine.Options {
        let options = Engine.Options(
            inFlight: cluster.inFlight, promptRows: cluster.batchSize, speculates: speculates,
            speculatesAhead: speculatesAhead,
            draft: try draftModel.map { try Model(named: $0) }, draftThreads: draftThreads)
        if let model { try options.check(for: model) }
        return options
    }
}
