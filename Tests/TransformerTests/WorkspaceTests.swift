import GGUF
import Kernels
import Testing
import TinyModel
import Transformer

struct WorkspaceTests {
    /// A plan reserves exactly the workspace that a slice allocates.
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
