import ArgumentParser
import Foundation
import Wire

let brigadeVersion = ProgramVersion.current

@main
enum Program {
    static func main() async {
        Terminal.openMissing()
        do {
            var command = try await Brigade.asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let status = Brigade.exitCode(for: error), text = Brigade.fullMessage(for: error)
            if status.isSuccess { emit(text + "\n") } else if !text.isEmpty { say(text) }
            exit(status.rawValue)
        }
    }
}

struct Brigade: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "brigade",
        abstract: "Run a language model over several small computers together.",
        discussion: """
            A model's layers are cut into slices; each worker holds one slice, and activations pass from worker to \
            worker. The answer is the same, bit for bit, whatever the number of workers.

              brigade run model.gguf                        chat on this machine
              brigade run model.gguf "Why is the sky blue?"   one answer
              brigade pull qwq                              a model by its name
              brigade run qwq --nodes 3                     over three local workers
              brigade serve qwq --nodes 3                   APIs, and a page in the browser
              brigade worker --listen tcp://0.0.0.0:7750    on each of several machines, then:
              brigade run qwq --workers tcp://10.0.0.2,tcp://10.0.0.3
              brigade health tcp://10.0.0.2                 is that worker well?
            """,
        version: brigadeVersion,
        subcommands: [
            RunCommand.self, ServeCommand.self, WorkerCommand.self, HealthCommand.self, InspectCommand.self,
            TokenizeCommand.self,
            PlanCommand.self, SimulateCommand.self, PerplexityCommand.self, BenchCommand.self, ClusterCommand.self,
            PullCommand.self, ModelsCommand.self, ShowCommand.self, TemplateCommand.self,
            RemoveCommand.self,
        ])
}
