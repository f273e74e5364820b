import Foundation
import Messaging

/// Worker processes on this machine, started for one coordinator and ended with it.
///
/// By default they listen on `ipc` sockets in a private directory. Each holds the read end of a pipe from this process
/// as its standard input and ends when that closes, so none is left behind even when this process is killed.
public final class LocalWorkers: @unchecked Sendable {
    // Unchecked: `Process` is not Sendable; all mutable state is protected by the lock.
    /// The workers' control addresses, in order.
    public let urls: [NodeURL]
    private let directory: String
    private let executable: String, arguments: [[String]]
    /// Where their standard error goes; nil: where this process's goes.
    private let errors: FileHandle?
    private let lock = NSLock()
    private var processes: [(process: Process, input: Pipe)] = []
    private var isStopped = false

    /// Bytes of the longest name in the directory: of a worker's data socket, or the coordinator's.
    private static let longestName = max("/9999.data".utf8.count, "/results".utf8.count)

    /// Prepares `count` workers with `threads` threads each that use the same model file. Nothing runs before `start`,
    /// so that the caller can first arrange for `stop` to be called at exit.
    ///
    /// - Parameters:
    ///   - executable: path of the `brigade` program to start.
    ///   - memoryBudget: bytes for each worker; nil lets each measure.
    ///   - errors: where they write what they log; nil: where this process writes its own.
    public init(
        count: Int, threads: Int, executable: String, modelPath: String, memoryBudget: Int?, logLevel: String,
        errors: FileHandle? = nil
    ) throws {
        self.errors = errors
        let directory = try SocketFolder.freshPath(room: Self.longestName)
        self.directory = directory
        self.executable = executable
        urls = try (1...count).map { try NodeURL("ipc://\(directory)/\($0)") }
        let each =
            ["--threads", "\(threads)", "--model", modelPath, "--until-eof", "--log-level", logLevel]
            + (memoryBudget.map { ["--memory", "\($0)"] } ?? [])
        arguments = urls.map { _ in each }
    }

    /// Prepares workers for local nodes of a cluster file. A node that names no model file of its own uses `modelPath`.
    ///
    /// - Parameter memoryBudget: bytes for all workers together. Nodes that state no memory share what the others
    ///   leave; measuring would count the same memory several times. Nil lets each measure.
    public init(
        _ nodes: [ClusterFile.Node], executable: String, modelPath: String, memoryBudget: Int? = nil, logLevel: String,
        errors: FileHandle? = nil
    ) throws {
        self.errors = errors
        let budgets = Self.budgets(nodes.map(\.memory), of: memoryBudget)
        directory = try SocketFolder.freshPath(room: Self.longestName)
        self.executable = executable
        urls = nodes.map { $0.listen ?? $0.url }
        arguments = zip(nodes, budgets).map { node, memory in
            func here(_ path: String) -> String { path.hasPrefix("~/") ? NSHomeDirectory() + path.dropFirst() : path }
            return ["--model", here(node.model ?? modelPath), "--until-eof", "--log-level", logLevel]
                + (node.threads.map { ["--threads", "\($0)"] } ?? []) + (memory.map { ["--memory", "\($0)"] } ?? [])
                + (node.cache.map { ["--cache", here($0)] } ?? [])
        }
        for case .ipc(let path) in urls.map(\.transport) {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
    }

    /// The memory budget of each worker, in bytes, when together they may use `memory`; nil lets it measure.
    static func budgets(_ stated: [Int?], of memory: Int?) -> [Int?] {
        let open = stated.count(where: { $0 == nil })
        guard let memory, open > 0, stated.count > 1 else { return stated }
        let share = max(memory - stated.reduce(0) { $0 + ($1 ?? 0) }, 0) / open
        return stated.map { $0 ?? max(share, 1) }
    }

    /// Starts the workers.
    ///
    /// - Throws: `LaunchError` when one cannot be started; then all are stopped.
    public func start() throws {
        do {
            for (url, arguments) in zip(urls, arguments) { try startOne(url, arguments) }
        } catch {
            stop()
            throw LaunchError(
                .failed, "a local worker could not be started from \(executable): \(error.localizedDescription)")
        }
    }

    private func startOne(_ url: NodeURL, _ arguments: [String]) throws {
        try lock.withLock {
            guard !isStopped else { return }
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let process = Process(), input = Pipe()
            process.executableURL = URL(fileURLWithPath: executable)
            process.arguments = ["worker", "--listen", url.description] + arguments
            process.standardInput = input
            process.standardOutput = FileHandle.nullDevice
            if let errors { process.standardError = errors }
            try process.run()
            // This process's copy of the read end would keep the pipe open in the other workers.
            try? input.fileHandleForReading.close()
            processes.append((process, input))
        }
    }

    /// The address for the coordinator's result socket, beside the workers'.
    public var resultURL: NodeURL { get throws { try NodeURL("ipc://\(directory)/results") } }

    /// The first worker that has ended by itself, with its exit status.
    public func firstEnded() -> (index: Int, status: Int32)? {
        lock.withLock {
            for (i, worker) in processes.enumerated() where !worker.process.isRunning {
                return (i, worker.process.terminationStatus)
            }
            return nil
        }
    }

    /// Ends all workers: closes their input, waits two seconds at most, then kills them. Removes the directory. No
    /// worker can be started afterwards.
    public func stop() {
        lock.withLock {
            isStopped = true
            for (_, input) in processes { try? input.fileHandleForWriting.close() }
            let deadline = Date().addingTimeInterval(2)
            for (process, _) in processes {
                while process.isRunning && Date() < deadline { usleep(5000) }
                if process.isRunning { kill(process.processIdentifier, SIGKILL) }
                process.waitUntilExit()
            }
            processes = []
            try? FileManager.default.removeItem(atPath: directory)
        }
    }

    deinit { stop() }
}
