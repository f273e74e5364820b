import Scheduling
import Synchronization

/// The cluster as those who ask it see it: before it is there, while it answers, and when it was lost and starts again.
///
/// What is asked while no cluster is there is refused with word of how far the start is.
public final class Supervisor: TextGenerator, ClusterMonitor {
    private enum State {
        case starting(ClusterStatus.Start)
        case running(any TextGenerator, any ClusterMonitor)
    }

    private let state: Mutex<State>
    private let planned: ClusterStatus, plannedContext: Int

    /// A cluster that has only begun to start.
    ///
    /// - Parameters:
    ///   - contextLength: positions of the context it will have.
    ///   - kvType: how it will keep keys and values.
    ///   - layers: blocks of the whole model.
    public init(contextLength: Int, kvType: String, layers: Int) {
        plannedContext = contextLength
        planned = ClusterStatus(kvType: kvType, layers: layers, stages: [])
        state = Mutex(.starting(.init("looking for the workers")))
    }

    // MARK: What becomes of the cluster

    /// Starts the cluster and lets it answer until `end` returns. Once it has answered, it is started again when it is
    /// lost, as soon as all workers are there.
    ///
    /// - Parameters:
    ///   - start: starts a cluster, hands it to its argument with an engine, and stops it when that has returned.
    ///   - onRunning: is called whenever the cluster begins to answer.
    ///   - isOver: whether a lost cluster need not be started again.
    ///   - onLoss: hears why the cluster was lost, or does not start again; not twice of the same reason.
    ///   - end: waits, while the cluster answers, until nobody needs it any more.
    /// - Throws: why the first start failed.
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

    /// Returns when `end` does; throws when the engine's cluster is lost before.
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

    /// It goes on starting.
    public func show(_ start: ClusterStatus.Start) {
        state.withLock { if case .starting = $0 { $0 = .starting(start) } }
    }

    /// It has started: from now on `generator` answers and `monitor` tells how it fares.
    func show(_ generator: any TextGenerator, monitor: any ClusterMonitor) {
        state.withLock { $0 = .running(generator, monitor) }
    }

    /// It is lost, for the reason `words`, and starts again.
    func restart(_ words: String) { state.withLock { $0 = .starting(.init(words)) } }

    // MARK: What is asked of it

    private var running: (generator: any TextGenerator, monitor: any ClusterMonitor)? {
        state.withLock { if case .running(let generator, let monitor) = $0 { (generator, monitor) } else { nil } }
    }

    /// Positions of the context, as planned until it has started.
    public var contextLength: Int { running?.generator.contextLength ?? plannedContext }

    /// The running cluster's status, or how far the start is.
    public func status() -> ClusterStatus {
        switch state.withLock({ $0 }) {
        case .running(_, let monitor): return monitor.status()
        case .starting(let start):
            var status = planned
            status.start = start
            return status
        }
    }

    /// Answers, or refuses with word of the start.
    public func generate(
        _ request: GenerationRequest
    ) async throws -> AsyncThrowingStream<GenerationEvent, any Error> {
        switch state.withLock({ $0 }) {
        case .starting(let start): throw CoordinatorError(.starting, start.words)
        case .running(let generator, _): return try await generator.generate(request)
        }
    }

    /// What is being answered; nothing before it has started.
    public func load() async -> GenerationLoad { await running?.generator.load() ?? GenerationLoad() }
}
