import Control
import Messaging
import ModelStore
import Testing
import TinyModel
import Transformer
import Wire

@testable import Coordinator

/// What a worker does with what others than the stage before it send to its data socket.
@Suite(.serialized, .timeLimit(.minutes(2))) struct DataSocketTests {
    @Test(arguments: ["inproc", "ipc", "tcp"])
    func randomBytesEndThePlanWithAClearMessage(transport: String) async throws {
        let model = try Model(path: TinyModel.path(layers: 2, seed: 3))
        let workers = try ClusterTests.Workers(1, over: transport, model: model.file.path)
        let node = try NodeConnection(workers.urls[0])
        let configuration = try ModelConfiguration(model.file)
        let assignment = Assignment(
            epoch: 1, modelFingerprint: model.fingerprint, firstLayer: 0, layerCount: 2, hasHead: true,
            contextLength: 64, kvBlockCount: 1, kvType: "f16", rowType: "f32", nextURL: "inproc://nobody-listens-here",
            width: configuration.width, vocabulary: configuration.vocabulary, rope: .none)
        _ = try await node.call(.assign(assignment), deadline: .seconds(5))
        while try await node.heartbeat(epoch: 1, deadline: .seconds(5)).state == .loading {}
        let stranger = try SharedSocket(PushSocket())
        try stranger.socket.dial(workers.nodes[0].dataURL)
        try await stranger.socket.send((0..<500).map { UInt8(truncatingIfNeeded: $0 * 77) }, deadline: .seconds(5))
        var report = try await node.heartbeat(epoch: 1, deadline: .seconds(5))
        while report.state == .ready { report = try await node.heartbeat(epoch: 1, deadline: .seconds(5)) }
        #expect(report.state == .failed)
        #expect(report.problem?.contains("is not a frame") == true, "\(report.problem ?? "")")
        await node.release(epoch: 1, deadline: .seconds(5))
    }
}
