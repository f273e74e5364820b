import Control
import Foundation
import Kernels
import Logging
import Messaging
import ModelStore
import Synchronization
import Testing
import TinyModel
import Transformer
import Wire

@testable import Coordinator
@testable import Worker

/// Weights that stay in a worker's memory between plans.
@Suite(.serialized, .timeLimit(.minutes(1))) struct KeptWeightsTests {
    /// A worker's data thread, with a count of how often each plan reported loading weights.
    final class Computing {
        let model: Model, status: SharedStatus
        private let thread: DataThread, next: PullSocket, nextURL: NodeURL
        private let sessions: SharedSessionOrder
        private let counts: Counts
        private var orders: UInt32 = 0

        private final class Counts: Sendable {
            let loads = Mutex<[UInt64: Int]>([:])
        }

        init(keepAlive: Duration?) throws {
            model = try Model(path: TinyModel.path(layers: 5, seed: 3))
            next = try PullSocket()
            nextURL = try next.listen(NodeURL("inproc://next-\(UUID().uuidString)"))
            let counts = Counts()
            self.counts = counts
            status = SharedStatus { now in
                guard let epoch = now.assignment?.epoch, now.state == .loading else { return }
                counts.loads.withLock { $0[epoch, default: 0] += 1 }
            }
            sessions = SharedSessionOrder(
                store: SessionStore(directory: NSTemporaryDirectory() + "brigade-none"), status: status)
            let own = try PullSocket()
            _ = try own.listen(NodeURL("inproc://own-\(UUID().uuidString)"))
            thread = DataThread(
                socket: SharedSocket(own), threads: 1, keepAlive: keepAlive, status: status,
                sessions: sessions,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            thread.start()
        }

        deinit {
            thread.send(.quit)
            _ = thread.join(seconds: 10)
        }

        func assignment(_ epoch: UInt64, first: Int = 1, count: Int = 3, head: Bool = true) -> Assignment {
            Assignment(
                epoch: epoch, modelFingerprint: model.fingerprint, firstLayer: first, layerCount: count, hasHead: head,
                contextLength: 64, kvBlockCount: Int(epoch) + 1, kvType: "f16", rowType: "f32",
                nextURL: nextURL.description, width: TinyModel.width, vocabulary: TinyModel.vocabulary)
        }

        /// Starts a plan and ends it; returns how often weights were loaded, and the memory in use while it was ready
        /// and after it.
        func run(_ a: Assignment) async throws -> (loads: Int, ready: Int, after: Int) {
            status.reset(a)
            thread.send(.begin(a, model.file))
            try await until { $0.state == .ready }
            let ready = status.current.memoryUsed
            status.reset(nil)
            thread.send(.end)
            return (counts.loads.withLock { $0[a.epoch] ?? 0 }, ready, try await settled())
        }

        func forget() async throws -> Int {
            thread.send(.forget)
            return try await settled()
        }

        /// The memory in use once the thread has carried out all commands. To wait for that, a last order is sent for a
        /// session of a plan that does not exist, which fails.
        private func settled() async throws -> Int {
            orders += 1
            let order = SessionOrder(
                epoch: 1_000_000 + UInt64(orders), number: orders, action: .save,
                session: String(repeating: "0af9", count: 16),
                blocks: [0],
                digests: [])
            _ = try sessions.take(order, layers: 1)
            thread.send(.session(order))
            try await until { [sessions] _ in (try? sessions.take(order, layers: 1).reply.state) == .failed }
            return status.current.memoryUsed
        }

        func until(_ holds: (SharedStatus.Status) -> Bool) async throws {
            let deadline = ContinuousClock.now + .seconds(30)
            while !holds(status.current) {
                try #require(ContinuousClock.now < deadline, "\(status.current)")
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    @Test func theSameSliceIsNotLoadedAgain() async throws {
        let worker = try Computing(keepAlive: nil)
        let first = try await worker.run(worker.assignment(1)), weights = first.after
        #expect(first.loads > 10 && weights > 0 && weights < first.ready)
        // More KV blocks but the same weights: only the blocks are new.
        let second = try await worker.run(worker.assignment(2))
        #expect(second.loads == 0 && second.after == weights && second.ready > first.ready)
        #expect(try await worker.forget() == 0)
        #expect(try await worker.run(worker.assignment(3)).loads == first.loads)
    }

    @Test func anotherSliceTakesTheirPlace() async throws {
        let worker = try Computing(keepAlive: nil)
        var before = try await worker.run(worker.assignment(1)).after
        var others = [
            worker.assignment(2, first: 2), worker.assignment(3, first: 2, count: 2),
            worker.assignment(4, first: 2, count: 2, head: false),
        ]
        others.append(others[2])
        others[3].epoch = 5
        for (i, other) in others.enumerated() {
            let found = try await worker.run(other)
            #expect(
                (found.loads == 0) == (i == 3) && (i < 3 || found.after == before), "\(i): \(found), before \(before)")
            before = found.after
        }
        var foreign = others[3]
        foreign.modelFingerprint = "another"
        let kept = KeptWeights(
            fingerprint: worker.model.fingerprint,
            weights: try SliceWeights(
                worker.model.file, layers: 2..<4, hasHead: false, engine: ComputeEngine(threads: 1)), end: nil)
        #expect(kept.serve(others[3]) && !kept.serve(others[0]) && !kept.serve(foreign))
    }

    @Test func theyAreKeptAsLongAsIsSaid() async throws {
        let keeping = try Computing(keepAlive: nil)
        #expect(try await keeping.run(keeping.assignment(1)).after > 0)
        let worker = try Computing(keepAlive: .zero)
        #expect(try await worker.run(worker.assignment(1)).after == 0)
        #expect(try await worker.run(worker.assignment(2)).loads > 0)
        let brief = try Computing(keepAlive: .milliseconds(1))
        _ = try await brief.run(brief.assignment(1))
        try await brief.until { $0.memoryUsed == 0 }
        let weights = try SliceWeights(
            worker.model.file, layers: 0..<1, hasHead: false, engine: ComputeEngine(threads: 1))
        let now = ContinuousClock.now, kept = KeptWeights(fingerprint: "", weights: weights, end: now)
        #expect(kept.isOver(at: now) && !kept.isOver(at: now - .seconds(1)))
        #expect(!KeptWeights(fingerprint: "", weights: weights, end: nil).isOver(at: now + .seconds(1 << 30)))
    }

    @Test func aClusterStartedAgainAnswersTheSameFromWeightsInMemory() async throws {
        let path = try TinyModel.path(layers: 4, seed: 3), model = try Model(path: path)
        let workers = try ClusterTests.Workers(2, over: "inproc", model: path)
        let first = try await ClusterTests.start(workers, model)
        let expected = try await ClusterTests.answer(ClusterTests.engine(first, model)).0
        await first.stop()
        for url in workers.urls {
            let report = try await NodeConnection(url).health(deadline: .seconds(5))
            #expect(report.state == .idle && report.memoryUsed > 0)
        }
        let second = try await ClusterTests.start(workers, model, context: 192)
        #expect(second.plan.stages.map(\.layerCount) == first.plan.stages.map(\.layerCount))
        #expect(try await ClusterTests.answer(ClusterTests.engine(second, model)).0 == expected)
        await second.stop()
        // Retained weights are freed for another division of the layers.
        let third = try await ClusterTests.start(workers, model, layers: [1, 3])
        #expect(try await ClusterTests.answer(ClusterTests.engine(third, model)).0 == expected)
        await third.stop()
    }
}
