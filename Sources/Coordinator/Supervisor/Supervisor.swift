import Scheduling
import Synchronization

/// The cluster as its users see it: while it starts, while it answers, and when it was lost and starts again.
///
/// While no cluster runs, requests are refused with an error that says how far the start is.
public final class Supervisor: TextGenerator, ClusterMonitor {
    private enum State {
        case starting(ClusterStatus.Start)
        case running(any TextGenerator, any ClusterMonitor)
    }

    private let state: Mutex<State>
    private let planned: ClusterStatus, plannedContext: Int

    /// A cluster that begins to start.
    ///
    /// - Parameters:
    ///   - contextLength: context length that is planned, in tokens.
    ///   - kvType: the type in which it will store keys and values.
    ///   - layers: number of the model's blocks.
    public init(contextLength: Int, kvType: String, layers: Int) {
        plannedContext = contextLength
        planned = ClusterStatus(kvType: kvType, layers: layers, stages: [])
        state = Mutex(.starting(.init("looking for the workers")))
    }

    // MARK: Life of the cluster

    /// Starts the cluster and lets it answer until `end` returns. If it is lost after it has started once, it is
    /// started again as soon as all workers are available.
    ///
    /// - Parameters:
    ///   - start: starts a cluster, passes it to its argument with an engine, and stops it after that has returned.
    ///   - onRunning: called whenever the cluster begins to answer.
    ///   - isOver: whether a lost cluster should not be started again.
    ///   - onLoss: called with the reason when the cluster was lost or does not start again, once for each new reason.
    ///   - end: returns when the cluster is no longer needed.
    /// - Throws: the error of the first start.
    public func keepRunning(
        start: (@escaping (Cluster, Engine) async throws -> Void) async throws -> Void,
        onRunning: @escaping () -> Void, isOver: @Sendable () -> Bool, onLoss: (any Error) -> Void,
        until end: @escaping @Sendable () async -> Void
    ) async throws {
        var hasAnswered = false, told = ""
        while true {
            do {
                return try await start { [self] cluster, engine in
                    show(engine, monitor: cluster)
                    onRunning()
                    hasAnswered = true
                    told = ""
                    try await Self.wait(for: engine, until: end)
                }
            } catch {
                guard hasAnswered else { throw error }
                if isOver() { return }
                restart("\(error)")
                if "\(error)" != told { onLoss(error) }
                told = "\(error)"
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Returns when `end` does; throws when the engine's cluster is lost first.
    private static func wait(for engine: Engine, until end: @escaping @Sendable () async -> Void) async throws {
        let loss = await withTaskGroup(of: CoordinatorError?.self) { group in
            group.addTask { await engine.loss() }
            group.addTask {
                await end()
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        if let loss { throw loss }
    }

    /// Records the progress of the start.
    public func show(_ start: ClusterStatus.Start) {
        state.withLock { if case .starting = $0 { $0 = .starting(start) } }
    }

    /// Records that the cluster runs: `generator` answers, and `monitor` reports its state.
    func show(_ generator: any TextGenerator, monitor: any ClusterMonitor) {
        state.withLock { $0 = .running(generator, monitor) }
    }

    /// Records that the cluster is lost, for the reason `words`, and starts again.
    func restart(_ words: String) { state.withLock { $0 = .starting(.init(words)) } }

    // MARK: Requests

    private var running: (generator: any TextGenerator, monitor: any ClusterMonitor)? {
        state.withLock { if case .running(let generator, let monitor) = $0 { (generator, monitor) } else { nil } }
    }

    /// Context length in tokens; before the start, as planned.
    public var contextLength: Int { running?.generator.contextLength ?? plannedContext }

    /// The running cluster's status, or the progress of its start.
    public func status() -> ClusterStatus {
        switch state.withLock({ $0 }) {
        case .running(_, let monitor): return monitor.status()
        case .starting(let start):
            var status = planned
            status.start = start
            return status
        }
    }

    /// Starts an answer; while the cluster starts, throws an error that says how far it is.
    public func generate(
        _ request: GenerationRequest
    ) async throws -> AsyncThrowingStream<GenerationEvent, any Error> {
        switch state.withLock({ $0 }) {
        case .starting(let start): throw CoordinatorError(.starting, start.words)
        case .running(let generator, _): return try await generator.generate(request)
        }
    }

    /// The requests being answered and waiting; none before the cluster has started.
    public func load() async -> GenerationLoad { await running?.generator.load() ?? GenerationLoad() }
}
