import ArgumentParser
import ModelStore

struct RemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove models from Brigade's own store; Ollama's are not touched.")

    @Argument(help: "The models' names.")
    var names: [String]

    func run() async throws {
        for name in try names.map({ try ModelName($0) }) {
            let removal = try ModelLibrary.standard().remove(name)
            emit("removed \(removal.name): \(ProgressState.bytes(Double(removal.bytes))) are free again\n")
        }
    }
}
