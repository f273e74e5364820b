import ArgumentParser
import Coordinator

/// How requests are scheduled; none of it changes an answer.
struct EngineOptions: ParsableArguments {
    @Flag(help: "Do not guess tokens ahead to check several in one step.")
    var noGuess = false

    /// The engine's settings.
    func options(_ cluster: ClusterOptions) -> Engine.Options {
        Engine.Options(inFlight: cluster.inFlight, promptRows: cluster.batchSize, guesses: !noGuess)
    }
}
