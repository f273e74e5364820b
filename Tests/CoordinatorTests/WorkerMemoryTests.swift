import Foundation
import Kernels
import Logging
import Messaging
import ModelStore
import Synchronization
import Testing
import TinyModel
import Wire

@testable import Coordinator
@testable import Worker

/// What a worker remembers about itself.
@Suite(.serialized, .timeLimit(.minutes(1))) struct WorkerMemoryTests {
    static func facts(_ cache: String) async throws -> [[Double]] {
        let path = try TinyModel.path(layers: 2, seed: 3)
        let workers = try ClusterTests.Workers(
            2, over: "inproc", model: path, cachePerWorker: true, keepingCacheAt: cache)
        return try await Cluster.plan(workers.urls, model: try Model(path: path), options: .init(contextLength: 64))
            .facts
            .map { [$0.weightBandwidth, $0.multiplyAddRate] }
    }

    @Test func aWorkerThatIsStartedAgainIsNotMeasuredAnew() async throws {
        let cache = NSTemporaryDirectory() + "brigade-speeds-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: cache) }
        let measured = try await Self.facts(cache)
        #expect(try await Self.facts(cache) == measured)
        let files = try (0..<2).flatMap { worker in
            try FileManager.default.contentsOfDirectory(atPath: "\(cache)/\(worker)").map { "\(cache)/\(worker)/\($0)" }
        }
        #expect(files.count == 2 && files.allSatisfy { $0.hasSuffix(".json") }, "\(files)")
        // A damaged file is measured again and rewritten.
        try Data("x".utf8).write(to: URL(fileURLWithPath: files[0]))
        let again = try await Self.facts(cache)
        #expect(again[0] != measured[0] && again[1] == measured[1])
        #expect(try await Self.facts(cache) == again)
    }

    @Test func aWorkerForgetsItsSpeedWhenItIsTold() async throws {
        let cache = NSTemporaryDirectory() + "brigade-speeds-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: cache) }
        var configuration = NodeConfiguration(
            listen: try NodeURL("inproc://forgetting-\(UUID().uuidString)"), memoryBudget: 1 << 30, threads: 1,
            modelPath: nil,
            cacheDirectory: cache, version: "test")
        let file = SpeedFile(directory: cache, conditions: .init(configuration))
        try file.write(SpeedReply(readBandwidth: 1, weightBandwidth: 2, int8Rate: 3, multiplyAddRate: 4))
        _ = try WorkerNode(configuration, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        #expect(file.read()?.weightBandwidth == 2)
        configuration.forgetsSpeed = true
        configuration.listen = try NodeURL("inproc://forgetting-\(UUID().uuidString)")
        _ = try WorkerNode(configuration, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        #expect(file.read() == nil)
    }

    @Test func memoryIsCountedWhileAWorkerLoads() throws {
        let model = try Model(path: TinyModel.path(layers: 5, seed: 3)), pull = try PullSocket()
        let url = try pull.listen(NodeURL("inproc://loading-\(UUID().uuidString)"))
        let assignment = Assignment(
            epoch: 4, modelFingerprint: model.fingerprint, firstLayer: 1, layerCount: 3, hasHead: true,
            contextLength: 64,
            kvBlockCount: 2, kvType: "f16", rowType: "f32", nextURL: url.description,
            width: TinyModel.width,
            vocabulary: TinyModel.vocabulary)
        let seen = Mutex<[(state: NodeState, bytes: Int)]>([])
        let status = SharedStatus { now in seen.withLock { $0.append((now.state, now.memoryUsed)) } }
        status.reset(assignment)
        let stage = try Stage(assignment, file: model.file, engine: try ComputeEngine(threads: 1), status: status)
        let all = seen.withLock { $0 }, loading = all.filter { $0.state == .loading }.map(\.bytes)
        #expect(
            loading.count > 10 && loading[0] > 0 && loading == loading.sorted()
                && loading.last == stage.slice.weightBytes)
        #expect(all.last?.state == .ready && all.last!.bytes > stage.slice.weightBytes)
    }
}
