/// What stages are predicted to take.
///
/// One row (decoding) reads every weight once and the keys and values of the positions before it: bytes over the node's
/// bandwidth, and a hand-over per block. Many rows (a prompt) make multiply-adds at the node's rate. A row that goes
/// down the line passes one link more than there are stages. The way between two nodes is not measured; each node is
/// taken to hang on a switch by a link of its own, the coordinator by one as good as the best node's. So a node adds a
/// time of its own, whatever its neighbours are.
struct StageTimes {
    let model: ModelShape
    let nodes: [NodeFacts]
    /// Positions before the row that is decoded.
    let context: Int
    /// [node]: what it adds to the way of a row down the line, in seconds.
    let hops: [Double]
    /// What the way takes besides: the coordinator's own link.
    let ownHop: Double

    /// [node][i]: seconds for one row in the blocks before block i.
    private let before: [[Double]]
    /// [i]: multiply-adds for one row in the blocks before block i.
    private let work: [Int]

    /// Threads meet about ten times in a block.
    private static let blockHandOver = 15e-6

    init(model: ModelShape, nodes: [NodeFacts], context: Int) {
        self.model = model
        self.nodes = nodes
        self.context = context
        let rowBytes = 4 * Double(model.width)
        let there = nodes.map { $0.link.roundTrip / 2 + rowBytes / $0.link.throughput }
        let best = there.min() ?? 0
        hops = there.map { 2 * $0 - best }
        ownHop = best
        work = model.layerMultiplyAdds.reduce(into: [0]) { $0.append($0[$0.count - 1].adding($1)) }
        let cache = Double(model.kvBytesPerTokenPerLayer) * Double(context)
        before = nodes.map { node in
            model.layerBytes.reduce(into: [0]) {
                $0.append($0[$0.count - 1] + (Double($1) + cache) / node.weightBandwidth + Self.blockHandOver)
            }
        }
    }

    /// Seconds in which node `node` computes one row in blocks `first..<end`.
    func decode(_ node: Int, _ first: Int, _ end: Int) -> Double { before[node][end] - before[node][first] }

    /// Seconds in which node `node` computes one row's head.
    func decodeHead(_ node: Int) -> Double { Double(model.headBytes) / nodes[node].weightBandwidth }

    /// Seconds for one row in a stage.
    func decode(_ stage: StagePlan) -> Double {
        decode(stage.node, stage.firstLayer, stage.firstLayer + stage.layerCount)
            + (stage.hasHead ? decodeHead(stage.node) : 0)
    }

    /// Seconds for each row of a prompt in a stage; a prompt's logits are asked for once, which does not count.
    func prefill(_ stage: StagePlan) -> Double {
        let work = Double(work[stage.firstLayer + stage.layerCount] - work[stage.firstLayer])
        return max(
            work / nodes[stage.node].multiplyAddRate, 4 * Double(model.width) / nodes[stage.node].link.throughput)
    }

    /// Seconds a row is under way between the stages.
    func way(_ stages: [StagePlan]) -> Double { stages.reduce(ownHop) { $0 + hops[$1.node] } }

    /// What is predicted of these stages.
    func prediction(_ stages: [StagePlan]) -> Prediction {
        let decode = stages.map { self.decode($0) }, prefill = stages.map { self.prefill($0) }, way = way(stages)
        return Prediction(
            context: context, stageSeconds: decode, hopSeconds: way, stagePromptSeconds: prefill)
    }
}

/// What a plan is predicted to do.
public struct Prediction: Sendable, Equatable {
    /// Positions before the row that is decoded.
    public var context: Int
    /// [stage]: seconds for a token of an answer.
    public var stageSeconds: [Double]
    /// Seconds such a row is under way between the stages.
    public var hopSeconds: Double
    /// [stage]: seconds for a token of a prompt.
    public var stagePromptSeconds: [Double]

    /// Seconds from one token of an answer to the next.
    public var tokenSeconds: Double { stageSeconds.reduce(hopSeconds, +) }
    /// Tokens of one answer in a second.
    public var tokensPerSecond: Double { 1 / tokenSeconds }
    /// Tokens of a long prompt in a second, its frames following each other down the line.
    public var promptTokensPerSecond: Double { 1 / (stagePromptSeconds.max() ?? .infinity) }
}
