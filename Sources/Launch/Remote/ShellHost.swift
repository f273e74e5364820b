import Foundation
import Subprocess

/// A machine to run shell scripts on: this one, or another by ssh.
///
/// A script is sent to `sh` on its standard input, so that no other shell, on either side, interprets any of it. It
/// reports in lines that begin with `brigade: `; all other output, such as a login greeting, is ignored.
struct ShellHost: Sendable {
    /// The host for ssh; nil: this machine.
    let ssh: String?
    /// A configuration file for ssh.
    let sshConfig: String?

    /// What a script reported: in each line a word and the text after it, in order.
    struct Report: Sendable {
        var facts: [(word: String, text: String)] = []

        /// The text of the first line with this word.
        subscript(word: String) -> String? { facts.first { $0.word == word }?.text }

        func all(_ word: String) -> [String] { facts.filter { $0.word == word }.map(\.text) }

        init(_ output: String) {
            for line in output.split(separator: "\n") where line.hasPrefix("brigade: ") {
                let parts = line.dropFirst(9).split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
                facts.append((String(parts[0]), parts.count > 1 ? String(parts[1]) : ""))
            }
        }
    }

    /// Runs a script and returns its report.
    ///
    /// - Throws: `LaunchError` with the messages of ssh or the script when it fails.
    func run(_ script: String, deadline: Duration = .seconds(30)) async throws(LaunchError) -> Report {
        let command = ssh == nil ? ["sh", "-s"] : ["ssh"] + sshOptions + ["-T", "--", ssh!, "sh", "-s"]
        let result = try await execute(command, input: script, deadline: deadline)
        guard result.status == 0 else { throw failure(result, command[0]) }
        return Report(result.output)
    }

    /// Copies a local file to an absolute path on the other machine.
    func copy(_ file: String, to path: String, deadline: Duration = .seconds(600)) async throws(LaunchError) {
        guard let ssh else { throw LaunchError(.failed, "a file is not copied to the machine it is on") }
        let result = try await execute(
            ["scp", "-B", "-q"] + sshOptions + ["--", file, "\(ssh):\(path)"], input: "", deadline: deadline)
        guard result.status == 0 else { throw failure(result, "scp") }
    }

    /// ssh must not ask questions: there may be nobody to answer.
    private var sshOptions: [String] {
        (sshConfig.map { ["-F", $0] } ?? []) + [
            "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=5", "-o",
            "ServerAliveCountMax=3",
        ]
    }

    private var place: String { ssh ?? "this machine" }

    private struct Result: Sendable {
        var status: Int32
        var output: String, errors: String
    }

    private func failure(_ result: Result, _ program: String) -> LaunchError {
        let words = result.errors.split(separator: "\n").suffix(3).joined(separator: "; ")
        if program != "sh" && (result.status == 255 || program == "scp") {
            return LaunchError(
                .unreachable,
                """
                \(program) to \(place) failed: \(words.isEmpty ? "status \(result.status)" : words). Check that "ssh \
                \(place)" works without a question
                """
            )
        }
        return LaunchError(
            .failed, "on \(place): \(words.isEmpty ? "the script ended with status \(result.status)" : words)")
    }

    private func execute(
        _ command: [String], input: String, deadline: Duration
    ) async throws(LaunchError) -> Result {
        let place = place
        do {
            // The input is a file and not a pipe: Subprocess traps when a program ends before it has read all of its
            // input.
            let file = try Self.unnamedFile(holding: input)
            defer { try? file.close() }
            let descriptor = file.fileDescriptor
            return try await withThrowingTaskGroup(of: Result?.self) { group in
                group.addTask {
                    var options = PlatformOptions()
                    options.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(1))]
                    let result = try await Subprocess.run(
                        .name(command[0]), arguments: Arguments(Array(command.dropFirst())), platformOptions: options,
                        input: .fileDescriptor(.init(rawValue: descriptor), closeAfterSpawningProcess: false),
                        output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
                    let status: Int32 =
                        switch result.terminationStatus {
                        case .exited(let code): code
                        case .signaled(let signal): 128 + signal
                        }
                    return Result(status: status, output: result.standardOutput, errors: result.standardError)
                }
                group.addTask {
                    try await Task.sleep(for: deadline)
                    return nil
                }
                defer { group.cancelAll() }
                let first = try await group.next()
                // After a cancellation the program has a status too, which says nothing about the machine.
                try Task.checkCancellation()
                if let result = first ?? nil { return result }
                throw LaunchError(
                    .unreachable, "\(command[0]) to \(place) did not end within \(deadline.seconds). Check that machine"
                )
            }
        } catch let error as LaunchError {
            throw error
        } catch is CancellationError {
            throw LaunchError(.unreachable, "\(command[0]) to \(place) was stopped")
        } catch {
            throw LaunchError(.failed, "\(command[0]) could not be run: \(error). Install it")
        }
    }

    /// An open file without a name that contains `text`, positioned at its start.
    private static func unnamedFile(holding text: String) throws(LaunchError) -> FileHandle {
        let path = NSTemporaryDirectory() + "brigade-script-\(UUID().uuidString)"
        defer { unlink(path) }
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forReadingAtPath: path)
        else {
            throw LaunchError(
                .failed, "\(path) could not be written. Make room there, or name another directory with TMPDIR")
        }
        return file
    }
}
