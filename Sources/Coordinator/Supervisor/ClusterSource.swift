import Control
import Foundation
import Kernels
import Launch
import Messaging
import ModelStore
import Planning

/// Where a cluster's workers come from: they already run, or are started here and end with the cluster.
public struct ClusterSource: Sendable {
    /// A way to get workers.
    public enum Workers: Sendable {
        /// Processes on this machine, with `threads` compute threads each.
        case local(count: Int, threads: Int)
        /// Running workers at these addresses.
        case running([NodeURL])
        /// The workers of a cluster file. Local ones that do not run are started.
        case described(ClusterFile)
    }

    /// The way to get the workers.
    public var workers: Workers
    /// The path of the program to start workers with, and their log level.
    public var executable: String, logLevel: String
    /// Where workers started here write what they log; nil: where this process writes its own.
    public var errors: FileHandle?

    /// A source of workers.
    public init(_ workers: Workers, executable: String, logLevel: String) {
        self.workers = workers
        self.executable = executable
        self.logLevel = logLevel
    }

    /// How long the first answer of workers started here may take.
    private static let startPatience = Duration.seconds(20)

    /// The workers' addresses, and the workers to start, none of which runs yet.
    func resolve(_ model: Model) async throws -> (urls: [NodeURL], local: LocalWorkers?) {
        switch workers {
        case .running(let urls): return (urls, nil)
        case .local(let count, let threads):
            // Several workers would each measure the same memory and claim all of it.
            let share = count > 1 ? MachineMemory.budget / count : nil
            let local = try LocalWorkers(
                count: count, threads: threads, executable: executable, modelPath: model.file.path, memoryBudget: share,
                logLevel: logLevel, errors: errors)
            return (local.urls, local)
        case .described(let file):
            let idle = await file.idleLocalNodes()
            let local =
                try idle.isEmpty
                ? nil
                : LocalWorkers(
                    idle, executable: executable, modelPath: model.file.path, memoryBudget: MachineMemory.budget,
                    logLevel: logLevel, errors: errors)
            return (file.nodes.map(\.url), local)
        }
    }

    /// Starts the workers that do not run, passes all addresses to `body`, and ends the started workers in every case.
    ///
    /// - Parameter onStart: called with the workers before they start, so that a handler that ends this process can end
    ///   them.
    public func withWorkers<R>(
        _ model: Model, options: Cluster.Options, onStart: (LocalWorkers) -> Void = { _ in },
        _ body: ([NodeURL], LocalWorkers?, Cluster.Options) async throws -> R
    ) async throws -> R {
        let (urls, local) = try await resolve(model)
        var options = options
        if let local {
            options.patience = Self.startPatience
            onStart(local)
        }
        defer { local?.stop() }
        do {
            try local?.start()
            return try await body(urls, local, options)
        } catch let error as ControlError where error.code == .unreachable {
            guard case .described(let file) = workers, file.nodes.contains(where: \.isManaged) else { throw error }
            throw ControlError(
                .unreachable, error.description + ", or all of the cluster with: brigade cluster up \(file.path)")
        }
    }

    /// Starts a cluster, passes it to `body`, and stops it in every case; see `withWorkers`.
    public func withCluster<R>(
        _ model: Model, options: Cluster.Options, onStart: (LocalWorkers) -> Void = { _ in },
        progress: @escaping @Sendable (Cluster.Progress) -> Void, _ body: (Cluster) async throws -> R
    ) async throws -> R {
        try await withWorkers(model, options: options, onStart: onStart) { urls, local, options in
            let cluster = try await Cluster.start(
                urls, model: model, options: options, local: local, progress: progress)
            do {
                let result = try await body(cluster)
                await cluster.stop()
                return result
            } catch {
                await cluster.stop()
                throw error
            }
        }
    }

    /// The plan that `withCluster` would carry out, without loading anything. If a cluster file states everything
    /// needed, it is computed from that; otherwise the workers are started if necessary, asked and measured.
    public func plan(
        _ model: Model, options: Cluster.Options, onStart: (LocalWorkers) -> Void = { _ in },
        progress: @escaping @Sendable (Cluster.Progress) -> Void
    ) async throws -> (plan: Plan, facts: [NodeFacts]) {
        if case .described(let file) = workers {
            let facts = file.nodes.compactMap { NodeFacts(stated: $0) }
            if facts.count == file.nodes.count {
                return (try Cluster.plan(facts, model: model, options: options), facts)
            }
        }
        var options = options
        options.measuresAlways = true
        return try await withWorkers(model, options: options, onStart: onStart) { urls, _, options in
            try await Cluster.plan(urls, model: model, options: options, progress: progress)
        }
    }
}
