/// The time of a workload on a pipeline, from the times of its stages.
///
/// Prompts: the slowest stage in prefill computes all their tokens, one frame after the other. Answers: a token takes
/// all stages and hops in turn, with the rows of one micro-batch. With several requests prompts and answers of
/// different requests overlap, so the whole cannot be faster than the stage with the most work.
struct WorkloadTimes {
    let workload: Workload
    let times: StageTimes
    /// Micro-batches, and prompt tokens of all requests.
    private let batches: Double, prompts: Double, answers: Double

    init(_ workload: Workload, model: ModelShape, nodes: [NodeFacts], context: Int) {
        let batch = workload.microBatches(nodes.count)
        self.workload = workload
        times = StageTimes(model: model, nodes: nodes, context: context, rows: batch.rows)
        batches = Double(batch.count)
        prompts = Double(workload.promptTokens) * Double(workload.streams)
        answers = Double(workload.answerTokens)
    }

    /// Whether a stage's own work can be what takes longest: with one request it never is.
    var overlaps: Bool { workload.streams > 1 }

    /// Seconds in which a stage does all its work.
    func work(_ node: Int, _ first: Int, _ end: Int, head: Bool) -> Double {
        let decode = times.decode(node, first, end) + (head ? times.decodeHead(node) : 0)
        return prompts * times.prefill(node, first, end) + answers * batches * decode
    }

    /// Seconds of the workload if no stage takes longer than `prefill` for a row of a prompt, and a token takes `token`
    /// seconds on all stages and hops.
    func seconds(prefill: Double, token: Double) -> Double { prompts * prefill + answers * token }

    /// Seconds that are as good as `seconds`: 3% more, or a thousandth of a second more for each token.
    func allowed(_ seconds: Double) -> Double { max(1.03 * seconds, seconds + 0.001 * answers) }

    /// Seconds of the workload on these stages.
    func seconds(_ stages: [StagePlan]) -> Double {
        let token = stages.reduce(times.hopSeconds(stages)) { $0 + times.decode($1) }
        let prefill = stages.reduce(0) { max($0, times.prefill($1)) }
        let most = stages.reduce(0) {
            max($0, work($1.node, $1.firstLayer, $1.firstLayer + $1.layerCount, head: $1.hasHead))
        }
        return overlaps ? max(most, seconds(prefill: prefill, token: token)) : seconds(prefill: prefill, token: token)
    }

    /// Limits on a stage's prefill that are worth trying, ascending, at most `count` of them: what each slice takes on
    /// each node, or else steps upward from an even division.
    func prefillLimits(_ nodes: [Int], layers: Int, atMost count: Int) -> [Double] {
        guard prompts > 0 else { return [.infinity] }
        var all = Set<Double>()
        for node in nodes {
            for first in 0..<layers {
                for end in first...layers { all.insert(times.prefill(node, first, end)) }
            }
        }
        let ascending = all.sorted()
        guard ascending.count > count, let last = ascending.last else { return ascending }
        let rate = nodes.reduce(0) { $0 + 1 / times.prefill($1, 0, layers) }, even = 1 / rate
        let ratio = max(last / even, 1.01)
        // Denser near the even division, where the best limit mostly is.
        return (0..<count).map { i in
            let x = Double(i + 1) / Double(count)
            return even * 1.001 * (1 + (ratio - 1) * x * x)
        }
    }
}
