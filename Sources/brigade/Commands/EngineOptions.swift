import ArgumentParser
import Coordinator
import ModelStore

/// How requests are scheduled; none of it changes an answer.
struct EngineOptions: ParsableArguments {
    @Flag(help: "Do not guess tokens ahead to check several in one step.")
    var noSpeculation = false

    @Flag(help: "Wait for each check of speculates before the next guess is sent.")
    var noSpeculationAhead = false

    @Option(
        help: ArgumentHelp(
            "A small model of the same vocabulary that speculates, in this process: its name, or a GGUF file.",
            valueName: "MODEL"))
    var draftModel: String?

    @Option(help: "Threads of the draft model.")
    var draftThreads: Int = 1

    func validate() throws {
        if !(1...256).contains(draftThreads) {
            throw ValidationError("--draft-threads is \(draftThreads), expected 1 to 256.")
        }
        if noSpeculation && draftModel != nil { throw ValidationError("Give --no-guess or --draft-model, not both.") }
    }

    /// The engine's settings. With a model the draft model is checked against it.
    func options(_ cluster: ClusterOptions, for model: Model? = nil) throws -> Engine.Options {
        let options = Engine.Options(
            inFlight: cluster.inFlight, promptRows: cluster.batchSize, speculates: !noSpeculation,
            speculatesAhead: !noSpeculationAhead,
            draft: try draftModel.map { try Model(named: $0) }, draftThreads: draftThreads)
        if let model { try options.check(for: model) }
        return options
    }
}
