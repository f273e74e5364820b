import Foundation

/// A program that a test starts. What it says goes to files, so that a full pipe can stop nothing, and no wait for it
/// is without end.
public final class ChildProcess: @unchecked Sendable {
    // Unchecked: the process is started once and only asked then.
    /// How long programs may take that are not meant to take long.
    public static let patience = Duration.seconds(180)

    public let process = Process()
    private let path = NSTemporaryDirectory() + "brigade-child-\(UUID().uuidString)"

    /// Starts `program`, with `environment` beside this process's own.
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

    /// What it has said so far.
    public var output: String { said("out") }
    public var errors: String { said("err") }

    private func said(_ suffix: String) -> String {
        let bytes = FileManager.default.contents(atPath: "\(path).\(suffix)") ?? Data()
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits for its end. One that runs longer than `limit` is ended; then the answer tells of it, with what it had
    /// said.
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

    /// Waits until `holds` or its end. One that runs longer than `limit` without either is ended; then the answer tells
    /// of it.
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

    /// Asks it to end, for it may have things to undo, and kills it if that is of no use; with it go the programs it
    /// started, where it leads a group.
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
