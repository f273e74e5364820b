import ArgumentParser
import Dispatch
import Foundation
import Kernels
import Launch
import Logging
import Messaging
import ModelStore
import Worker

struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Offer this machine's memory and cores to a coordinator.",
        usage: "brigade worker [<options>]",
        discussion: """
            A worker waits for a coordinator (brigade run --workers …), loads the slice of the model that it is \
            given, and computes it. It needs no model file: its slice is sent to it and kept. It listens on two \
            addresses: the one named, for control, and the next port (or path.data) for activations.
            """)

    @Option(help: "Where to listen: tcp://host:port or ipc:///path.")
    var listen: String = "tcp://127.0.0.1:7750"

    @Option(
        help: ArgumentHelp(
            "Memory for weights, KV cache and workspace, such as 6GiB (default: nine tenths of what is free).",
            valueName: "SIZE"))
    var memory: MemorySize?

    @Option(help: "Compute threads (default: this machine's cores).")
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "A model at hand, by name or as a GGUF file, so that the slice need not be sent.", valueName: "MODEL"))
    var model: String?

    @Option(
        help: ArgumentHelp(
            """
            Where slices that were sent, sessions and the measured speed are kept (default: below this user's cache \
            directory).
            """,
            valueName: "DIR"))
    var cache: String?

    @Option(
        help: ArgumentHelp(
            """
            How long weights stay in memory when nobody uses them, for whoever starts the same model again: 5m, 1h30m, \
            0 (not at all) or -1 (for good; default: 5m).
            """,
            valueName: "TIME"))
    var keepAlive: KeepAlive?

    @Flag(help: "Forget how fast this worker was measured to be; else that is believed for a week.")
    var remeasure = false

    @Option(help: "How much to say: trace, debug, info, notice, warning, error or critical.")
    var logLevel: Logger.Level = .info

    @Flag(help: .hidden)
    var untilEof = false

    /// Less is a slip of the pen: a number without its unit.
    private static let leastMemory = 1 << 20

    func validate() throws {
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads is \(threads), expected 1 to 256.")
        }
        if let bytes = memory?.bytes, bytes < Self.leastMemory {
            throw ValidationError(
                "--memory is \(readable(bytes)), which holds no slice of any model; write 6GiB or 800MiB.")
        }
    }

    func run() async throws {
        var log = Logger(label: "brigade.worker") { StreamLogHandler(label: $0, stream: StandardError()) }
        log.logLevel = logLevel
        let url = try NodeURL(listen)
        var configuration = NodeConfiguration(
            listen: url, memoryBudget: memory?.bytes ?? MachineMemory.budget,
            threads: threads ?? MachineProcessors.count,
            modelPath: try model.map { try ModelLibrary.standard().locate($0).path },
            cacheDirectory: cache ?? Self.cacheDirectory + "/slices", version: brigadeVersion)
        configuration.forgetsSpeed = remeasure
        if let keepAlive { configuration.keepAlive = keepAlive.duration }
        let node = try WorkerNode(configuration, log: log)
        if untilEof {
            // A local worker of one coordinator: it ends with it, and Ctrl-C at the terminal is the coordinator's
            // affair.
            signal(SIGINT, SIG_IGN)
            signal(SIGPIPE, SIG_IGN)  // nobody reads its log any more: its end comes, and is orderly
            let watcher = Thread {
                Terminal.drain(Terminal.input)
                node.stop()
            }
            watcher.start()
        } else {
            ExitHandlers.shared.onInterrupt {
                node.stop()
                return true
            }
            ExitHandlers.shared.add {
                node.stop(); usleep(400_000)
            }
            let threads = counted(configuration.threads, "thread")
            say(
                """
                brigade worker \(brigadeVersion) listens at \(node.controlURL) (activations: \(node.dataURL)), and \
                offers \
                \(readable(configuration.memoryBudget)) and \(threads)
                """)
            if !url.isLoopback {
                say(
                    """
                    warning: anyone who can reach \(node.controlURL) can use this worker: the connection is neither \
                    encrypted nor authenticated. Listen on loopback or in a network you trust.
                    """)
            }
        }
        // The control loop blocks, so it has a thread of its own.
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            let thread = Thread {
                node.run()
                done.resume()
            }
            thread.name = "brigade-control"
            thread.start()
        }
    }

    /// Where this user's caches are kept.
    static var cacheDirectory: String { UserCache.directory() + "/brigade" }
}

/// A number of bytes as people write it: 6GiB, 512M, 2000000000.
struct MemorySize: ExpressibleByArgument {
    var bytes: Int

    init?(argument: String) {
        guard let count = byteCount(argument) else { return nil }
        bytes = count
    }
}

extension KeepAlive: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
