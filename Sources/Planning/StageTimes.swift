/// The predicted times of stages.
///
/// Decode: one row reads every weight once, and the keys and values of the positions before it. Its time is these bytes
/// over the node's bandwidth, plus a constant per block. Prefill: many rows take multiply-adds at the node's rate.
///
/// A row makes one hop more than there are stages. Hops between two nodes are not measured. The model is that every
/// node has its own link to a switch, and the coordinator's link is as good as the best node's. So what a node adds to
/// the time does not depend on its neighbours.
struct StageTimes {
    let model: ModelShape
    let nodes: [NodeFacts]
    /// Positions before the row that is decoded.
    let context: Int
    /// [node]: the seconds that the node adds to the hops of a row.
    let hops: [Double]
    /// The seconds that the coordinator's own link adds.
    let coordinatorHop: Double

    /// [node][i]: seconds for one row in the blocks before block i.
    private let before: [[Double]]
    /// [i]: multiply-adds for one row in the blocks before block i.
    private let work: [Int]

    /// Seconds per block in which threads wait for each other; they do so about ten times.
    private static let blockHandOver = 15e-6

    /// Seconds of the head for a step, by node.
    private let head: [Double]

    /// The times of a step of `rows` sequences; `decode` tells those of the step.
    init(model: ModelShape, nodes: [NodeFacts], context: Int, rows: Int = 1) {
        self.model = model
        self.nodes = nodes
        self.context = context
        let rowBytes = 4 * Double(model.width) * Double(rows)
        let hop = nodes.map { $0.link.roundTrip / 2 + rowBytes / $0.link.throughput }
        let best = hop.min() ?? 0
        hops = hop.map { 2 * $0 - best }
        coordinatorHop = best
        work = model.layerMultiplyAdds.reduce(into: [0]) { $0.append($0[$0.count - 1].adding($1)) }
        let cache = Double(model.kvBytesPerTokenPerLayer) * Double(context) * Double(rows)
        func step(_ bytes: Int, _ multiplyAdds: Int, _ node: NodeFacts) -> Double {
            StepTime.seconds(
                of: rows, least: Double(bytes) / node.weightBandwidth,
                perRow: Double(multiplyAdds) / node.multiplyAddRate)
        }
        before = nodes.map { node in
            zip(model.layerBytes, model.layerMultiplyAdds).reduce(into: [0]) {
                $0.append(
                    $0[$0.count - 1] + step($1.0, $1.1, node) + cache / node.weightBandwidth + Self.blockHandOver)
            }
        }
        head = nodes.map { step(model.headBytes, model.headMultiplyAdds, $0) }
    }

    /// Seconds in which node `node` computes one row over blocks `first..<end`.
    func decode(_ node: Int, _ first: Int, _ end: Int) -> Double { before[node][end] - before[node][first] }

    /// Seconds in which node `node` computes the head for one row.
    func decodeHead(_ node: Int) -> Double { head[node] }

    /// Seconds in which a stage computes one row.
    func decode(_ stage: StagePlan) -> Double {
        decode(stage.node, stage.firstLayer, stage.firstLayer + stage.layerCount)
            + (stage.hasHead ? decodeHead(stage.node) : 0)
    }

    /// Seconds for each row of a prompt in blocks `first..<end` on node `node`: computing it or sending it, whichever
    /// takes longer. The head does not count, because a prompt's logits are needed only once.
    func prefill(_ node: Int, _ first: Int, _ end: Int) -> Double {
        max(
            Double(work[end] - work[first]) / nodes[node].multiplyAddRate,
            4 * Double(model.width) / nodes[node].link.throughput)
    }

    /// Seconds for each row of a prompt in a stage.
    func prefill(_ stage: StagePlan) -> Double {
        prefill(stage.node, stage.firstLayer, stage.firstLayer + stage.layerCount)
    }

    /// Seconds that a row takes on all hops together.
    func hopSeconds(_ stages: [StagePlan]) -> Double { stages.reduce(coordinatorHop) { $0 + hops[$1.node] } }

    /// The prediction for these stages.
    func prediction(_ stages: [StagePlan]) -> Prediction {
        let decode = stages.map { self.decode($0) }, prefill = stages.map { self.prefill($0) }
        return Prediction(
            context: context, stageSeconds: decode, hopSeconds: hopSeconds(stages), stagePromptSeconds: prefill)
    }
}

/// The predicted speed of a plan.
public struct Prediction: Sendable, Equatable {
    /// Positions before the row that is decoded.
    public var context: Int
    /// [stage]: decode seconds per token.
    public var stageSeconds: [Double]
    /// Seconds on all hops together, per decoded token.
    public var hopSeconds: Double
    /// [stage]: prefill seconds per token.
    public var stagePromptSeconds: [Double]

    /// Seconds from one token of an answer to the next.
    public var tokenSeconds: Double { stageSeconds.reduce(hopSeconds, +) }
    /// Decode speed of one sequence, in tokens per second.
    public var tokensPerSecond: Double { 1 / tokenSeconds }
    /// Prefill speed for a long prompt, in tokens per second; its frames follow each other through the pipeline.
    public var promptTokensPerSecond: Double { 1 / (stagePromptSeconds.max() ?? .infinity) }

    /// Seconds from a prompt to the first token of its answer: the slowest stage computes all of it, the others one
    /// frame before or after that.
    public func firstTokenSeconds(promptTokens: Int) -> Double {
        let slowest = stagePromptSeconds.max() ?? 0, frame = Double(min(promptTokens, Self.frameRows))
        return Double(promptTokens) * slowest + frame * (stagePromptSeconds.reduce(0, +) - slowest) + hopSeconds
    }

    /// Rows of a frame of a long prompt, about as many as the scheduler sends.
    private static let frameRows = 64
}
