import Control
import Foundation
import Messaging
import ModelStore
import Synchronization
import Wire

extension RemoteWorkers {
    /// Starts the workers that are not running and waits until every node answers. If one does not, the workers that
    /// this call started are ended again.
    ///
    /// - Parameters:
    ///   - patience: how long to wait for a worker's first answer.
    ///   - report: called with a node's name and its progress.
    public func start(patience: Duration, report: @escaping @Sendable (String, String) -> Void) async throws {
        let started = Mutex<Set<String>>([])
        do {
            let copy = Copy(executable, version)
            try await forEachNode { node in
                if node.isManaged, try await startOne(node, copy, report) {
                    _ = started.withLock { $0.insert(node.name) }
                }
                try await waitUntilWell(node, patience: patience, report)
            }
        } catch {
            let names = started.withLock { $0 }
            // In a task of its own, so that they are ended even when this task was cancelled.
            await Task {
                try? await forEachNode { node in
                    guard names.contains(node.name) else { return }
                    _ = try await host(node).run(script(node).stop)
                }
            }.value
            throw error
        }
    }

    /// This program as it is copied to other machines: its file name says which build it is. The file is hashed on
    /// first use.
    final class Copy: Sendable {
        let executable: String
        private let version: String
        private let digest = Mutex<String?>(nil)

        init(_ executable: String, _ version: String) {
            self.executable = executable
            self.version = version
        }

        var sha256: String {
            get throws {
                try digest.withLock { digest in
                    let value = try digest ?? ModelStore.sha256(ofFile: executable)
                    digest = value
                    return value
                }
            }
        }

        var name: String { get throws { "brigade-\(version)-\(try sha256.prefix(16))" } }
    }

    /// Starts one worker; false when it was already running.
    private func startOne(
        _ node: ClusterFile.Node, _ copy: Copy, _ report: @Sendable (String, String) -> Void
    ) async throws -> Bool {
        let host = host(node), script = script(node)
        report(node.name, "looking at \(node.ssh ?? "this machine")")
        let named = node.binary ?? (node.isLocal ? executable : nil)
        let found = try await host.run(script.probe(binary: named, copyName: try copy.name))
        if let process = found["running"] {
            report(node.name, "runs already (process \(process))")
            return false
        }
        let binary = try await binary(found, named, node, host, script, copy, report)
        let model = node.model ?? (node.isLocal ? localModel : nil)
        let result = try await host.run(script.start(binary: binary, model: model))
        report(node.name, "started (process \(result["started"] ?? result["running"] ?? "?"))")
        return result["started"] != nil
    }

    /// The program to start: one of this version that is on the node, or a copy of this program.
    private func binary(
        _ found: ShellHost.Report, _ named: String?, _ node: ClusterFile.Node, _ host: ShellHost,
        _ script: WorkerScript, _ copy: Copy,
        _ report: @Sendable (String, String) -> Void
    ) async throws -> String {
        let candidates = Self.candidates(found)
        if let match = candidates.first(where: { $0.version == version }) { return match.path }
        if let named {
            let what =
                candidates.first.map { "says that it is version \($0.version)" } ?? "is not there, or not a program"
            throw LaunchError(
                .failed,
                """
                \(named) \(what), expected Brigade \(version). Install it there, or leave "binary" out to have it \
                copied
                """
            )
        }
        let mine = try await ShellHost(ssh: nil, sshConfig: nil).run(
            "printf 'brigade: system %s\\n' \"$(uname -s) $(uname -m)\"")["system"]
        guard found["system"] == mine, let cache = found["cache"], cache.hasPrefix("/") else {
            throw LaunchError(
                .failed,
                """
                it is \(found["system"] ?? "an unknown system") and has no Brigade \(version), and this machine's \
                (\(mine ?? "unknown")) would not run there. Build it there and name it with \"binary\"
                """
            )
        }
        report(node.name, "copying brigade \(version)")
        let part = "\(try copy.name).part-\(UInt32.random(in: 0...UInt32.max))"
        try await host.copy(copy.executable, to: "\(cache)/bin/\(part)")
        let installed = try await host.run(script.install(part: part, copyName: try copy.name, sha256: try copy.sha256))
        guard let candidate = Self.candidates(installed).first else {
            throw LaunchError(.failed, "the copied program is not there")
        }
        guard candidate.version == version else {
            throw LaunchError(
                .failed,
                """
                the copied program does not run there: \(candidate.version.replacing("_", with: " ")). Install the \
                libraries it needs (libnng and Swift's), or build Brigade there and name it with \"binary\"
                """
            )
        }
        return candidate.path
    }

    private static func candidates(_ report: ShellHost.Report) -> [(version: String, path: String)] {
        report.all("binary").compactMap { line in
            guard let space = line.firstIndex(of: " ") else { return nil }
            return (String(line[..<space]), String(line[line.index(after: space)...]))
        }
    }

    /// The cluster's model, if it is a file on this machine.
    private var localModel: String? {
        model.flatMap { FileManager.default.fileExists(atPath: $0) ? URL(fileURLWithPath: $0).path : nil }
    }

    /// Waits until the node answers. A worker process that has ended is noticed at once; the error carries the end of
    /// its log.
    private func waitUntilWell(
        _ node: ClusterFile.Node, patience: Duration, _ report: @Sendable (String, String) -> Void
    ) async throws {
        let connection = try NodeConnection(node.url), end = ContinuousClock.now + patience
        while true {
            do throws(ControlError) {
                let hello = try await connection.hello(deadline: .seconds(1))
                let gibibytes = String(format: "%.1f GiB", Double(hello.memoryBudget) / Double(1 << 30))
                var state = hello.state == .failed ? "well, though its last plan failed" : "well"
                // Another version with the same protocol is accepted, so that machines can be upgraded one after the
                // other.
                if hello.version != version { state += ", Brigade \(hello.version)" }
                report(
                    node.name,
                    "\(state): \(hello.threads) threads, \(gibibytes), \(hello.cpuFeatures.joined(separator: " "))")
                return
            } catch {
                guard error.code == .unreachable else { throw error }
                try Task.checkCancellation()
                let isOver = ContinuousClock.now >= end
                if node.isManaged {
                    let status = try await host(node).run(script(node).status)
                    let log = status.all("log").map { "\n    " + $0 }.joined()
                    if status["running"] == nil {
                        throw LaunchError(.failed, "its worker has ended. Its log:" + log)
                    }
                    if isOver {
                        throw LaunchError(
                            .unreachable,
                            """
                            its worker runs but does not answer at \(node.url) within \(patience.seconds). Check the \
                            address and the firewall. Its log:
                            """
                                + log)
                    }
                } else if isOver {
                    throw error
                }
            }
        }
    }
}
