import GGUF
import Kernels
import Testing
import TinyModel
import Transformer

struct WorkspaceTests {
    /// What a plan sets aside is what a slice takes: less would be taken from somebody, more would be wasted.
    @Test(arguments: ["QwQ-shaped"] + TinyArchitecture.all.map(\.name), [1, 3])
    func whatIsStatedIsWhatIsAllocated(model: String, threads: Int) throws {
        let file = try DigestTests.file(model), c = try ModelConfiguration(file)
        for hasHead in [false, true] {
            let slice = try Slice(
                file, SliceDescription(layers: 0..<c.layers, hasHead: hasHead, kvBlocks: 1),
                engine: ComputeEngine(threads: threads))
            #expect(c.workspaceBytes(head: hasHead, threads: threads) == slice.workspaceBytes)
        }
    }
}
