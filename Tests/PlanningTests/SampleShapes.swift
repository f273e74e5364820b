import Planning

let gibibyte = 1 << 30

/// About the size of QwQ-32B in Q4_K_M: 64 blocks of 280 MiB and a head of 600 MiB.
func qwq(layers: Int = 64) -> ModelShape {
    ModelShape(
        layerBytes: [Int](repeating: 280 << 20, count: layers), headBytes: 600 << 20, width: 5120,
        kvBytesPerTokenPerLayer: 4096, vocabulary: 152064, workspaceBytes: 64 << 20, headWorkspaceBytes: 10 << 20)
}

/// A model of a few bytes.
func small(_ layerBytes: [Int], head: Int = 0, kv: Int = 0, workspace: Int = 0, headWorkspace: Int = 0) -> ModelShape {
    ModelShape(
        layerBytes: layerBytes, headBytes: head, width: 32, kvBytesPerTokenPerLayer: kv, vocabulary: 100,
        workspaceBytes: workspace, headWorkspaceBytes: headWorkspace)
}

/// Nodes with these budgets.
func nodes(_ budgets: [Int], speeds: [Double]? = nil) -> [NodeFacts] {
    budgets.enumerated().map { i, budget in
        NodeFacts(
            name: "tcp://node\(i + 1)", memoryBudget: budget, threads: 4, weightBandwidth: 1e9 * (speeds?[i] ?? 1),
            multiplyAddRate: 1e11 * (speeds?[i] ?? 1))
    }
}

struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x2545_f491_4f6c_dd1d | 1 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_f491_4f6c_dd1d
    }
}
