import Testing

@testable import ModelStore

struct ModelNameTests {
    @Test(arguments: [
        ("qwq", "registry.ollama.ai/library/qwq/latest", "qwq:latest"),
        ("qwq:32b-q4_K_M", "registry.ollama.ai/library/qwq/32b-q4_K_M", "qwq:32b-q4_K_M"),
        ("qwen2.5-coder:0.5b", "registry.ollama.ai/library/qwen2.5-coder/0.5b", "qwen2.5-coder:0.5b"),
        ("some_one/model", "registry.ollama.ai/some_one/model/latest", "some_one/model:latest"),
        ("library/qwq:x", "registry.ollama.ai/library/qwq/x", "qwq:x"),
        (
            "hf.co/bartowski/QwQ-32B-GGUF:Q4_K_M", "hf.co/bartowski/QwQ-32B-GGUF/Q4_K_M",
            "hf.co/bartowski/QwQ-32B-GGUF:Q4_K_M"
        ),
        ("localhost:5000/a/b:c", "localhost:5000/a/b/c", "localhost:5000/a/b:c"),
    ])
    func readsNamesAsOllamaDoes(text: String, path: String, shown: String) throws {
        let name = try ModelName(text)
        #expect(name.path == path && name.description == shown)
        #expect(try ModelName(name.description) == name)
    }

    @Test(arguments: [
        "", ":", "/", "qwq:", ":latest", "..", ".", "../qwq", "qwq/..", "a/../b", "../../../etc", "x/y/../z", "a/b/c/d",
        "qwq:../x",
        "qwq:..", "-rf", ".hidden", "qwq:a:b", "qwq:a/b", "a b", "a\0b", "a\nb", "ä", "qwq\u{1b}[2J", "a\\b", "a%2fb",
        "hf.co/x",
        "host//model", "h/n/", "~/x/y", "qwq@sha256:00", "a*", String(repeating: "x", count: 81),
    ])
    func refusesWhatCouldLeadOutOfAStore(text: String) {
        #expect(throws: ModelStoreError.self) { try ModelName(text) }
    }

    @Test func aRefusedNameIsShownWithoutItsControlCharacters() {
        let error = #expect(throws: ModelStoreError.self) { try ModelName("a\u{1b}[2Jb") }
        #expect(error?.description.contains("\u{1b}") == false)
    }

    @Test(arguments: [
        "", "sha256:", "sha256:../../../../etc/passwd", "sha512:" + String(repeating: "a", count: 64),
        String(repeating: "a", count: 64),
        "sha256:" + String(repeating: "a", count: 63), "sha256:" + String(repeating: "a", count: 65),
        "sha256:" + String(repeating: "g", count: 64), "sha256:" + String(repeating: "a", count: 62) + "/x",
        "sha256:" + String(repeating: "\u{FF11}", count: 64),
    ])
    func refusesDigestsThatAreNone(text: String) {
        #expect(throws: ModelStoreError.self) { try BlobDigest(text) }
    }

    @Test func digestsAreTheSameInCapitalLetters() throws {
        let digest = try BlobDigest("sha256:" + String(repeating: "AB", count: 32))
        #expect(digest.fileName == "sha256-" + String(repeating: "ab", count: 32))
    }
}
