import ArgumentParser
import Foundation
import Wire

let brigadeVersion = ProgramVersion.current

@main
enum Program {
    static func main() async {
        Terminal.openMissing()
        var isRunning = false
        do {
            var command = try await Brigade.asyncParseAsRoot()
            isRunning = true
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            // A command that runs says what is wrong; the usage that would follow is that of the program alone.
            let status = Brigade.exitCode(for: error), refusal = isRunning ? error as? ValidationError : nil
            let text = refusal.map { "Error: \($0.message)" } ?? Brigade.fullMessage(for: error)
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

              brigade run model.gguf                       chat on this machine
              brigade run model.gguf "Why?"                one answer
              brigade pull qwq                             a model by its name
              brigade run qwq --nodes 3                    over three local workers
              brigade serve qwq --nodes 3                  APIs and a page
              brigade worker --listen tcp://0.0.0.0:7750   on several machines; then
              brigade run qwq --workers tcp://10.0.0.2,tcp://10.0.0.3
              brigade health tcp://10.0.0.2                is that worker well?
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
