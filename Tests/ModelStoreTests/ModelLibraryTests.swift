import Crypto
import Foundation
import GGUF
import Sampling
import Testing
import TinyModel
import Tokenizer

@testable import ModelStore

/// Two stores on disk: an empty one of Brigade's, and one of Ollama's that the test fills.
struct Stores {
    let folder: String
    var library: ModelLibrary {
        ModelLibrary(
            own: ModelDirectory(path: folder + "/own", owner: .brigade),
            others: [ModelDirectory(path: folder + "/ollama", owner: .ollama)])
    }

    static func run(_ body: (Stores) throws -> Void) throws {
        let stores = Stores(folder: NSTemporaryDirectory() + "brigade-library-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: stores.folder) }
        try body(stores)
    }

    /// Writes a model into a store, as `ollama pull` does.
    func put(_ name: String, into store: String = "ollama", _ layers: [(kind: String, bytes: [UInt8])]) throws {
        let root = folder + "/" + store, path = root + "/manifests/" + (try ModelName(name)).path
        try FileManager.default.createDirectory(atPath: root + "/blobs", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        let list = try layers.map { layer in
            let hex = SHA256.hash(data: layer.bytes).map { String(format: "%02x", $0) }.joined()
            try Data(layer.bytes).write(to: URL(fileURLWithPath: root + "/blobs/sha256-" + hex))
            let type = "application/vnd.ollama.image.\(layer.kind)"
            return #"{"mediaType":"\#(type)","digest":"sha256:\#(hex)","size":\#(layer.bytes.count)}"#
        }
        try Data(#"{"schemaVersion":2,"layers":[\#(list.joined(separator: ","))]}"#.utf8).write(
            to: URL(fileURLWithPath: path))
    }

    static func weights(seed: UInt64 = 1) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: TinyModel.path(layers: 1, seed: seed))))
    }

    /// Every path under a store, sorted.
    func files(_ store: String) -> [String] {
        (FileManager.default.enumerator(atPath: folder + "/" + store)?.allObjects as? [String] ?? []).sorted()
    }
}

