import ArgumentParser
import Dispatch
import Foundation
import ModelStore
import Synchronization

struct PullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Fetch a model by its name from a registry, or bring it up to date.",
        usage: "brigade pull <name> [<options>]",
        discussion: """
            Names are Ollama's: qwq, qwq:32b, someone/model:tag, host/someone/model:tag. What was fetched is kept \
            when the command is stopped or the network fails; the same command goes on from there. Models are kept \
            in BRIGADE_MODELS (default: brigade/models in the user's cache).
              brigade pull qwq
              brigade pull qwq --registry http://mirror:5000    from a mirror, same name
            """)

    @Argument(help: "The model's name.")
    var name: String

    @Option(
        help: ArgumentHelp(
            """
            Ask this registry or mirror, whatever host the name has (default: BRIGADE_REGISTRY, or else the name's own \
            host).
            """,
            valueName: "URL"))
    var registry: String?

    @Option(help: ArgumentHelp("Fetch this many parts at the same time.", valueName: "N"))
    var parallel = 8

    @Option(help: ArgumentHelp("Give up after this many attempts in a row that bring nothing.", valueName: "N"))
    var attempts = 6

    func validate() throws {
        if !(1...64).contains(parallel) { throw ValidationError("--parallel is \(parallel), expected 1 to 64.") }
        if !(1...1000).contains(attempts) { throw ValidationError("--attempts is \(attempts), expected 1 to 1000.") }
    }

    func run() async throws {
        let name = try ModelName(name), view = PullView()
        var options = PullOptions()
        options.registry = try (registry ?? UserCache.variable("BRIGADE_REGISTRY")).map { try RegistryURL($0) }
        options.parallel = parallel
        options.attempts = attempts
        let task = Task { [options] in
            defer { view.ended.signal() }
            return try await ModelLibrary.standard().pull(name, options: options) { view.show($0) }
        }
        ExitHandlers.shared.onInterrupt {
            task.cancel()
            return true
        }
        // Any other signal: what has come is noted before the program ends.
        ExitHandlers.shared.add {
            task.cancel()
            _ = view.ended.wait(timeout: .now() + 5)
        }
        let result = await task.result
        view.finish()
        do {
            emit("\(name) is here: \(ProgressState.bytes(Double(try result.get().size)))\n")
        } catch is CancellationError {
            say("stopped; what has come is kept. Go on with: brigade pull \(self.name)")
            throw ExitCode(130)
        }
    }
}

/// Shows a pull on a terminal: one line per blob.
final class PullView: Sendable {
    private let line = Mutex<(status: String, line: ProgressLine)?>(nil)
    /// Signalled when the pull has ended.
    let ended = DispatchSemaphore(value: 0)

    func show(_ progress: PullProgress) {
        line.withLock { current in
            guard let done = progress.completed, let total = progress.total else { return }
            if current?.status != progress.status {
                current?.line.finish()
                current = (progress.status, ProgressLine(label: progress.status))
            }
            current?.line.update(done: done, total: total, unit: .bytes)
        }
    }

    func finish() { line.withLock { $0?.line.finish() } }
}
