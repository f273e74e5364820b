import Control
import Coordinator
import Foundation
import Logging
import Messaging
import ModelStore
import Planning
import Sampling
import Scheduling
import Testing
import TinyModel
import Wire
import Worker

/// A coordinator and workers in one process, over every transport.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ClusterTests {
    /// Workers that run until the value is released.
    final class Workers: @unchecked Sendable {
        let nodes: [WorkerNode]
        private let ended = DispatchGroup()
        let cache: String
        private let keepsCache: Bool

        init(
            _ count: Int, over transport: String, model: String?, memory: Int = 4 << 30, cachePerWorker: Bool = false,
            keepingCacheAt kept: String? = nil
        ) throws {
            let id = "\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0...UInt32.max))"
            cache = kept ?? NSTemporaryDirectory() + "brigade-test-cache-\(id)"
            keepsCache = kept != nil
            var nodes: [WorkerNode] = []
            for i in 0..<count {
                let address =
                    switch transport {
                    case "inproc": "inproc://test-\(id)-\(i)"
                    case "ipc": "ipc://\(NSTemporaryDirectory())brigade-test-\(id)-\(i)"
                    default: "tcp://127.0.0.1:0"
                    }
                let configuration = NodeConfiguration(
                    listen: try NodeURL(address), memoryBudget: memory, threads: 1, modelPath: model,
                    cacheDirectory: cachePerWorker ? "\(cache)/\(i)" : cache,
                    version: "test")
                nodes.append(try Self.node(configuration))
            }
            self.nodes = nodes
            for node in nodes {
                ended.enter()
                let thread = Thread { [ended] in
                    node.run()
                    ended.leave()
                }
                thread.start()
            }
        }

        /// Makes a node. The data socket needs the port after the one that the system chose; if that is taken, tries
        /// again.
        private static func node(_ configuration: NodeConfiguration) throws -> WorkerNode {
            for _ in 0..<20 {
                do {
                    return try WorkerNode(configuration, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                } catch let error as MessagingError where error.code == .addressInUse { continue }
            }
            throw MessagingError(code: .addressInUse, operation: "listen", detail: "twenty ports in a row were taken")
        }

        var urls: [NodeURL] { nodes.map(\.controlURL) }

        deinit {
            for node in nodes { node.stop() }
            _ = ended.wait(timeout: .now() + 10)
            if !keepsCache { try? FileManager.default.removeItem(atPath: cache) }
        }
    }

    static let prompt: [Int32] = (0..<40).map { ($0 * 29 + 5) % 400 }

    /// The tokens of an engine's answer, and its summary. `onToken` receives the number of tokens so far.
    static func answer(
        _ engine: Engine, _ prompt: [Int32] = prompt, limit: Int = 12, temperature: Float = 0, speculates: Bool = false,
        onToken: (Int) -> Void = { _ in }
    ) async throws -> ([Int32], GenerationSummary) {
        let sampling = SamplingParameters(temperature: temperature, topK: 30, topP: 0.95, repeatPenalty: 1.1, seed: 7)
        let request = GenerationRequest(
            prompt: prompt, sampling: sampling, ends: [], limit: limit, speculates: speculates)
        var tokens: [Int32] = [], summary: GenerationSummary?
        for try await event in try await engine.generate(request) {
            switch event {
            case .token(let token):
                tokens.append(token.id)
                onToken(tokens.count)
            case .end(let end): summary = end
            case .queued, .prompt, .scores: break
            }
        }
        return (tokens, try #require(summary))
    }

    static func engine(_ cluster: Cluster, _ model: Model, batch: Int = 16) throws -> Engine {
        try Engine(cluster, model: model, options: .init(promptRows: batch))
    }

    static func start(_ workers: Workers, _ model: Model, context: Int = 128, layers: [Int]? = nil) async throws
        -> Cluster
    {
        try await Cluster.start(workers.urls, model: model, options: .init(contextLength: context, layers: layers))
    }

    @Test(arguments: [("inproc", 1), ("inproc", 2), ("ipc", 3), ("tcp", 2), ("inproc", 7)])
    func answersAreTheSameWhateverTheShapeOfTheCluster(transport: String, count: Int) async throws {
        let path = try TinyModel.path(), model = try Model(path: path)
        let one = try Workers(1, over: "inproc", model: path), reference = try await Self.start(one, model)
        let whole = try Self.engine(reference, model, batch: 40)
        for temperature: Float in [0, 0.9] {
            let expected = try await Self.answer(whole, temperature: temperature).0
            let workers = try Workers(count, over: transport, model: path),
                cluster = try await Self.start(workers, model)
            let found = try await Self.answer(
                Self.engine(cluster, model, batch: 3), temperature: temperature, speculates: true
            ).0
            #expect(found == expected && found.count == 12)
            await cluster.stop()
        }
        await reference.stop()
    }

    @Test func aSecondTurnComputesOnlyWhatIsNew() async throws {
        let path = try TinyModel.path(layers: 2, seed: 3), model = try Model(path: path)
        let workers = try Workers(2, over: "inproc", model: path), cluster = try await Self.start(workers, model)
        let engine = try Self.engine(cluster, model)
        let (first, _) = try await Self.answer(engine)
        let longer = Self.prompt + first + [3, 1, 4]
        let (second, summary) = try await Self.answer(engine, longer)
        #expect(summary.reusedTokens == longer.count - 4)  // the last answer token was never computed
        // Then a prompt that differs early from what is cached.
        let (again, third) = try await Self.answer(engine)
        #expect(again == first && third.reusedTokens == Self.prompt.count - 1)
        let load = await engine.load()
        #expect(load.running == 0 && load.blocksUsed == 0 && load.blocksCached > 0 && load.ended == 3)
        await cluster.stop()
        let anew = try await Self.start(workers, model)
        #expect(try await Self.answer(Self.engine(anew, model), longer).0 == second)
        await anew.stop()
    }

    @Test(arguments: [("inproc", 1), ("ipc", 3)])
    func manyAtOnceAreAnsweredAsEachAlone(transport: String, count: Int) async throws {
        let path = try TinyModel.path(layers: 3, seed: 3), model = try Model(path: path)
        let workers = try Workers(count, over: transport, model: path)
        // Blocks for two or three of the seven sequences: some must wait, and some are preempted.
        let cluster = try await Cluster.start(
            workers.urls, model: model, options: .init(contextLength: 192, kvTokens: 400))
        let prompts: [[Int32]] = (0..<7).map { (i: Int32) -> [Int32] in
            (0..<20 + 20 * i).map { (at: Int32) -> Int32 in (at * (i + 3) + 5) % 400 }
        }
        var alone: [[Int32]] = []
        let engine = try Self.engine(cluster, model)
        for prompt in prompts { alone.append(try await Self.answer(engine, prompt, limit: 60, temperature: 0.8).0) }
        let together = try await withThrowingTaskGroup(of: (Int, [Int32]).self) { group in
            for (i, prompt) in prompts.enumerated() {
                group.addTask {
                    (i, try await Self.answer(engine, prompt, limit: 60, temperature: 0.8, speculates: i % 2 == 0).0)
                }
            }
            return try await group.reduce(into: [Int: [Int32]]()) { $0[$1.0] = $1.1 }
        }
        for (i, answer) in alone.enumerated() { #expect(together[i] == answer, "prompt \(i)") }
        let load = await engine.load()
        #expect(load.running == 0 && load.queued == 0 && load.blocksUsed == 0 && load.ended == 14)
        await cluster.stop()
    }

    @Test(arguments: [1, 2]) func aDraftModelChangesTheSpeedOnly(count: Int) async throws {
        let path = try TinyModel.path(layers: 2, seed: 3), model = try Model(path: path)
        let workers = try Workers(count, over: "inproc", model: path)
        let plain = try await Self.start(workers, model),
            expected = try await Self.answer(Self.engine(plain, model), limit: 40).0
        await plain.stop()
        // The model itself is the best draft model; another of its shape is the worst.
        for draft in [model, try Model(path: TinyModel.path(layers: 2, seed: 4))] {
            let cluster = try await Self.start(workers, model)
            let engine = try Engine(cluster, model: model, options: .init(promptRows: 16, draft: draft))
            // The draft model runs on its own thread, so ask until one of its drafts arrived in time.
            repeat {
                #expect(try await Self.answer(engine, limit: 40, speculates: true).0 == expected)
            } while await engine.load().draftTokens == 0
            await cluster.stop()
        }
    }

    @Test(arguments: ["inproc", "tcp"]) func whatStagesCancelChangesNoAnswer(transport: String) async throws {
        let path = try TinyModel.path(layers: 3, seed: 3), model = try Model(path: path)
        let workers = try Workers(3, over: transport, model: path),
            cluster = try await Self.start(workers, model, context: 256)
        let engine = try Engine(cluster, model: model, options: .init(inFlight: 6, promptRows: 16))
        var round: Int32 = 0
        // A cancellation may arrive too late at a stage, so ask until one arrived in time.
        repeat {
            round += 1
            let part = (0..<16).map { (i: Int32) -> Int32 in (i * 7 + round * 31) % 400 }, prompt = part + part + part
            let expected = try await Self.answer(engine, prompt, limit: 60, temperature: 0.6).0
            #expect(try await Self.answer(engine, prompt, limit: 60, temperature: 0.6, speculates: true).0 == expected)
        } while await engine.load().cancelledParts == 0
        let load = await engine.load()
        #expect(load.blocksUsed == 0 && load.draftTokens > load.acceptedTokens)
        await cluster.stop()
    }

    @Test func whoeverSaysThatWantedRowsAreNotWantedEndsTheAnswerAndChangesNone() async throws {
        let path = try TinyModel.path(layers: 2, seed: 3), model = try Model(path: path)
        let workers = try Workers(2, over: "inproc", model: path),
            cluster = try await Self.start(workers, model, context: 4096)
        let engine = try Self.engine(cluster, model), stranger = try NodeConnection(workers.urls[1])
        let epoch = try #require(try await stranger.health(deadline: .seconds(5)).epoch)
        let expected = try await Self.answer(engine, limit: 40).0
        // Another plan, a frame in the past, and a sequence that does not exist.
        for (epoch, frame, sequence) in [(epoch + 1, 60, 1), (epoch, 0, 1), (epoch, 70, .max)]
            as [(UInt64, UInt64, UInt32)]
        {
            #expect(
                try await stranger.call(
                    .cancel(epoch: epoch, segments: [.init(frame: frame, sequence: sequence)]), deadline: .seconds(5))
                    == .ok)
        }
        #expect(try await Self.answer(engine, limit: 40).0 == expected)
        let wanted = (500..<900 as Range<UInt64>).flatMap { frame in
            (1...4).map { CancelledSegment(frame: frame, sequence: $0) }
        }
        _ = try await stranger.call(.cancel(epoch: epoch, segments: Array(wanted.prefix(1000))), deadline: .seconds(5))
        let error = await #expect(throws: CoordinatorError.self) { _ = try await Self.answer(engine, limit: 4000) }
        #expect(
            error?.code == .frameLost && error?.description.contains("that are wanted") == true,
            "\(error?.description ?? "")")
        await cluster.stop()
    }

    @Test func whoStopsListeningHoldsNothing() async throws {
        let path = try TinyModel.path(layers: 2, seed: 3), model = try Model(path: path)
        let workers = try Workers(2, over: "inproc", model: path),
            cluster = try await Self.start(workers, model, context: 4096)
        let engine = try Self.engine(cluster, model)
        do {
            let request = GenerationRequest(prompt: Self.prompt, sampling: .init(temperature: 0), ends: [])
            for try await event in try await engine.generate(request) { if case .token = event { break } }
        }
        while await engine.load().running > 0 { await Task.yield() }
        let load = await engine.load()
        #expect(load.cancelled == 1 && load.blocksUsed == 0)
        #expect(try await Self.answer(engine).0.count == 12)
        await cluster.stop()
    }

    @Test func aWorkerWithoutAModelIsSentItsSliceOnce() async throws {
        let path = try TinyModel.path(layers: 2, seed: 3), model = try Model(path: path)
        let workers = try Workers(2, over: "ipc", model: nil)
        let sent = Sent()
        let first = try await Cluster.start(workers.urls, model: model, options: .init(contextLength: 128)) {
            sent.note($0)
        }
        let answer = try await Self.answer(Self.engine(first, model)).0
        await first.stop()
        #expect(sent.count > 0)
        sent.count = 0
        let second = try await Cluster.start(workers.urls, model: model, options: .init(contextLength: 128)) {
            sent.note($0)
        }
        #expect(try await Self.answer(Self.engine(second, model)).0 == answer)
        await second.stop()
        #expect(sent.count == 0)
        let whole = try Workers(1, over: "inproc", model: path), reference = try await Self.start(whole, model)
        #expect(try await Self.answer(Self.engine(reference, model)).0 == answer)
        await reference.stop()
    }

    final class Sent: @unchecked Sendable {
        var count = 0
        func note(_ progress: Cluster.Progress) { if case .sending = progress { count += 1 } }
    }

    @Test func aWrongModelIsRefusedByName() async throws {
        let model = try Model(path: TinyModel.path(layers: 2, seed: 3))
        let workers = try Workers(1, over: "inproc", model: TinyModel.path(layers: 2, seed: 4))
        let error = await #expect(throws: CoordinatorError.self) { try await Self.start(workers, model) }
        #expect(error?.code == .wrongModel)
        #expect(error?.description.contains("another model") == true)
    }

    @Test func nobodyListeningIsSaidInTime() async throws {
        let model = try Model(path: TinyModel.path(layers: 2, seed: 3))
        let error = await #expect(throws: ControlError.self) {
            try await Cluster.start(
                [NodeURL("tcp://127.0.0.1:9")], model: model, options: .init(contextLength: 64, patience: .seconds(1)))
        }
        #expect(error?.code == .unreachable)
    }

    @Test func aModelThatDoesNotFitIsRefusedWithWhatWould() async throws {
        let path = try TinyModel.path(layers: 2, seed: 3), model = try Model(path: path)
        let memory = 8 << 20, workers = try Workers(1, over: "inproc", model: path, memory: memory)
        let error = await #expect(throws: PlanningError.self) { try await Self.start(workers, model) }
        guard case .doesNotFit(let shortage) = error else { return }
        #expect("\(shortage)".contains("What would do: "))
        // The memory that the error asks for suffices, and a little less does not.
        for (given, fits) in [(shortage.missingPerNode - 4096, false), (shortage.missingPerNode, true)] {
            let needed = NodeFacts.sliceBudget(of: memory) + given
            let larger = try Workers(1, over: "inproc", model: path, memory: needed + needed / 15 + 1)
            if fits {
                let cluster = try await Self.start(larger, model)
                #expect(try await Self.answer(Self.engine(cluster, model)).0.count == 12)
                await cluster.stop()
            } else {
                await #expect(throws: PlanningError.self) { try await Self.start(larger, model) }
            }
        }
    }

    @Test func aBusyWorkerIsNotTakenAway() async throws {
        let path = try TinyModel.path(layers: 2, seed: 3), model = try Model(path: path)
        let workers = try Workers(1, over: "inproc", model: path), cluster = try await Self.start(workers, model)
        let error = await #expect(throws: ControlError.self) { try await Self.start(workers, model) }
        #expect(error?.description.contains("another coordinator") == true)
        #expect(try await Self.answer(Self.engine(cluster, model)).0.count == 12)
        await cluster.stop()
    }

    @Test func aWorkerThatVanishesEndsTheAnswerWithItsName() async throws {
        let path = try TinyModel.path(layers: 2, seed: 3), model = try Model(path: path)
        let workers = try Workers(2, over: "ipc", model: path),
            cluster = try await Self.start(workers, model, context: 4096)
        let engine = try Self.engine(cluster, model)
        let error = await #expect(throws: CoordinatorError.self) {
            _ = try await Self.answer(engine, limit: 4000) { if $0 == 5 { workers.nodes[1].stop() } }
        }
        #expect(error?.code == .nodeLost)
        #expect(error?.description.contains(workers.urls[1].description) == true)
        await cluster.stop()
    }

    @Test(arguments: ["inproc", "ipc", "tcp"])
    func aStrangerOnADataSocketIsTurnedAwayAndTheAnswerIsTheSame(transport: String) async throws {
        let path = try TinyModel.path(layers: 2, seed: 3), model = try Model(path: path)
        let workers = try Workers(2, over: transport, model: path),
            cluster = try await Self.start(workers, model, context: 4096)
        let engine = try Self.engine(cluster, model)
        let undisturbed = try await Self.answer(engine, limit: 20).0
        let stranger = try SharedSocket(PushSocket())
        try stranger.socket.dial(workers.nodes[1].dataURL)
        let bytes = (0..<500).map { UInt8(truncatingIfNeeded: $0 * 77) }
        // The first attempt to connect may not have been made yet when the first deadline passes.
        var refusal = ""
        while !refusal.contains("another socket sends there") {
            do throws(MessagingError) {
                try await stranger.socket.send(bytes, deadline: .milliseconds(30))
                Issue.record("the stranger was let in")
                return
            } catch { refusal = error.description }
        }
        #expect(try await Self.answer(engine, limit: 20).0 == undisturbed)
        await cluster.stop()
    }

    @Test func aPromptBeyondTheContextIsRefused() async throws {
        let path = try TinyModel.path(layers: 2, seed: 3), model = try Model(path: path)
        let workers = try Workers(1, over: "inproc", model: path),
            cluster = try await Self.start(workers, model, context: 32)
        let engine = try Self.engine(cluster, model)
        let error = await #expect(throws: SchedulingError.self) { try await Self.answer(engine) }
        #expect(error?.code == .contextExceeded)
        let (tokens, summary) = try await Self.answer(engine, Array(Self.prompt.prefix(30)))
        #expect(tokens.count == 2 && summary.ending == .contextFull)
        await cluster.stop()
    }

    @Test func logprobsAreTheSameForEveryCutAndBatch() async throws {
        let path = try TinyModel.path(), model = try Model(path: path)
        func logprobs(_ count: Int, _ batch: Int) async throws -> [PositionLogprobs] {
            let workers = try Workers(count, over: "inproc", model: path),
                cluster = try await Self.start(workers, model)
            let all = Positions()
            try await Evaluation(cluster, model: model).logprobs(Self.prompt, top: 8, batch: batch) {
                all.list.append($0)
            }
            await cluster.stop()
            return all.list
        }
        let expected = try await logprobs(1, 64)
        #expect(expected.count == Self.prompt.count && expected.last?.follow == nil && expected.first?.top.count == 8)
        #expect(try await logprobs(3, 7) == expected)
    }

    final class Positions: @unchecked Sendable { var list: [PositionLogprobs] = [] }
}
