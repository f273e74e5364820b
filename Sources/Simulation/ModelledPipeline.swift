import Scheduling
import Foundation
import ModelStore
import Planning
import Transformer

/// A line of nodes as a plan predicts it: what a frame takes in every stage and on the hops between them. No node need
/// exist.
///
/// A frame of one row takes what the planner says. Several rows read the weights once and compute together, see
/// `seconds(of:least:perRow:)`; each also reads the keys and values before it, and a prompt's rows read them together.
/// What attention computes is left out, as in the plan. A hop takes bytes over the throughput of its slower end, one
/// frame after another, and then a delay.
public struct ModelledPipeline: Sendable, Equatable {
    /// One stage. All in seconds.
    struct Stage: Sendable, Equatable {
        /// One row in the blocks and in the head, without keys and values; what each of many rows takes there.
        var blocks: Double, blocksRow: Double, head: Double, headRow: Double
        /// Reading the keys and values of one position.
        var position: Double
    }

    /// The hop to a stage, or from the last one back: seconds it is taken by each row, and seconds until the last of
    /// them is there.
    struct Hop: Sendable, Equatable {
        var row: Double, delay: Double
    }

    /// What counts of a frame.
    struct Load: Equatable {
        /// Rows, those whose logits are wanted, and positions before the segments' first rows.
        var rows = 0, outputs = 0, positions = 0
    }

    var stages: [Stage]
    /// One more than stages.
    var hops: [Hop]
    /// Stages of the line.
    public var stageCount: Int { stages.count }

    /// The line of a plan that was made for `facts`.
    public init(_ plan: Plan, facts: [NodeFacts], model: Model) throws {
        let c = try ModelConfiguration(model.file)
        self.init(
            plan, facts: facts, width: c.width, headBytes: try c.headBytes(in: model.file),
            layerMultiplyAdds: (0..<c.layers).map { c.multiplyAdds(ofLayer: $0) },
            headMultiplyAdds: c.width * c.vocabulary)
    }

    /// - Parameters:
    ///   - plan: made by `makePlan`.
    ///   - width: floats of a row.
    init(_ plan: Plan, facts: [NodeFacts], width: Int, headBytes: Int, layerMultiplyAdds: [Int], headMultiplyAdds: Int)
    {
        guard let prediction = plan.prediction else { preconditionFailure("a plan without a prediction") }
        stages = plan.stages.enumerated().map { i, stage in
            let node = facts[stage.node], positions = plan.kvBlockCount * plan.blockTokens
            let head = stage.hasHead ? Double(headBytes) / node.weightBandwidth : 0
            let position = Double(stage.kvBytes) / Double(max(positions, 1)) / node.weightBandwidth
            return Stage(
                blocks: max(prediction.stageSeconds[i] - head - position * Double(prediction.context), 0),
                blocksRow: Double(
                    layerMultiplyAdds[stage.firstLayer..<stage.firstLayer + stage.layerCount].reduce(0, +))
                    / node.multiplyAddRate,
                head: head,
                headRow: stage.hasHead ? Double(headMultiplyAdds) / node.multiplyAddRate / Self.headShare : 0,
                position: position)
        }
        // As `StageTimes`: every node hangs on a switch, the coordinator by a link as good as the best one.
        let bytes = 4 * Double(width), links = plan.stages.map { facts[$0.node].link }
        let there = links.map { $0.roundTrip / 2 + bytes / $0.throughput }
        let best = facts.map { $0.link.roundTrip / 2 + bytes / $0.link.throughput }.min() ?? 0
        hops = (0...links.count).map { i in
            let ends = [i - 1, i].filter { links.indices.contains($0) }
            let row = ends.map { bytes / links[$0].throughput }.max() ?? 0
            let whole = ends.reduce(ends.count == 2 ? -best : 0) { $0 + there[$1] }
            return Hop(row: row, delay: max(whole - row, 0))
        }
    }

    /// Seconds of a frame in a stage.
    func seconds(_ load: Load, stage: Int) -> Double {
        let s = stages[stage]
        return Self.seconds(of: load.rows, least: s.blocks, perRow: s.blocksRow) + Double(load.positions) * s.position
            + Self.seconds(of: load.outputs, least: s.head, perRow: s.headRow)
    }

    /// What steps are expected to cost by their rows, of all stages together and without keys and values.
    public var stepCosts: StepCosts {
        func seconds(_ rows: Int, _ outputs: Int) -> Double {
            stages.indices.reduce(0) { $0 + self.seconds(Load(rows: rows, outputs: outputs), stage: $1) }
        }
        guard seconds(1, 0) > 0 else { return StepCosts() }
        let rows = [1, 2, 4, 8, 16, 32, 64]
        return StepCosts(
            ofAnswers: StepCost(rows.map { ($0, seconds($0, $0) / seconds(1, 1)) }),
            ofPrompts: StepCost(rows.map { ($0, seconds($0, 0) / seconds(1, 0)) }))
    }

    /// The head's matrix has more bits than most of the others, and its products are slower by so much.
    static let headShare = 0.8

    /// Seconds of `rows` rows: one takes `least`, very many `perRow` each. Between them prefilling and computing overlap,
    /// but not wholly; the third power, of the blocks and of the head, lies within a tenth of what was measured on a
    /// Zen 4 and a Zen 5 with one thread and two.
    static func seconds(of rows: Int, least: Double, perRow: Double) -> Double {
        guard rows > 1 else { return rows == 1 ? least : 0 }
        let work = Double(rows) * perRow
        return cbrt(least * least * least + work * work * work)
    }
}
