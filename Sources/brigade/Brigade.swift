import ArgumentParser
import Wire

let brigadeVersion = ProgramVersion.current

@main
struct Brigade: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "brigade",
        abstract: "Run a language model over several small computers together.",
        discussion: """
            A model's layers are cut into slices; each worker holds one slice, and activations pass from worker to \
            worker.
            The answer is the same, bit for bit, whatever the number of workers.

              brigade run model.gguf                      chat with a model on this machine
              brigade run model.gguf "Why is the sky blue?"   one answer
              brigade pull qwq                            fetch a model; then: brigade run qwq
              brigade run model.gguf --nodes 3            the same over three local worker processes
              brigade serve model.gguf --nodes 3          OpenAI's and Ollama's APIs and a page at localhost:3000
              brigade worker --listen tcp://0.0.0.0:7750  on each of several machines, then on one of them:
              brigade run model.gguf --workers tcp://10.0.0.2,tcp://10.0.0.3
              brigade health tcp://10.0.0.2               is that worker well?
            """,
        version: brigadeVersion,
        subcommands: [
            RunCommand.self, ServeCommand.self, WorkerCommand.self, HealthCommand.self, InspectCommand.self,
            TokenizeCommand.self,
            PlanCommand.self, SimulateCommand.self, PerplexityCommand.self, BenchCommand.self, ClusterCommand.self,
            PullCommand.self, ModelsCommand.self, ShowCommand.self,
            RemoveCommand.self,
        ])
}
