import ChildProcess
import Foundation
import Messaging
import ModelStore
import Synchronization
import Testing
import TinyModel

@testable import Coordinator

/// Workers without the model file get their weights from the coordinator, whatever is interrupted.
@Suite(.serialized, .timeLimit(.minutes(3))) struct DeliveryTests {
    static let executable = ProcessInfo.processInfo.environment["BRIGADE_EXECUTABLE"].flatMap { $0.isEmpty ? nil : $0 }

    /// Worker processes, each with a cache directory of its own.
    final class Processes: @unchecked Sendable {
        let folder = NSTemporaryDirectory() + "brigade-delivery-\(UUID().uuidString.prefix(8))"
        let urls: [NodeURL]
        private let lock = NSLock()
        private var running: [ChildProcess?]

        init(_ count: Int) throws {
            urls = try (0..<count).map { [folder] in try NodeURL("ipc://\(folder)/\($0)") }
            running = Array(repeating: nil, count: count)
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for index in 0..<count { try start(index) }
        }

        func start(_ index: Int) throws {
            let process = try ChildProcess(
                executable ?? "",
                [
                    "worker", "--listen", urls[index].description, "--threads", "1", "--memory", "2GiB", "--cache",
                    cache(index), "--log-level", "error",
                ])
            lock.withLock { running[index] = process }
        }

        func cache(_ index: Int) -> String { "\(folder)/cache\(index)" }

        /// Kills a worker, like a power failure.
        func kill(_ index: Int) {
            guard let worker = lock.withLock({ running[index] }) else { return }
            Foundation.kill(worker.process.processIdentifier, SIGKILL)
            if let problem = worker.wait() { Issue.record("\(problem)") }
        }

        /// The shards that a worker stores: their recorded digests, and those of their files.
        func digests(_ index: Int) throws -> [(noted: String, found: String, size: Int)] {
            try FileManager.default.contentsOfDirectory(atPath: cache(index)).filter { $0.hasSuffix(".gguf") }.map {
                name in
                let path = cache(index) + "/" + name
                let noted = try String(contentsOfFile: path + ".sha256", encoding: .utf8).prefix(64)
                let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
                return (String(noted), try sha256(ofFile: path), size ?? 0)
            }
        }

        deinit {
            for index in urls.indices { kill(index) }
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    /// Records the reported progress.
    final class Heard: Sendable {
        private let state = Mutex<[(worker: String, sent: Int, of: Int)]>([])
        private let action: @Sendable (String, Int, Int) -> Void

        init(_ action: @escaping @Sendable (String, Int, Int) -> Void = { _, _, _ in }) { self.action = action }

        func note(_ progress: Cluster.Progress) {
            guard case .sending(let worker, let sent, let total) = progress else { return }
            state.withLock { $0.append((worker, sent, total)) }
            action(worker, sent, total)
        }

        var all: [(worker: String, sent: Int, of: Int)] { state.withLock { $0 } }
    }

    static func reference(_ model: Model, _ path: String) async throws -> [Int32] {
        let workers = try ClusterTests.Workers(1, over: "inproc", model: path),
            cluster = try await ClusterTests.start(workers, model)
        let answer = try await ClusterTests.answer(ClusterTests.engine(cluster, model)).0
        await cluster.stop()
        return answer
    }

    @Test(.enabled(if: executable != nil)) func aWorkerThatIsKilledHalfWayGoesOnWhereItWas() async throws {
        let path = try TinyModel.path(layers: 40, seed: 2), model = try Model(path: path)
        let workers = try Processes(4), victim = 1, isKilled = Atomic(false)
        let heard = Heard { worker, sent, total in
            guard worker == workers.urls[victim].description, sent * 2 >= total,
                isKilled.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
            else { return }
            workers.kill(victim)
            Thread {
                usleep(300_000); try? workers.start(victim)
            }.start()
        }
        // Fixed layers, since measurements on a busy machine might divide them differently the second time.
        let options = Cluster.Options(contextLength: 128, layers: [10, 10, 10, 10], patience: .seconds(20))
        let cluster = try await Cluster.start(workers.urls, model: model, options: options) { heard.note($0) }
        let sent = cluster.delivery
        let wasKilled = isKilled.load(ordering: .relaxed)
        #expect(wasKilled)
        #expect(try await ClusterTests.answer(ClusterTests.engine(cluster, model)).0 == Self.reference(model, path))
        await cluster.stop()

        // Every shard is stored once, with its digest in the coordinator's file.
        let kept = try workers.urls.indices.flatMap { try workers.digests($0) }
        #expect(kept.count == 41 && kept.allSatisfy { $0.noted == $0.found })
        let shards = try NodeDelivery.shards(model, cluster.configuration, 0..<40, true)
        let expected = shards.map { shard in
            var reader = SliceReader(shard.file)
            reader.skip(to: shard.file.byteCount)
            return reader.sha256
        }
        #expect(Set(kept.map(\.found)) == Set(expected))
        let size = kept.reduce(0) { $0 + $1.size }
        #expect(sent.workers == 4 && sent.bytesMissing == size)
        #expect(
            sent.bytesSent >= size && Double(sent.bytesSent) <= Double(size) * 1.02,
            "\(sent.bytesSent) bytes were sent for \(size)")
        // The workers were served at once: before the first one was complete, another had received something.
        let firstComplete = heard.all.firstIndex { $0.sent == $0.of } ?? 0
        #expect(Set(heard.all[..<firstComplete].map(\.worker)).count >= 2)

        let second = try await Cluster.start(workers.urls, model: model, options: options) { heard.note($0) }
        #expect(second.delivery == Cluster.Delivery())
        await second.stop()
    }

    @Test func anotherCutSendsOnlyTheBlocksThatChangeHands() async throws {
        let path = try TinyModel.path(), model = try Model(path: path)
        let workers = try ClusterTests.Workers(2, over: "inproc", model: nil, cachePerWorker: true)
        let first = try await ClusterTests.start(workers, model, layers: [3, 4])
        let answer = try await ClusterTests.answer(ClusterTests.engine(first, model)).0
        await first.stop()
        let second = try await ClusterTests.start(workers, model, layers: [4, 3])
        let block = try #require(try NodeDelivery.shards(model, second.configuration, 3..<4, false).first)
        #expect(second.delivery.workers == 1 && second.delivery.bytesSent == block.file.byteCount)
        #expect(try await ClusterTests.answer(ClusterTests.engine(second, model)).0 == answer)
        await second.stop()
    }

    @Test func aCoordinatorThatEndsIsFollowedByOneThatGoesOn() async throws {
        let path = try TinyModel.path(layers: 20, seed: 2), model = try Model(path: path)
        let workers = try ClusterTests.Workers(2, over: "ipc", model: nil, cachePerWorker: true)
        let starting = Mutex<Task<Cluster, any Error>?>(nil)
        let heard = Heard { _, sent, total in
            if total > 0 && sent * 2 >= total { starting.withLock { $0?.cancel() } }
        }
        // Under the lock, so that the first progress already finds the task.
        let task = starting.withLock { starting in
            let task = Task {
                try await Cluster.start(
                    workers.urls, model: model, options: .init(contextLength: 128, layers: [10, 10])
                ) { heard.note($0) }
            }
            starting = task
            return task
        }
        await #expect(throws: (any Error).self) { try await task.value }
        let total = try NodeDelivery.shards(model, .init(model.file), 0..<20, true).reduce(0) { $0 + $1.file.byteCount }
        let cluster = try await ClusterTests.start(workers, model, layers: [10, 10])
        let rest = cluster.delivery.bytesMissing
        // At least one worker had half of its slice, which is a quarter of the model without the head.
        #expect(rest > 0 && rest < total * 4 / 5 && cluster.delivery.bytesSent == rest, "\(rest) of \(total) were sent")
        #expect(try await ClusterTests.answer(ClusterTests.engine(cluster, model)).0 == Self.reference(model, path))
        await cluster.stop()
    }

    @Test func aSpoiledBeginningIsSentAgain() async throws {
        let path = try TinyModel.path(layers: 2, seed: 3), model = try Model(path: path)
        let workers = try ClusterTests.Workers(1, over: "inproc", model: nil)
        let shard = try NodeDelivery.shards(model, .init(model.file), 0..<1, false)[0]
        // A first half with wrong bytes.
        let bytes = [UInt8](repeating: 7, count: shard.file.byteCount / 2)
        var hash = SliceReader(shard.file)
        hash.skip(to: bytes.count)
        let store = SliceStore(directory: workers.cache)
        _ = try store.receiver(of: shard.name, of: model.fingerprint, totalBytes: shard.file.byteCount)
        let partial = try #require(try FileManager.default.contentsOfDirectory(atPath: workers.cache).first)
        try Data(bytes).write(to: URL(fileURLWithPath: workers.cache + "/" + partial))
        let cluster = try await ClusterTests.start(workers, model)
        #expect(try await ClusterTests.answer(ClusterTests.engine(cluster, model)).0 == Self.reference(model, path))
        await cluster.stop()
    }

    @Test func aWorkerThatDoesNotComeBackIsNamed() async throws {
        let model = try Model(path: TinyModel.path(layers: 20, seed: 2))
        let workers = try ClusterTests.Workers(2, over: "ipc", model: nil)
        let lost = workers.urls[1].description
        let heard = Heard { worker, sent, total in
            if worker == lost && sent * 4 >= total { workers.nodes[1].stop() }
        }
        var options = Cluster.Options(contextLength: 128)
        options.deliveryPatience = .seconds(1)
        let error = await #expect(throws: CoordinatorError.self) {
            try await Cluster.start(workers.urls, model: model, options: options) { heard.note($0) }
        }
        #expect(error?.code == .nodeLost)
        #expect(
            error?.description.contains(lost) == true
                && error?.description.contains("did not come back within") == true, "\(error?.description ?? "")")
    }
}
