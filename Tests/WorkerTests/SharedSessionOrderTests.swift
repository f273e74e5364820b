import Foundation
import ModelStore
import Synchronization
import Testing
import Wire

@testable import Worker

/// How a worker accepts orders for sessions, without a stage.
struct SessionBoardTests {
    static let id = String(repeating: "0af9", count: 16)

    static func lines() -> SharedSessionOrder {
        SharedSessionOrder(
            store: SessionStore(directory: NSTemporaryDirectory() + "brigade-no-sessions"), status: SharedStatus())
    }

    static func order(_ number: UInt32, _ action: SessionOrder.Action = .save, epoch: UInt64 = 1, digests: Int = 0)
        -> SessionOrder
    {
        SessionOrder(
            epoch: epoch, number: number, action: action, session: id, blocks: [0],
            digests: Array(repeating: id, count: digests))
    }

    @Test func theSameOrderAgainAsksHowFarItIs() throws {
        let lines = Self.lines()
        #expect(try lines.take(Self.order(1), layers: 2) == (SessionReply(state: .working), true))
        #expect(try lines.take(Self.order(1), layers: 2) == (SessionReply(state: .working), false))
        lines.carryOut(Self.order(1), by: nil)
        let failed = try lines.take(Self.order(1), layers: 2)
        #expect(!failed.isNew && failed.reply.state == .failed && failed.reply.problem == "its plan is over")
        #expect(try lines.take(Self.order(2), layers: 2) == (SessionReply(state: .working), true))
    }

    @Test func anotherOrderWaitsForTheOneAtWorkUnlessItsPlanIsOver() throws {
        let lines = Self.lines()
        _ = try lines.take(Self.order(1), layers: 2)
        let error = #expect(throws: WorkerNode.Refusal.self) { try lines.take(Self.order(2), layers: 2) }
        #expect(error?.code == "busy")
        #expect(try lines.take(Self.order(3, epoch: 2), layers: 2).isNew)
        // Updates for the old order are ignored.
        lines.carryOut(Self.order(1), by: nil)
        #expect(try lines.take(Self.order(3, epoch: 2), layers: 2) == (SessionReply(state: .working), false))
    }

    @Test func aLoadNeedsADigestForEveryLayer() throws {
        for count in [0, 1, 3] {
            #expect(throws: WorkerNode.Refusal.self) {
                try Self.lines().take(Self.order(1, .load, digests: count), layers: 2)
            }
        }
        #expect(try Self.lines().take(Self.order(1, .load, digests: 2), layers: 2).isNew)
    }
}

/// Storing a measured speed on disk.
struct SpeedFileTests {
    static let speed = SpeedReply(readBandwidth: 2e10, weightBandwidth: 1.5e10, int8Rate: 1e11, multiplyAddRate: 9e10)
    static let conditions = SpeedFile.Conditions(
        version: "1", threads: 2, processor: "a", kernels: "avx2", cores: "0-1", probeBytes: 96 << 20)

    static func withFile(_ body: (SpeedFile, String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "brigade-speed-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(SpeedFile(directory: folder, conditions: conditions), folder)
    }

    @Test func itIsBelievedForAWeek() throws {
        try Self.withFile { file, _ in
            let now = Date(timeIntervalSince1970: 1_800_000_000)
            #expect(file.read(now: now) == nil)
            try file.write(Self.speed, now: now)
            #expect(file.read(now: now) == Self.speed && file.read(now: now + 7 * 86400) == Self.speed)
            #expect(file.read(now: now + 7 * 86400 + 1) == nil)
            #expect(file.read(now: now - 1) == nil)
            file.remove()
            #expect(file.read(now: now) == nil)
        }
    }

    @Test func itHoldsUnderTheSameConditionsOnly() throws {
        try Self.withFile { file, folder in
            try file.write(Self.speed)
            func read(_ change: (inout SpeedFile.Conditions) -> Void) -> SpeedReply? {
                var conditions = Self.conditions
                change(&conditions)
                return SpeedFile(directory: folder, conditions: conditions).read()
            }
            #expect(read { _ in } == Self.speed)
            #expect(
                read { $0.version = "2" } == nil && read { $0.threads = 1 } == nil && read { $0.processor = "b" } == nil
            )
            #expect(
                read { $0.kernels = "portable" } == nil && read { $0.cores = "0" } == nil
                    && read { $0.probeBytes = 1 } == nil)
        }
    }

    @Test(arguments: ["", "{", "[]", "speed", #"{"conditions":{}}"#]) func aDamagedFileIsIgnored(content: String) throws
    {
        try Self.withFile { file, _ in
            try file.write(Self.speed)
            try Data(content.utf8).write(to: URL(fileURLWithPath: file.path))
            #expect(file.read() == nil)
            try file.write(Self.speed)
            #expect(file.read() == Self.speed)
        }
    }

    @Test func numbersThatCannotBeAreIgnored() throws {
        try Self.withFile { file, _ in
            for wrong in [0, -1, 1e18] {
                var speed = Self.speed
                speed.int8Rate = wrong
                try file.write(speed)
                #expect(file.read() == nil, "\(wrong)")
            }
        }
    }

    @Test func aStatusSaysWhatIsLoadedSoFar() {
        let assignment = Assignment(
            epoch: 3, modelFingerprint: "a", firstLayer: 0, layerCount: 1, hasHead: false, contextLength: 8,
            kvBlockCount: 1,
            kvType: "f16", rowType: "f32", nextURL: "inproc://x", width: 1, vocabulary: 1)
        let lines = SharedStatus()
        lines.reset(assignment)
        lines.loaded(300, of: 1200, epoch: 3)
        lines.loaded(900, of: 1200, epoch: 2)
        #expect(
            lines.current.memoryUsed == 300 && lines.current.loadProgress == 0.25 && lines.current.state == .loading)
    }
}
