import Foundation
import LoopbackRegistry
import Testing

@testable import ModelStore

/// Pulls that cannot succeed fail soon, with one clear sentence, and change nothing outside the store.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct PullRefusalTests {
    static func refusal(_ scene: Scene, _ words: String...) async {
        let error = await #expect(throws: ModelStoreError.self) { try await scene.pull() }
        for word in words { #expect(error?.description.contains(word) == true, "\(String(describing: error))") }
        #expect(scene.library.own.names().isEmpty)
    }

    @Test func aModelThatIsNotThere() async throws {
        try await Scene.run { scene in
            let options = scene.options, library = scene.library
            let error = await #expect(throws: ModelStoreError.self) {
                try await library.pull(ModelName("nobody"), options: options)
            }
            #expect(error?.description.contains("no model nobody:latest") == true)
        }
    }

    @Test func aBlobThatIsNotThere() async throws {
        try await Scene.run { scene in
            let absent = String(repeating: "d", count: 64)
            scene.registry.add(
                "library/tiny:latest",
                manifest: Array(#"{"layers":[\#(ModelManifestTests.layer("model", digest: "sha256:" + absent))]}"#.utf8)
            )
            await Self.refusal(scene, "no blob", absent)
        }
    }

    @Test(arguments: [
        "", "<html>", "null",
        #"{"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:../../escaped","size":5}]}"#,
        #"{"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"../escaped","size":5}]}"#,
        #"{"layers":[{"mediaType":"application/vnd.ollama.image.template","digest":"sha256:DIGEST","size":5}]}"#,
    ])
    func aManifestThatIsNone(text: String) async throws {
        try await Scene.run { scene in
            scene.registry.add(
                "library/tiny:latest", manifest: Array(text.replacing("DIGEST", with: ModelManifestTests.hex).utf8))
            await Self.refusal(scene)
            #expect(scene.registry.blobRequests.isEmpty && scene.blobs.isEmpty)
            let files = FileManager.default.enumerator(atPath: scene.folder)?.allObjects as? [String] ?? []
            #expect(!files.contains { $0.contains("escaped") })
        }
    }

    @Test func aManifestWithoutEnd() async throws {
        try await Scene.run { scene in
            scene.registry.add("library/tiny:latest", manifest: Array(repeating: 32, count: 3 << 20))
            await Self.refusal(scene, "more than 1048576 bytes")
        }
    }

    @Test func aModelThatTheDiskCannotHold() async throws {
        try await Scene.run { scene in
            scene.registry.add(
                "library/tiny:latest",
                manifest: Array(#"{"layers":[\#(ModelManifestTests.layer("model", size: "1000000000000000"))]}"#.utf8))
            await Self.refusal(scene, "1000000000000000", "has room for")
            #expect(scene.registry.blobRequests.isEmpty)
        }
    }

    @Test(arguments: ["1048576", "1000"])
    func aBlobOfAnotherLengthThanTheManifestSays(size: String) async throws {
        try await Scene.run { scene in
            let digest = scene.registry.add(blob: scene.weights)
            scene.registry.add(
                "library/tiny:latest",
                manifest: Array(#"{"layers":[\#(ModelManifestTests.layer("model", digest: digest, size: size))]}"#.utf8)
            )
            await Self.refusal(scene, "but the manifest says \(size)")
        }
    }

    @Test func anotherRangeThanTheOneAskedFor() async throws {
        try await Scene.run { scene in
            scene.registry.behave { $0.shiftsRanges = true }
            await Self.refusal(scene, "answers with")
        }
    }

    @Test func aCircleOfRedirects() async throws {
        try await Scene.run { scene in
            scene.registry.behave { $0.redirectsForEver = true }
            await Self.refusal(scene, "redirects without end")
        }
    }

    @Test func aServerThatNeverAnswers() async throws {
        try await Scene.run { scene in
            scene.registry.behave { $0.hangs = true }
            // The time limit of the manifest too, which must arrive.
            scene.options.answerTimeout = .milliseconds(1200)
            scene.options.attempts = 2
            await Self.refusal(scene, "tried 2 times", "no answer")
        }
    }

    /// However many attempts are allowed: with a thousand this would take twenty minutes.
    @Test func aServerThatNeverAnswersIsGivenUpAfterATime() async throws {
        try await Scene.run { scene in
            scene.registry.behave { $0.hangs = true }
            scene.options.answerTimeout = .milliseconds(1200)
            scene.options.attempts = 1000
            scene.options.silence = .milliseconds(1300)
            await Self.refusal(scene, "tried 2 times", "no answer")
        }
    }

    @Test func aServerThatFallsSilent() async throws {
        try await Scene.run { scene in
            scene.options.attempts = 2
            scene.options.parallel = 1
            scene.options.idleTimeout = .milliseconds(900)
            scene.registry.behave { $0.stallsAfter = 100 }
            await Self.refusal(scene, "tried 2 times", "nothing came")
        }
    }

    @Test func aServerThatDrips() async throws {
        try await Scene.run { scene in
            scene.options.attempts = 2
            scene.options.parallel = 1
            scene.options.idleTimeout = .milliseconds(900)
            // One byte every 5 ms: never silent, but too few bytes for an attempt to count as a success.
            scene.options.requestTimeout = .seconds(2)
            scene.registry.behave { $0.drips = true }
            await Self.refusal(scene, "tried 2 times", "takes too long")
            let kept = try scene.kept
            #expect(kept > 0, "what came is kept all the same")
        }
    }

    @Test func connectionsThatBringNothing() async throws {
        try await Scene.run { scene in
            scene.registry.behave { ($0.cuts, $0.cutAfter) = (1_000_000, 0) }
            await Self.refusal(scene, "tried 6 times", "cut")
            #expect(scene.registry.blobRequests.count <= 4 * 6)
        }
    }

    @Test func aRegistryThatDisappears() async throws {
        try await Scene.run { scene in
            scene.registry.behave { $0.givesAtMost = 200_000 }
            scene.options.attempts = 3
            let registry = scene.registry
            let watcher = Task {
                while registry.served < 200_000 { try await Task.sleep(for: .milliseconds(1)) }
                registry.stop()
            }
            await Self.refusal(scene, "tried 3 times")
            try await watcher.value
            #expect(try scene.kept > 0)
            await Self.refusal(scene, "nobody answers")
        }
    }

    @Test func aRegistryThatDoesNotGiveToEverybody() async throws {
        try await Scene.run { scene in
            scene.registry.behave { $0.token = "" }
            await Self.refusal(scene, "holds none")
        }
    }

    @Test func twoPullsOfOneBlobAtTheSameTime() async throws {
        try await Scene.run { scene in
            scene.registry.behave { $0.hangs = true }
            let copy = scene, first = Task { try await copy.pull() }
            while scene.registry.blobRequests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            await Self.refusal(scene, "another pull is fetching")
            let name = try scene.name
            #expect(throws: ModelStoreError.self) { try scene.library.remove(name) }
            first.cancel()
            _ = await first.result
        }
    }

    @Test func ollamasStoreIsNeverPulledInto() async throws {
        try await Scene.run { scene in
            let library = ModelLibrary(own: scene.library.others[0], others: scene.library.others),
                options = scene.options, name = try scene.name
            let error = await #expect(throws: ModelStoreError.self) { try await library.pull(name, options: options) }
            #expect(error?.description.contains("BRIGADE_MODELS") == true)
            #expect(!FileManager.default.fileExists(atPath: library.own.path))
        }
    }
}
