import ArgumentParser
import Foundation
import Launch
import ModelStore

struct ClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Start, watch and stop the workers of a cluster file.",
        discussion: """
            A cluster file (YAML; commented examples stand in Configs) names the nodes. Those with "local: true" are \
            started on this machine, those with "ssh: user@host" on others: without a question, so "ssh user@host" \
            must work without one. The program is copied there unless that machine has one of this version.
            """,
        subcommands: [Up.self, Down.self, Status.self, ModelName.self])

    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start the workers and wait until all are well.")

        @Argument(help: "The cluster file.") var file: String
        @Option(
            help: ArgumentHelp(
                "A model of this machine, by name or as a GGUF file, instead of the one that the cluster file names.",
                valueName: "MODEL"))
        var model: String?
        @Option(help: ArgumentHelp("How long a worker may take until it answers.", valueName: "SECONDS")) var patience:
            Int = 60

        func validate() throws {
            if !(1...3600).contains(patience) {
                throw ValidationError("--patience is \(patience), expected 1 to 3600.")
            }
        }

        func run() async throws {
            let cluster = try ClusterFile(path: file)
            // Local workers are told a file; a name they could not find is better said now than by all of them. Others
            // need none to start.
            let isNeeded = model != nil || cluster.nodes.contains { $0.isLocal && $0.model == nil }
            let path =
                try isNeeded
                ? (model ?? cluster.modelReference).map { try ModelLibrary.standard().locate($0).path } : nil
            try await ClusterCommand.workers(file, model: path).start(
                patience: .seconds(patience), report: ClusterCommand.report)
        }
    }

    struct Down: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop the workers, also when some are gone already.")

        @Argument(help: "The cluster file.") var file: String

        func run() async throws { try await ClusterCommand.workers(file).stop(report: ClusterCommand.report) }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which workers run.", discussion: "Exit status 0: all run and answer; 1: not all.")

        @Argument(help: "The cluster file.") var file: String
        @Flag(help: "Print JSON, one array with an object per node.") var json = false

        func run() async throws {
            let nodes = try await ClusterCommand.workers(file).status()
            if json {
                try emit(json: nodes)
            } else {
                emit(Self.table(of: nodes).text())
                for node in nodes { if let problem = node.problem { say("\(node.name): \(problem)") } }
            }
            if nodes.contains(where: { $0.state == nil || $0.state == .failed }) { throw ExitCode(1) }
        }

        private static func table(of nodes: [RemoteWorkers.NodeStatus]) -> Table {
            Table(
                [.text("node"), .text("address", least: 16), .text("state", least: 8), .number("process", rank: 1)],
                nodes.map { node in
                    [
                        node.name, node.url.hasPrefix("ipc://") ? "a local socket" : node.url,
                        node.state?.rawValue ?? "down",
                        node.process.map(String.init) ?? "-",
                    ]
                })
        }
    }

    struct ModelName: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "model", abstract: "Print the model that the file names.")

        @Argument(help: "The cluster file.") var file: String

        func run() async throws {
            guard let model = try ClusterFile(path: file).modelReference else {
                throw ValidationError(
                    "\(file) names no model; write \"model: FILE\" into it, or name one with --model.")
            }
            emit(verbatim: model + "\n")
        }
    }

    private static func workers(_ file: String, model: String? = nil) throws -> RemoteWorkers {
        RemoteWorkers(
            try ClusterFile(path: file), version: brigadeVersion, executable: ClusterOptions.executablePath,
            model: model)
    }

    /// One line of progress, written at once: several nodes report at the same time.
    @Sendable private static func report(_ node: String, _ text: String) {
        Screen.shared.write("\(node): \(text)\n", to: Terminal.error)
    }
}
