import Candidates
import GGUF
import Kernels
import Testing
import TinyModel
import Transformer

/// Compares the logits of tiny models with digests in this file. If all kernels change in the same way they still agree
/// with each other; only these tests notice it.
struct DigestTests {
    /// The name of a model, the type of its KV cache, and the digest of its logits.
    static let digests: [(model: String, kvType: KVType, digest: String)] = [
        ("QwQ-shaped", .f16, "d81d0ffa23b2499d"), ("QwQ-shaped", .q8_0, "0e1c8132fdc18706"),
        ("qwen2", .f16, "8ae00f3f393368bc"), ("qwen2", .q8_0, "f35bf0171a85b52a"),
        ("qwen2-yarn", .f16, "7788f18c4835fd20"), ("qwen2-yarn", .q8_0, "4b0bdcbf657a4358"),
        ("qwen3", .f16, "de648513dea98e2e"), ("qwen3", .q8_0, "24d64818cbcf610d"),
        ("llama", .f16, "9bca97c111c8f028"), ("llama", .q8_0, "49d33cd1277e406b"),
        ("llama-linear", .f16, "0858c0670574c00c"), ("llama-linear", .q8_0, "e5220979d40e254a"),
    ]

    static func file(_ model: String) throws -> GGUFFile {
        try GGUFFile(path: model == "QwQ-shaped" ? TinyModel.path() : TinyArchitecture.named(model).path())
    }

    /// FNV-1a over the bits of all logits and log-sum-exps of a text of 150 tokens, which is more than two KV blocks.
    static func digest(_ model: String, _ kvType: KVType) throws -> String {
        let file = try file(model), c = try ModelConfiguration(file)
        let slice = try Slice(
            file, SliceDescription(layers: 0..<c.layers, hasHead: true, kvBlocks: 3, kvType: kvType),
            engine: ComputeEngine(threads: 2))
        let embedding = try file.tensor("token_embd.weight")
        var rows: [Float] = [], row: [Float] = []
        for i in 0..<150 {
            file.row((i * 37 + 11) % c.vocabulary, of: embedding, into: &row)
            rows += row
        }
        slice.forward([RowRun(table: [2, 0, 1], firstPosition: 0, count: 150)], rows: &rows)
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ value: Float) {
            for shift in stride(from: 0, to: 32, by: 8) {
                hash = (hash ^ UInt64(value.bitPattern >> UInt32(shift) & 255)) &* 0x100_0000_01b3
            }
        }
        for answer in slice.logits((0..<150).map { CandidateRequest(row: $0, top: 0) }, rows: rows) {
            for value in answer.full { add(value) }
            add(answer.logSumExp)
        }
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }

    @Test(arguments: digests)
    func logitsAreThoseThatAreWrittenDown(model: String, kvType: KVType, digest: String) throws {
        #expect(try Self.digest(model, kvType) == digest)
    }

    @Test func everyModelHasItsDigests() {
        let models = ["QwQ-shaped"] + TinyArchitecture.all.map(\.name)
        #expect(Set(Self.digests.map(\.model)) == Set(models) && Self.digests.count == 2 * models.count)
    }
}
