import Control
import Foundation
import Messaging
import ModelStore
import Wire

/// The workers of a cluster file that Brigade starts and stops: on this machine, and on others by ssh. They are
/// detached and stay when this process ends.
public struct RemoteWorkers: Sendable {
    /// How one node is.
    public struct NodeStatus: Codable, Equatable, Sendable {
        public var name: String, url: String
        /// Its process, when Brigade started it and it runs.
        public var process: Int?
        /// What it says of itself; nil: it does not answer.
        public var state: NodeState?
        /// Why it does not answer, or its machine cannot be asked.
        public var problem: String?
    }

    let file: ClusterFile
    /// This program's version and file.
    let version: String, executable: String
    /// The model's file on this machine, for local workers; nil or absent: theirs is sent.
    let model: String?

    /// The workers of `file`.
    ///
    /// - Parameters:
    ///   - executable: the program to start here, and to copy to machines that have none of this version.
    ///   - model: a model instead of the file's.
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

    /// Runs `body` for every node at once. The errors of all that fail become one.
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

    /// Ends all workers that Brigade started, also when some are gone already or a machine cannot be reached.
    ///
    /// - Parameter report: hears of each node what was done.
    public func stop(report: @escaping @Sendable (String, String) -> Void) async throws {
        try await forEachNode { node in
            guard node.isManaged else { return report(node.name, "was not started by Brigade; left alone") }
            let result = try await host(node).run(script(node).stop)
            report(node.name, result["stopped"].map { "stopped (process \($0))" } ?? "was not running")
        }
    }

    /// How all nodes are.
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
    /// The local nodes that do not answer: nobody has started them.
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
