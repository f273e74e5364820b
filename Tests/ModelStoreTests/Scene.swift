import Foundation
import LoopbackRegistry
import Synchronization

@testable import ModelStore

/// A registry with one model, `tiny:latest`, and an empty store to pull it into. Both are removed in the end.
struct Scene {
    static let partSize = 64 << 10
    let registry: LoopbackRegistry
    let folder: String
    let weights: [UInt8], manifest: [UInt8]
    var options = PullOptions()

    var library: ModelLibrary {
        ModelLibrary(
            own: ModelDirectory(path: folder + "/own", owner: .brigade),
            others: [ModelDirectory(path: folder + "/ollama", owner: .ollama)])
    }

    /// Weights whose bytes differ in every part; the last part is shorter.
    static func bytes(count: Int = 16 * partSize - 1000, seed: UInt64 = 1) -> [UInt8] {
        var x = seed
        return (0..<count).map { _ in
            x = x &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: x >> 56)
        }
    }

    static func run(_ body: (inout Scene) async throws -> Void) async throws {
        let registry = try await LoopbackRegistry(), weights = bytes()
        let folder = NSTemporaryDirectory() + "brigade-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let manifest = try registry.add(
            "library/tiny:latest",
            [("model", weights), ("template", Array("{{ .Prompt }}".utf8)), ("license", Array("Do as you like.".utf8))])
        var scene = Scene(registry: registry, folder: folder, weights: weights, manifest: manifest)
        scene.options.registry = try RegistryURL(registry.url)
        scene.options.partSize = partSize
        scene.options.parallel = 4
        scene.options.firstPause = .milliseconds(1)
        defer {
            registry.stop()
            try? FileManager.default.removeItem(atPath: folder)
        }
        try await body(&scene)
    }

    var name: ModelName { get throws { try ModelName("tiny") } }

    /// Pulls the model; returns the reported progress.
    @discardableResult func pull() async throws -> [PullProgress] {
        let said = Mutex<[PullProgress]>([])
        try await library.pull(name, options: options) { progress in said.withLock { $0.append(progress) } }
        return said.withLock { $0 }
    }

    /// Whether the weights are in the store, byte for byte, with no unfinished file.
    func isWhole() throws -> Bool {
        guard let model = try library.find(name) else { return false }
        return try Data(contentsOf: URL(fileURLWithPath: model.weightsPath)) == Data(weights) && unfinished.isEmpty
    }

    /// Files among the blobs that are not blobs.
    var unfinished: [String] { blobs.filter { $0.contains(".") } }
    var blobs: [String] { (try? FileManager.default.contentsOfDirectory(atPath: library.own.blobs)) ?? [] }

    /// Number of bytes of the weights that an interrupted pull has left.
    var kept: Int {
        get throws {
            try PartialBlob(ModelManifest(manifest, source: "").weights(of: name), in: library.own).found()?.completed
                ?? 0
        }
    }
}
