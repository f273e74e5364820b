import Testing

@testable import ModelStore

struct ModelManifestTests {
    static let hex = String(repeating: "a", count: 64)

    static func manifest(_ text: String) throws -> ModelManifest { try ModelManifest(Array(text.utf8), source: "here") }

    static func layer(_ kind: String, digest: String = "sha256:" + hex, size: String = "5") -> String {
        #"{"mediaType":"application/vnd.ollama.image.\#(kind)","digest":"\#(digest)","size":\#(size)}"#
    }

    @Test func readsLayersAndCountsEachBlobOnce() throws {
        let other = "sha256:" + String(repeating: "b", count: 64)
        let text =
            #"{"schemaVersion":2,"config":\#(Self.layer("x", digest: other, size: "7")),"layers":["#
            + ["model", "license", "license"].map { Self.layer($0) }.joined(separator: ",") + "]}"
        let manifest = try Self.manifest(text)
        #expect(manifest.layers.count == 3 && manifest.blobs.count == 2 && manifest.size == 12)
        #expect(try manifest.weights(of: ModelName("x")).size == 5)
        #expect(manifest.digest.count == 64)
    }

    @Test(arguments: [
        "", "not json", "<html>", "[]", "{}", #"{"layers":[]}"#, #"{"layers":{}}"#,
        #"{"schemaVersion":1,"layers":[LAYER]}"#,
        #"{"layers":[{"mediaType":"m","size":5}]}"#, #"{"layers":[{"digest":"sha256:../../x","size":5}]}"#,
        #"{"layers":[{"digest":"DIGEST","size":-1}]}"#, #"{"layers":[{"digest":"DIGEST","size":1e30}]}"#,
        #"{"layers":[{"digest":"DIGEST","size":9223372036854775807}]}"#,
        #"{"layers":[{"digest":"DIGEST","size":"5"}]}"#,
        #"{"config":{"digest":"../x","size":5},"layers":[LAYER]}"#, "\u{1b}[31m",
    ])
    func refusesWhatIsNoManifest(text: String) {
        let text = text.replacing("LAYER", with: Self.layer("model")).replacing("DIGEST", with: "sha256:" + Self.hex)
        let error = #expect(throws: ModelStoreError.self) { try Self.manifest(text) }
        #expect(error?.description.contains("here") == true && error?.description.contains("\u{1b}") == false)
    }

    @Test func refusesAManifestOfTooManyLayersOrBytes() {
        let many = Array(repeating: Self.layer("model"), count: 257).joined(separator: ",")
        #expect(throws: ModelStoreError.self) { try Self.manifest(#"{"layers":[\#(many)]}"#) }
        #expect(throws: ModelStoreError.self) { try Self.manifest(String(repeating: " ", count: 1 << 20) + "{}") }
    }

    @Test(arguments: [
        (["template"], "0 layers"), (["model", "model"], "2 layers"), (["model", "adapter"], "adapter"),
    ])
    func refusesModelsThatAreNotOneFileOfWeights(kinds: [String], words: String) throws {
        let manifest = try Self.manifest(#"{"layers":[\#(kinds.map { Self.layer($0) }.joined(separator: ","))]}"#)
        let error = #expect(throws: ModelStoreError.self) { try manifest.weights(of: ModelName("x")) }
        #expect(error?.description.contains(words) == true)
    }
}