struct ModelLibraryTests {
    static let packed: [(kind: String, bytes: [UInt8])] = [
        (
            "template",
            Array(
                "{{ if .System }}<|im_start|>system\n{{ .System }}<|im_end|>\n{{ end }}<|im_start|>assistant\n<think>\n"
                    .utf8)
        ),
        ("system", Array("You are a pirate.".utf8)), ("license", Array("Apache License".utf8)),
        (
            "params",
            Array(
                #"""
                {"temperature":0.25,"top_k":7,"stop":["<|im_start|>","END"],"num_ctx":99999,"num_predict":12,"num_gpu":1,\#
                "penalize_newline":true}
                """#
                .utf8)
        ),
    ]

    @Test func ollamasModelsAreReadInPlaceWithWhatIsPackedWithThem() throws {
        try Stores.run { stores in
            try stores.put("qwq", [("model", Stores.weights())] + Self.packed)
            let before = stores.files("ollama")
            for text in ["qwq", "qwq:latest", "library/qwq", "registry.ollama.ai/library/qwq:latest", "QwQ"] {
                let model = try Model(named: text, in: stores.library)
                #expect(model.file.byteCount == (try Stores.weights().count))
                #expect(model.settings.system == "You are a pirate." && model.settings.licenses == ["Apache License"])
                #expect(model.settings.stops == ["<|im_start|>", "END"] && model.settings.answerLimit == 12)
                #expect(model.packedContextLength == 32768, "not more than the model was made for")
                let sampling = model.recommendedSampling
                #expect(sampling.temperature == 0.25 && sampling.topK == 7)
                #expect(sampling.topP == 0.95, "what is not packed is QwQ's own")
                let template = try model.chatTemplate(named: nil)
                #expect(
                    template.sources.first?.text == (try model.file.string("tokenizer.chat_template")),
                    "the file's own template comes first")
            }
            #expect(stores.files("ollama") == before && stores.files("own").isEmpty)
        }
    }

    @Test func thePackedTemplateIsUsedWhereTheFileHasNone() throws {
        try Stores.run { stores in
            var writer = GGUFWriter()
            try writer.set("general.architecture", .string("qwen2"))
            try writer.add("t", .f32, shape: [1], bytes: [0, 0, 0, 0])
            let path = stores.folder + "/file.gguf"
            try FileManager.default.createDirectory(atPath: stores.folder, withIntermediateDirectories: true)
            try writer.write(to: path)
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            try stores.put("bare", [("model", bytes)])
            try stores.put("full", [("model", bytes)] + Self.packed)
            let template = try Model(named: "full", in: stores.library).chatTemplate(named: nil)
            #expect(template.sources == ChatTemplate(.qwq).sources)
            #expect(throws: ModelStoreError.self) {
                try Model(named: "bare", in: stores.library).chatTemplate(named: nil)
            }
        }
    }

    @Test func namesOfOtherRegistriesAndPeopleAreFound() throws {
        try Stores.run { stores in
            try stores.put("someone/model:tag", [("model", [1])])
            try stores.put("hf.co/some-one/Model-GGUF:Q4_K_M", [("model", [2])])
            #expect(try stores.library.locate("someone/model:tag").path.contains("/ollama/blobs/sha256-"))
            #expect(try stores.library.locate("hf.co/some-one/Model-GGUF:q4_k_m").name?.tag == "Q4_K_M")
            #expect(throws: ModelStoreError.self) { try stores.library.locate("model:tag") }
        }
    }

    @Test func aFileComesBeforeAName() throws {
        try Stores.run { stores in
            let path = try TinyModel.path(layers: 1)
            #expect(try stores.library.locate(path) == LocatedModel(path: path))
        }
    }

    @Test(arguments: [
        ("qwq", "brigade pull qwq"), ("qwq:32b", "brigade pull qwq:32b"),
        ("/nowhere/x.gguf", "/nowhere/x.gguf does not exist"),
        ("./x.gguf", "does not exist"), ("x.gguf", "x.gguf does not exist"), ("", "does not exist"),
        ("/tmp", "is a directory"),
        ("../../no/such/file", "does not exist"), ("a b", "does not exist"),
    ])
    func whatIsNeitherIsSaidOnce(text: String, words: String) throws {
        try Stores.run { stores in
            let error = #expect(throws: ModelStoreError.self) { try stores.library.locate(text) }
            #expect(error?.description.contains(words) == true, "\(String(describing: error))")
        }
    }

    @Test func aBrokenModelSaysWhatIsMissing() throws {
        try Stores.run { stores in
            try stores.put("a", [("model", [1, 2, 3])])
            let blob = try stores.library.locate("a").path
            try Data([1, 2]).write(to: URL(fileURLWithPath: blob))
            var error = #expect(throws: ModelStoreError.self) { try stores.library.locate("a") }
            #expect(error?.description.contains("has 2 bytes, but the manifest of a:latest says 3") == true)
            try FileManager.default.removeItem(atPath: blob)
            error = #expect(throws: ModelStoreError.self) { try stores.library.locate("a") }
            #expect(error?.description.contains("is missing") == true)
            // A complete model of that name in another store is used.
            try stores.put("a", into: "own", [("model", [4])])
            #expect(try stores.library.locate("a").path.contains("/own/"))
        }
    }

    @Test func packedParametersOutOfRangeAreNamed() throws {
        try Stores.run { stores in
            for (json, words) in [
                (#"{"temperature":200}"#, "temperature"), (#"{"top_k":"many"}"#, "top_k"), ("[]", "not a JSON object"),
            ] {
                try stores.put("a", [("model", [1]), ("params", Array(json.utf8))])
                let error = #expect(throws: ModelStoreError.self) { try stores.library.locate("a") }
                #expect(error?.description.contains(words) == true && error?.description.contains("a:latest") == true)
            }
        }
    }

    @Test func listsAllStoresAndWhatIsBroken() throws {
        try Stores.run { stores in
            try stores.put("good", [("model", Stores.weights())])
            try stores.put("mine", into: "own", [("model", Stores.weights(seed: 2))])
            try stores.put("odd", [("model", [1, 2, 3])])
            let manifests = stores.folder + "/ollama/manifests/registry.ollama.ai/library"
            try FileManager.default.createDirectory(atPath: manifests + "/bad", withIntermediateDirectories: true)
            try Data("x".utf8).write(to: URL(fileURLWithPath: manifests + "/bad/latest"))
            try Data("x".utf8).write(to: URL(fileURLWithPath: manifests + "/bad/not a tag"))
            let list = Dictionary(uniqueKeysWithValues: stores.library.list().map { ($0.name.description, $0) })
            #expect(list.keys.sorted() == ["bad:latest", "good:latest", "mine:latest", "odd:latest"])
            let good = try #require(list["good:latest"])
            #expect(good.owner == .ollama && list["mine:latest"]?.owner == .brigade && good.problem == nil)
            #expect(
                good.size == (try Stores.weights().count) && good.digest.count == 64
                    && abs(good.modified.timeIntervalSinceNow) < 600)
            #expect(
                good.details?.architecture == "qwen2" && good.details?.contextLength == 32768
                    && good.details?.embeddingLength == 1280)
            #expect(good.details?.quantization == "Q4_K")
            #expect(
                list["odd:latest"]?.problem?.contains("GGUF") == true
                    && list["bad:latest"]?.problem?.contains("manifest") == true)
        }
    }

    @Test func removingKeepsBlobsThatOthersNeed() throws {
        try Stores.run { stores in
            try stores.put("a", into: "own", [("model", [1, 1]), ("license", [9])])
            try stores.put("b", into: "own", [("model", [2, 2]), ("license", [9])])
            let removal = try stores.library.remove(ModelName("a"))
            #expect(removal.blobs == 1 && removal.bytes == 2)
            #expect(try stores.library.find(ModelName("a")) == nil)
            #expect(try stores.library.find(ModelName("b"))?.settings().licenses.count == 1)
            #expect(try stores.library.remove(ModelName("b")).blobs == 2)
            #expect(stores.files("own").filter { $0.contains("sha256") }.isEmpty)
            #expect(!stores.files("own").contains { $0.hasPrefix("manifests/") })
        }
    }

    @Test func removingNothingOfOllamas() throws {
        try Stores.run { stores in
            try stores.put("a", [("model", [1, 1])])
            let before = stores.files("ollama")
            let error = #expect(throws: ModelStoreError.self) { try stores.library.remove(ModelName("a")) }
            #expect(error?.description.contains("ollama rm a:latest") == true)
            let same = ModelLibrary(
                own: ModelDirectory(path: stores.folder + "/./ollama/", owner: .brigade), others: stores.library.others)
            #expect(throws: ModelStoreError.self) { try same.remove(ModelName("a")) }
            #expect(stores.files("ollama") == before)
            #expect(throws: ModelStoreError.self) { try stores.library.remove(ModelName("nobody")) }
        }
    }

    @Test func theEnvironmentSaysWhereTheStoresAre() {
        func paths(_ environment: [String: String]) -> [String] {
            ModelLibrary.standard(environment).directories.map(\.path)
        }
        #expect(
            paths(["HOME": "/h"]) == [
                "/h/.cache/brigade/models", "/h/.ollama/models", "/usr/share/ollama/.ollama/models",
            ])
        #expect(paths(["HOME": "/h", "XDG_CACHE_HOME": "/c", "OLLAMA_MODELS": "/o"]) == ["/c/brigade/models", "/o"])
        #expect(paths(["HOME": "/h", "BRIGADE_MODELS": "/b", "OLLAMA_MODELS": ""]).first == "/b")
        // An empty variable counts as not set.
        #expect(paths(["HOME": "/h", "XDG_CACHE_HOME": "", "BRIGADE_MODELS": ""]).first == "/h/.cache/brigade/models")
        #expect(
            UserCache.directory(["HOME": "/h", "XDG_CACHE_HOME": ""]) == "/h/.cache"
                && UserCache.directory(["XDG_CACHE_HOME": "/c"]) == "/c")
        #expect(UserCache.variable("X", ["X": ""]) == nil && UserCache.variable("X", ["X": "y"]) == "y")
    }
}

struct ModelDetailsTests {
    @Test(arguments: [
        (32_763_876_352, "32.8B"), (7_000_000_000, "7B"), (494_032_768, "494.03M"), (1_050_000, "1.05M"),
        (2_000_000, "2M"), (12345, "12K"), (5, "5"),
    ])
    func parametersAreSaidAsPeopleDo(count: Int, text: String) throws {
        var details = try ModelDetails(GGUFFile(path: TinyModel.path(layers: 1)))
        details.parameterCount = count
        #expect(details.parameterSize == text)
    }

    @Test func theMixtureIsNamedByTheFile() throws {
        var writer = GGUFWriter()
        try writer.set("general.architecture", .string("qwen2"))
        try writer.set("general.file_type", .uint32(15))
        try writer.add("t", .f32, shape: [3, 5], bytes: [UInt8](repeating: 0, count: 60))
        let path = NSTemporaryDirectory() + "brigade-details-\(UUID().uuidString).gguf"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try writer.write(to: path)
        let details = try ModelDetails(GGUFFile(path: path))
        #expect(details.quantization == "Q4_K_M" && details.parameterCount == 15 && details.contextLength == nil)
    }
}
