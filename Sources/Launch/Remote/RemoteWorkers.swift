import Control
import Foundation
import Messaging
import ModelStore
import Wire

/// Starts and stops the workers of a cluster file, on this machine and on others by ssh. The workers are detached and
/// continue when this process ends.
public struct RemoteWorkers: Sendable {
    /// The state of one node.
    public struct NodeStatus: Codable, Equatable, Sendable {
        /// The node's name, and the address of its control socket.
        public var name: String, url: String
        /// The worker's process id, when Brigade started it and it runs.
        public var process: Int?
        /// The state that the worker reports; nil when it does not answer.
        public var state: NodeState?
        /// Why it does not answer, or why its machine cannot be asked.
        public var problem: String?
    }

    let file: ClusterFile
    /// This program's version and path.
    let version: String, executable: String
    /// The model for local workers, a path on this machine; where it is nil or no file, workers receive their slices.
    let model: String?

    /// Manages the workers of `file`.
    ///
    /// - Parameters:
    ///   - executable: path of the program to start here, and to copy to machines that lack this version.
    ///   - model: a model to use instead of the file's.
    public init(_ file: ClusterFile, version: String, executable: String, model: String? = nil) {
        self.file = file
        self.version = version
        self.executable = executable
        self.model = model ?? file.modelReference
    }

    func host(_ node: ClusterFile.Node) -> ShellHost {
        ShellHost(ssh: node.ssh, sshConfig: file.sshConfig.map { file.here($0) })
    }

    func script(_ node: ClusterFile.Node) -> WorkerScript { WorkerScript(node: node, runtimeName: file.runtimeName) }

    /// Runs `body` for all nodes concurrently. The errors of all nodes that fail are joined into one.
    func forEachNode(_ body: @escaping @Sendable (ClusterFile.Node) async throws -> Void) async throws {
        let problems = await withTaskGroup(of: (Int, String?).self) { group in
            for (index, node) in file.nodes.enumerated() {
                group.addTask {
                    do {
                        try await body(node)
                        return (index, nil)
                    } catch { return (index, "node \"\(node.name)\": \(error)") }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let sentences = problems.sorted { $0.0 < $1.0 }.compactMap(\.1)
        if !sentences.isEmpty { throw LaunchError(.failed, sentences.joined(separator: "\n")) }
    }

    /// Ends all workers that Brigade started, even when some have already ended or a machine cannot be reached.
    ///
    /// - Parameter report: called with a node's name and what was done.
    public func stop(report: @escaping @Sendable (String, String) -> Void) async throws {
        try await forEachNode { node in
            guard node.isManaged else { return report(node.name, "was not started by Brigade; left alone") }
            let result = try await host(node).run(script(node).stop)
            report(node.name, result["stopped"].map { "stopped (process \($0))" } ?? "was not running")
        }
    }

    /// The state of every node, in the file's order.
    public func status() async -> [NodeStatus] {
        await withTaskGroup(of: (Int, NodeStatus).self) { group in
            for (index, node) in file.nodes.enumerated() {
                group.addTask { (index, await status(of: node)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func status(of node: ClusterFile.Node) async -> NodeStatus {
        var status = NodeStatus(name: node.name, url: node.url.description)
        do {
            if node.isManaged {
                let result = try await host(node).run(script(node).status)
                status.process = result["running"].flatMap { Int($0) }
                if status.process == nil {
                    status.problem = "it is not running"
                    return status
                }
            }
            status.state = try await NodeConnection(node.url).hello(deadline: .seconds(3)).state
        } catch { status.problem = "\(error)" }
        return status
    }
}

extension ClusterFile {
    /// The local nodes whose worker does not answer: it has not been started.
    public func idleLocalNodes() async -> [Node] {
        await withTaskGroup(of: (Int, Bool).self) { group in
            for (index, node) in nodes.enumerated() where node.isLocal {
                group.addTask {
                    (index, (try? await NodeConnection(node.url).hello(deadline: .milliseconds(500))) == nil)
                }
            }
            return await group.reduce(into: []) { if $1.1 { $0.append($1.0) } }.sorted().map { nodes[$0] }
        }
    }
}
