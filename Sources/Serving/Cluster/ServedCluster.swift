import Scheduling
import Coordinator
import ServiceLifecycle
import Synchronization

/// The cluster behind a server that listens before it is there: what is asked while it starts, or starts again after a
/// loss, is refused with word of how far it is.
public final class ServedCluster: TextGenerator, ClusterMonitor, Service {
    private enum State {
        case starting(ClusterStatus.Start)
        case running(any TextGenerator, any ClusterMonitor)
    }

    private let state: Mutex<State>
    private let planned: ClusterStatus, plannedContext: Int
    /// The clusters to watch, one after the other; nil: none for now.
    private let monitors: AsyncStream<(any ClusterMonitor)?>, watch: AsyncStream<(any ClusterMonitor)?>.Continuation

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
        (monitors, watch) = AsyncStream.makeStream(of: (any ClusterMonitor)?.self)
    }

    /// It goes on starting.
    public func show(_ start: ClusterStatus.Start) {
        state.withLock { if case .starting = $0 { $0 = .starting(start) } }
    }

    /// It has started: from now on `generator` answers and `monitor` tells how it fares.
    public func run(_ generator: any TextGenerator, monitor: any ClusterMonitor) {
        state.withLock { $0 = .running(generator, monitor) }
        watch.yield(monitor)
    }

    /// It is lost, for the reason `words`, and starts again.
    public func restart(_ words: String) {
        state.withLock { $0 = .starting(.init(words)) }
        watch.yield(nil)
    }

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
    public func generate(_ request: GenerationRequest) async throws -> AsyncThrowingStream<GenerationEvent, any Error> {
        switch state.withLock({ $0 }) {
        case .starting(let start): throw start.refusal
        case .running(let generator, _): return try await generator.generate(request)
        }
    }

    /// What is being answered; nothing before it has started.
    public func load() async -> GenerationLoad { await running?.generator.load() ?? GenerationLoad() }

    /// Watches the cluster, whenever it is there, until the server stops.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var watching: Task<Void, any Error>?
            for await monitor in self.monitors {
                watching?.cancel()
                watching = (monitor as? any Service).map { service in Task { try await service.run() } }
            }
            watching?.cancel()
        }
    }
}

extension ClusterStatus.Start {
    /// What is going on, for people.
    public init(_ progress: Cluster.Progress) {
        func percent(_ share: Double) -> String { "\(Int((share * 100).rounded(.down))) %" }
        switch progress {
        case .connecting(let answered, let count): self.init("connecting, \(answered) of \(count) workers answer")
        case .measuring(let done, let count): self.init("measuring the workers, \(done) of \(count) done")
        case .sending(let worker, let sent, let total):
            self.init("sending weights to \(worker), \(percent(Double(sent) / Double(max(total, 1))))")
        case .loading(let share): self.init("loading the weights, \(percent(share))", share: share)
        }
    }
}
