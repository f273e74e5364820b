import Control
import Kernels
import ModelStore
import Testing
import TinyModel
import Wire

@testable import Coordinator

/// RoPE scaling in an assignment: what a worker accepts and what it refuses.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RopePlanTests {
    /// A worker's refusal of an assignment with these settings; nil when it accepts.
    static func refusal(_ rope: RopeSetting, context: Int) async throws -> String? {
        let model = try Model(path: TinyArchitecture.named("qwen2").path())
        let workers = try ClusterTests.Workers(1, over: "inproc", model: model.file.path)
        let node = try NodeConnection(workers.urls[0])
        let assignment = Assignment(
            epoch: 1, modelFingerprint: model.fingerprint, firstLayer: 0, layerCount: 3, hasHead: true,
            contextLength: context,
            kvBlockCount: (context + 63) / 64, kvType: "f16", rowType: "f32", nextURL: "inproc://rope-plan-nowhere",
            width: 128, vocabulary: TinyArchitecture.vocabulary, rope: rope)
        do {
            _ = try await node.call(.assign(assignment), deadline: .seconds(5))
            _ = try await node.call(.release(epoch: 1), deadline: .seconds(5))
            return nil
        } catch { return error.description }
    }

    static let yarn = RopeSetting(.yarn(.init(factor: 4, originalContext: 1024)))

    @Test func aContextWithinTheScalingIsTaken() async throws {
        #expect(try await Self.refusal(Self.yarn, context: 4096) == nil)
        #expect(try await Self.refusal(.none, context: 1024) == nil)
        #expect(try await Self.refusal(RopeSetting(.linear(factor: 2)), context: 2048) == nil)
    }

    @Test func aContextBeyondItIsRefused() async throws {
        #expect(try await Self.refusal(Self.yarn, context: 4097)?.contains("positions go up to 4096") == true)
        #expect(try await Self.refusal(.none, context: 1025)?.contains("positions go up to 1024") == true)
    }

    @Test func senselessNumbersAreRefused() async throws {
        var unknown = Self.yarn, nothing = Self.yarn, endless = Self.yarn, turned = Self.yarn
        unknown.type = "ntk"
        nothing.factor = 0
        endless.attentionFactor = .infinity
        turned.betaFast = 0.25
        #expect(
            try await Self.refusal(unknown, context: 64)?.contains("type ntk, expected none, linear or yarn") == true)
        #expect(try await Self.refusal(nothing, context: 64)?.contains("factor is 0.0") == true)
        #expect(try await Self.refusal(endless, context: 64)?.contains("attention factor is inf") == true)
        #expect(try await Self.refusal(turned, context: 64)?.contains("fast beta is 0.25") == true)
    }
}
