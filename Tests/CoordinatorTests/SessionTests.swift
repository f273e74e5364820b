import Foundation
import Kernels
import Messaging
import ModelStore
import Scheduling
import Testing
import TinyModel
import Tokenizer
import Wire

@testable import Coordinator

/// Keys and values that are saved on the workers' disks and restored after everything was stopped.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SessionTests {
    static let prompt: [Int32] = (0..<150).map { ($0 * 29 + 5) % 400 }

    /// Freshly started workers, cluster and engine. The caches stay on disk when it is stopped.
    struct Scene {
        let workers: ClusterTests.Workers, cluster: Cluster, engine: Engine, model: Model

        init(_ layers: [Int], cache: String, cachePerWorker: Bool = true, kv: KVType = .f16, kvTokens: Int? = nil)
            async throws
        {
            let path = try TinyModel.path(layers: 5, seed: 3)
            model = try Model(path: path)
            workers = try ClusterTests.Workers(
                layers.count, over: "inproc", model: path, cachePerWorker: cachePerWorker, keepingCacheAt: cache)
            cluster = try await Cluster.start(
                workers.urls, model: model,
                options: .init(contextLength: 256, layers: layers, kvType: kv, kvTokens: kvTokens))
            engine = try ClusterTests.engine(cluster, model)
        }

        var conditions: Session.Conditions { Session.Conditions(cluster, model: model, version: "1") }

        /// Computes a first turn and saves it with its answer.
        func save() async throws -> Session {
            let answer = try await ClusterTests.answer(engine, prompt).0
            return try await engine.save(
                Session(conditions, contextLength: 256, tokens: prompt + answer, system: nil, messages: []))
        }

        /// Computes the second turn; returns its answer, and how many tokens of its prompt were cached.
        func goOn(_ session: Session) async throws -> (answer: [Int32], reused: Int) {
            let (answer, summary) = try await ClusterTests.answer(engine, session.tokens + [3, 1, 4])
            return (answer, summary.reusedTokens)
        }
    }

    /// Runs `body` with a temporary directory for caches.
    static func withCache(_ body: (String) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "brigade-session-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    /// The files with keys and values under `folder`.
    static func files(_ folder: String) -> [String] {
        (FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".kv") }
            .sorted()
            .map { folder + "/" + $0 }
    }

    @Test(arguments: [KVType.f16, .q8_0], [[5], [2, 2, 1]])
    func afterARestartOnlyWhatIsNewIsComputed(kv: KVType, layers: [Int]) async throws {
        try await Self.withCache { cache in
            let first = try await Scene(layers, cache: cache, kv: kv)
            let session = try await first.save()
            #expect(session.cache?.blocks == 2 && session.cache?.digests.count == 5 && Self.files(cache).count == 5)
            let expected = try await first.goOn(session).answer
            await first.cluster.stop()

            let without = try await Scene(layers, cache: cache, kv: kv)
            let plain = try await without.goOn(session)
            #expect(plain.answer == expected && plain.reused == 0)
            await without.cluster.stop()

            let second = try await Scene(layers, cache: cache, kv: kv)
            let restored = try await second.engine.restore(session, under: second.conditions)
            #expect(restored == .init(tokens: 128, of: session.tokens.count))
            let again = try await second.goOn(session)
            #expect(again.answer == expected && again.reused == 128)
            let load = await second.engine.load()
            #expect(load.blocksUsed == 0 && load.blocksCached > 0)
            await second.cluster.stop()
        }
    }

    @Test(arguments: [0, 20, 24, 40_000, -1]) func aChangedFileIsNotUsed(at offset: Int) async throws {
        try await Self.withCache { cache in
            let first = try await Scene([3, 2], cache: cache)
            let session = try await first.save(), expected = try await first.goOn(session).answer
            await first.cluster.stop()
            let path = Self.files(cache)[4]
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            if offset < 0 { bytes.removeLast() } else { bytes[offset] ^= 1 }
            try bytes.write(to: URL(fileURLWithPath: path))

            let second = try await Scene([3, 2], cache: cache)
            let restored = try await second.engine.restore(session, under: second.conditions)
            #expect(
                restored.tokens == 0 && restored.note?.contains(second.workers.urls[1].description) == true,
                "\(restored)")
            let again = try await second.goOn(session)
            #expect(again.answer == expected && again.reused == 0)
            await second.cluster.stop()
        }
    }

    @Test func anotherCutFindsWhatLiesInTheSameDirectory() async throws {
        try await Self.withCache { cache in
            let first = try await Scene([3, 2], cache: cache, cachePerWorker: false)
            let session = try await first.save(), expected = try await first.goOn(session).answer
            await first.cluster.stop()
            let second = try await Scene([1, 2, 2], cache: cache, cachePerWorker: false)
            #expect(try await second.engine.restore(session, under: second.conditions).tokens == 128)
            let again = try await second.goOn(session)
            #expect(again.answer == expected && again.reused == 128)
            await second.cluster.stop()
        }
    }

    @Test func aLayerThatLiesElsewhereIsNamedAndAllIsComputed() async throws {
        try await Self.withCache { cache in
            let first = try await Scene([3, 2], cache: cache)
            let session = try await first.save(), expected = try await first.goOn(session).answer
            await first.cluster.stop()
            let second = try await Scene([2, 3], cache: cache)
            let restored = try await second.engine.restore(session, under: second.conditions)
            #expect(
                restored.tokens == 0 && restored.note?.contains("no keys and values of layer 2") == true, "\(restored)")
            let again = try await second.goOn(session)
            #expect(again.answer == expected && again.reused == 0)
            // With the first division of the layers, every file is found again.
            await second.cluster.stop()
            let third = try await Scene([3, 2], cache: cache)
            #expect(try await third.engine.restore(session, under: third.conditions).tokens == 128)
            await third.cluster.stop()
        }
    }

    @Test func anotherTypeOfKeysAndValuesIsNamed() async throws {
        try await Self.withCache { cache in
            let first = try await Scene([3, 2], cache: cache, kv: .q8_0)
            let session = try await first.save()
            await first.cluster.stop()
            let second = try await Scene([3, 2], cache: cache)
            let restored = try await second.engine.restore(session, under: second.conditions)
            #expect(restored.tokens == 0 && restored.note?.contains("Start with --kv q8_0") == true, "\(restored)")
            var newer = session.conditions
            newer.version = "2"
            #expect(session.conditions.difference(from: newer)?.contains("which may compute otherwise") == true)
            await second.cluster.stop()
        }
    }

    @Test func whatIsForgottenIsGoneAndNothingElse() async throws {
        try await Self.withCache { cache in
            let scene = try await Scene([3, 2], cache: cache)
            let session = try await scene.save(), longer = session.tokens + (0..<64).map { ($0 * 7 + 1) % 400 }
            _ = try await ClusterTests.answer(scene.engine, longer)
            let second = try await scene.engine.save(
                Session(scene.conditions, contextLength: 256, tokens: longer, system: nil, messages: []))
            #expect(second.cache?.blocks == 3 && Self.files(cache).count == 10)
            await scene.engine.forget(try #require(session.cache))
            #expect(Self.files(cache).count == 5)
            #expect(try await scene.engine.restore(second, under: scene.conditions).tokens == 192)
            #expect(try await scene.engine.restore(session, under: scene.conditions).tokens == 0)
            await scene.cluster.stop()
        }
    }

    @Test func moreThanThereIsMemoryForIsRestoredInPart() async throws {
        try await Self.withCache { cache in
            let first = try await Scene([3, 2], cache: cache)
            var session = try await first.save()
            session.tokens += (0..<80).map { ($0 * 7 + 1) % 400 }
            _ = try await ClusterTests.answer(first.engine, session.tokens, limit: 2)
            session = try await first.engine.save(session)
            #expect(session.cache?.blocks == 3)
            let expected = try await first.goOn(session).answer
            await first.cluster.stop()
            // Another conversation, answered at the same time, holds two of four blocks.
            let second = try await Scene([3, 2], cache: cache)
            let other = try await second.engine.generate(
                GenerationRequest(
                    prompt: Self.prompt.dropLast(60), sampling: .init(temperature: 0), ends: [], limit: 37,
                    speculates: false))
            let restored = try await second.engine.restore(session, under: second.conditions)
            #expect(restored.tokens == 128 && restored.note?.contains("memory for no more") == true, "\(restored)")
            for try await _ in other {}
            let again = try await second.goOn(session)
            #expect(again.answer == expected && again.reused >= 64)
            await second.cluster.stop()
        }
    }

    // MARK: The coordinator's file

    static func sample() throws -> Session {
        let model = try Model(path: TinyModel.path(layers: 2, seed: 3))
        var conditions = Session.Conditions(modelFingerprint: model.fingerprint)
        conditions.blockTokens = 4
        var session = Session(
            conditions, contextLength: 64, tokens: Array(0..<10), system: "Be brief.",
            messages: [ChatMessage(role: .user, content: "Hi"), ChatMessage(role: .assistant, content: "\"Hello\"\n")])
        session.cache = .init(id: session.id(blocks: 2), blocks: 2, digests: [String(repeating: "0a", count: 32)])
        return session
    }

    @Test func aSessionComesBackAsItWas() async throws {
        try await Self.withCache { folder in
            let session = try Self.sample(), path = folder + ".session"
            defer { try? FileManager.default.removeItem(atPath: path) }
            try session.write(to: path)
            #expect(try Session(path: path) == session)
            #expect(try Session(path: path).chatMessages.map(\.content) == ["Hi", "\"Hello\"\n"])
            #expect((try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int) == 0o600)
        }
    }

    @Test func theIdIsOfTokensAndConditions() throws {
        let session = try Self.sample(), id = session.id(blocks: 2)
        var longer = session, other = session, type = session
        longer.tokens.append(3)
        other.tokens[7] = 9
        type.conditions.kvType = "q8_0"
        #expect(id.count == 64 && longer.id(blocks: 2) == id)
        #expect(Set([id, session.id(blocks: 1), other.id(blocks: 2), type.id(blocks: 2)]).count == 4)
    }

    @Test func aDamagedSessionIsRefusedByName() async throws {
        try await Self.withCache { folder in
            let path = folder + ".session"
            defer { try? FileManager.default.removeItem(atPath: path) }
            func refusal(_ change: (inout Session) -> Void) throws -> String {
                var session = try Self.sample()
                change(&session)
                try session.write(to: path)
                do { _ = try Session(path: path) } catch { return "\(error)" }
                return ""
            }
            #expect(try refusal { _ in } == "")
            #expect(try refusal { $0.format = "brigade session 9" }.contains("expected \"brigade session 1\""))
            #expect(try refusal { $0.tokens[0] = 5 }.contains("its id is not that of its tokens"))
            #expect(try refusal { $0.cache?.id = "../../etc/passwd" }.contains("its id is not that of its tokens"))
            #expect(try refusal { $0.cache?.digests = ["../x"] }.contains("a digest is none"))
            #expect(try refusal { $0.cache?.blocks = 3 }.contains("3 blocks of 4 tokens for 10 tokens"))
            #expect(try refusal { $0.cache?.blocks = -1 }.contains("-1 blocks"))
            #expect(try refusal { $0.conditions.blockTokens = 0 }.contains("blocks of 0 tokens"))
            #expect(try refusal { $0.messages[0].role = "root" }.contains("a message is from \"root\""))
            try Data("{}".utf8).write(to: URL(fileURLWithPath: path))
            #expect(throws: ModelStoreError.self) { try Session(path: path) }
            #expect(throws: ModelStoreError.self) { try Session(path: folder + "/nowhere") }
        }
    }
}

extension Session.Conditions {
    /// Conditions for a model with that fingerprint.
    init(modelFingerprint: String) {
        self.init(
            version: "1", modelFingerprint: modelFingerprint, modelName: "tiny", kvType: "f16", rowType: "f32",
            rope: .none,
            blockTokens: KVLayer.blockTokens)
    }
}
