import Foundation
import LoopbackRegistry
import Testing

@testable import ModelStore

/// Pulls over real connections from a registry that misbehaves.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct PullTests {
    @Test func fetchesPartsAndSaysSoInOllamasWords() async throws {
        try await Scene.run { scene in
            let said = try await scene.pull()
            #expect(try scene.isWhole())
            #expect(try scene.library.own.manifest(scene.name).bytes == scene.manifest)
            #expect(scene.registry.requests.first?.accept == "application/vnd.docker.distribution.manifest.v2+json")
            #expect(scene.registry.blobRequests.count == 16 + 3)

            let digest = try ModelManifest(scene.manifest, source: "").layers[0].digest
            let pulling = "pulling " + digest.hex.prefix(12)
            #expect(said.first?.status == "pulling manifest" && said.last?.status == "success")
            #expect(
                said.contains {
                    $0.status == pulling && $0.completed == 0 && $0.total == scene.weights.count && $0.digest == digest
                })
            #expect(said.contains { $0.status == pulling && $0.completed == scene.weights.count })
            let statuses = said.map(\.status)
            #expect(statuses.contains("verifying sha256 digest") && statuses.contains("writing manifest"))
        }
    }

    @Test func aSecondPullFetchesOnlyTheManifest() async throws {
        try await Scene.run { scene in
            try await scene.pull()
            scene.registry.forget()
            try await scene.pull()
            #expect(try scene.isWhole())
            #expect(scene.registry.blobRequests.isEmpty && scene.registry.requests.count == 1)
        }
    }

    @Test func connectionsThatAreCutGoOnWhereTheyEnded() async throws {
        try await Scene.run { scene in
            scene.registry.behave { ($0.cuts, $0.cutAfter) = (10, 40_000) }
            try await scene.pull()
            #expect(try scene.isWhole())
            // Where exactly depends on how much the network still delivered.
            let starts = scene.registry.blobRequests.compactMap { $0.range?.dropFirst(6).split(separator: "-").first }
                .compactMap { Int($0) }
            let goingOn = starts.filter { $0 % Scene.partSize != 0 }
            #expect(!goingOn.isEmpty, "\(starts)")
        }
    }

    @Test func shortAnswersAreCompleted() async throws {
        try await Scene.run { scene in
            scene.registry.behave { $0.shortAnswers = 5 }
            try await scene.pull()
            #expect(try scene.isWhole())
        }
    }

    @Test func passingTroublesOfTheServerAreWaitedOut() async throws {
        try await Scene.run { scene in
            scene.registry.behave { ($0.status, $0.failures) = (503, 5) }
            try await scene.pull()
            #expect(try scene.isWhole())
        }
    }

    @Test func redirectsAreFollowed() async throws {
        try await Scene.run { scene in
            scene.registry.behave { $0.redirects = true }
            try await scene.pull()
            #expect(try scene.isWhole())
            #expect(scene.registry.requests.contains { $0.path.hasPrefix("/elsewhere/") && $0.range != nil })
        }
    }

    @Test func aServerThatKnowsNoRangesIsReadFromTheStart() async throws {
        try await Scene.run { scene in
            scene.registry.behave { ($0.ignoresRanges, $0.cuts, $0.cutAfter) = (true, 6, 500_000) }
            try await scene.pull()
            #expect(try scene.isWhole())
        }
    }

    @Test func aWholeBlobHasMoreTimeThanAPart() async throws {
        try await Scene.run { scene in
            try scene.registry.add("library/tiny:latest", [("model", Scene.bytes(count: 650))])
            scene.registry.behave { ($0.ignoresRanges, $0.drips) = (true, true) }
            // 650 bytes at 5 ms each, in 65 parts: the time of one part is not enough for all of them.
            scene.options.partSize = 10
            scene.options.attempts = 1
            scene.options.requestTimeout = .seconds(3)
            try await scene.pull()
            #expect(try scene.library.find(scene.name) != nil)
            #expect(
                scene.options.wholeTimeout(bytes: 650) == .seconds(195)
                    && scene.options.wholeTimeout(bytes: 651) == .seconds(198))
            #expect(scene.options.wholeTimeout(bytes: 0) == .seconds(3))
        }
    }

    @Test func aProxyIsAskedToConnectToTheRegistry() async throws {
        try await Scene.run { scene in
            scene.options.registry = try RegistryURL("https://registry.invalid")
            scene.options.environment = ["https_proxy": scene.registry.url]
            let error = await #expect(throws: ModelStoreError.self) { try await scene.pull() }
            #expect(error?.description.contains("the proxy refuses") == true, "\(String(describing: error))")
            #expect(scene.registry.requests.first?.path == "registry.invalid:443")
        }
    }

    @Test func anonymousTokensAreFetched() async throws {
        try await Scene.run { scene in
            scene.registry.behave { $0.token = "abc.def" }
            try await scene.pull()
            #expect(try scene.isWhole())
            #expect(
                scene.registry.requests.contains {
                    $0.path.hasPrefix("/token?service=loopback&scope=repository:library/tiny:pull")
                })
        }
    }

    @Test(arguments: [false, true])
    func anInterruptedPullGoesOnWithTheMissingPartsOnly(ignoresRanges: Bool) async throws {
        try await Scene.run { scene in
            scene.registry.behave {
                if ignoresRanges {
                    ($0.ignoresRanges, $0.cuts, $0.cutAfter) = (true, 1000, 500_000)
                } else {
                    $0.givesAtMost = 500_000
                }
            }
            scene.options.attempts = 1
            let error = await #expect(throws: ModelStoreError.self) { try await scene.pull() }
            #expect(error?.description.contains("is kept") == true, "\(String(describing: error))")
            let kept = try scene.kept
            #expect(kept > 0 && kept < scene.weights.count)
            #expect(try scene.library.find(scene.name) == nil)

            scene.registry.behave { ($0.givesAtMost, $0.cuts) = (nil, 0) }
            scene.registry.forget()
            try await scene.pull()
            #expect(try scene.isWhole())
            if !ignoresRanges {
                let others = try ModelManifest(scene.manifest, source: "").size - scene.weights.count
                #expect(scene.registry.served == scene.weights.count - kept + others)
            }
        }
    }

    @Test func aCancelledPullKeepsWhatHasCome() async throws {
        try await Scene.run { scene in
            scene.registry.behave { $0.givesAtMost = 300_000 }
            scene.options.attempts = 1
            let copy = scene
            _ = try? await scene.pull()
            let before = try scene.kept
            #expect(before > 0)
            scene.registry.behave { $0.hangs = true }
            scene.registry.forget()
            let task = Task { try await copy.pull() }
            while scene.registry.blobRequests.count < 4 { try await Task.sleep(for: .milliseconds(5)) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try scene.kept == before)
        }
    }

    @Test func aWrongByteIsFoundAndNothingOfItIsKept() async throws {
        try await Scene.run { scene in
            scene.registry.behave { $0.wrongByte = 700_000 }
            let error = await #expect(throws: ModelStoreError.self) { try await scene.pull() }
            #expect(error?.description.contains("changed on the way") == true)
            #expect(scene.blobs.isEmpty && scene.library.own.names().isEmpty)
            scene.registry.behave { $0.wrongByte = nil }
            try await scene.pull()
            #expect(try scene.isWhole())
        }
    }

    @Test func whatAnotherProcessLeftIsOnlyTakenUpWhenItFits() async throws {
        try await Scene.run { scene in
            let blob = try ModelManifest(scene.manifest, source: "").layers[0],
                file = PartialBlob(blob, in: scene.library.own)
            try FileManager.default.createDirectory(atPath: scene.library.own.blobs, withIntermediateDirectories: true)
            for ledger in ["", "not json", #"{"digest":"x","size":5,"partSize":5,"received":[5]}"#] {
                try Data(ledger.utf8).write(to: URL(fileURLWithPath: file.path + ".json"))
                try Data(repeating: 7, count: blob.size).write(to: URL(fileURLWithPath: file.path))
                #expect(file.found() == nil)
            }
            // A valid list of parts beside a file of another length.
            var parts = BlobParts(blob, partSize: 1000)
            parts.add(allBefore: blob.size)
            try JSONEncoder().encode(parts).write(to: URL(fileURLWithPath: file.path + ".json"))
            try Data(repeating: 7, count: 10).write(to: URL(fileURLWithPath: file.path))
            #expect(file.found() == nil)
            try await scene.pull()
            #expect(try scene.isWhole())
        }
    }

    @Test func aNewVersionReplacesTheOldAndItsBlobsUnlessTheyAreNeeded() async throws {
        try await Scene.run { scene in
            try scene.registry.add(
                "library/tiny:other", [("model", Scene.bytes(count: 5000)), ("license", Array("Do as you like.".utf8))])
            try await scene.library.pull(ModelName("tiny:other"), options: scene.options)
            try await scene.pull()
            let before = try #require(try scene.library.find(scene.name)).weightsPath
            try scene.registry.add("library/tiny:latest", [("model", Scene.bytes(count: 7000, seed: 2))])
            let said = try await scene.pull()
            #expect(said.contains { $0.status == "removing unused layers" })
            #expect(!FileManager.default.fileExists(atPath: before))
            let other = try #require(try scene.library.find(ModelName("tiny:other")))
            #expect(try other.settings().licenses == ["Do as you like."])
        }
    }
}
