import Foundation

/// A program that a test starts. Its output goes to files, so that it is never blocked by a full pipe. Every wait for
/// it has a time limit.
public final class ChildProcess: @unchecked Sendable {
    // Unchecked: the process is started once and only queried afterwards.
    /// Time limit for programs that should end soon.
    public static let patience = Duration.seconds(180)

    /// The running program.
    public let process = Process()
    private let path = NSTemporaryDirectory() + "brigade-child-\(UUID().uuidString)"

    /// Starts `program`, with `environment` added to this process's own.
    public init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        for suffix in ["out", "err"] { _ = FileManager.default.createFile(atPath: "\(path).\(suffix)", contents: nil) }
        process.standardOutput = FileHandle(forWritingAtPath: path + ".out")
        process.standardError = FileHandle(forWritingAtPath: path + ".err")
        try process.run()
    }

    /// Standard output so far.
    public var output: String { said("out") }
    /// Standard error so far.
    public var errors: String { said("err") }

    private func said(_ suffix: String) -> String {
        let bytes = FileManager.default.contents(atPath: "\(path).\(suffix)") ?? Data()
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits until the program ends; ends it after `limit`. Returns nil, or what went wrong with the output so far.
    public func wait(_ limit: Duration = ChildProcess.patience) -> String? {
        if hasEnded(within: limit) { return nil }
        let problem =
            """
            \(process.arguments?.joined(separator: " ") ?? "") had not ended after \(limit). It had said: \
            \(output.suffix(3000))\n\(errors.suffix(3000))
            """
        end()
        return problem
    }

    /// Waits until `holds` is true or the program ends; ends it after `limit`. Returns nil, or what went wrong.
    public func wait(_ limit: Duration = ChildProcess.patience, until holds: () -> Bool) -> String? {
        let deadline = ContinuousClock.now + limit
        while process.isRunning, !holds() {
            guard ContinuousClock.now < deadline else { return wait(.zero) }
            usleep(1000)
        }
        return nil
    }

    private func hasEnded(within limit: Duration) -> Bool {
        let deadline = ContinuousClock.now + limit
        while process.isRunning {
            guard ContinuousClock.now < deadline else { return false }
            usleep(2000)
        }
        return true
    }

    /// Sends SIGTERM, so that the program can clean up, and SIGKILL if it does not end. If it leads a process group,
    /// the signals go to the whole group.
    private func end() {
        let id = process.processIdentifier, all = getpgid(id) == id ? -id : id
        for signal in [SIGTERM, SIGKILL] {
            kill(all, signal)
            if hasEnded(within: .seconds(10)) { return }
        }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        for suffix in ["out", "err"] { try? FileManager.default.removeItem(atPath: "\(path).\(suffix)") }
    }
}
