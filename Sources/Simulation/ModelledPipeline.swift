import Foundation
import ModelStore
import Planning
import Scheduling
import Transformer

/// A model of the pipeline of a plan: the time of a frame in every stage and on every hop. The nodes need not exist.
///
/// A frame of one row takes as long as the planner predicts. Several rows read the weights once and are computed
/// together, see `seconds(of:least:perRow:)`. Each segment also reads the keys and values before it, once for all its
/// rows. The computation of attention does not count, as in the plan. A hop takes bytes over the throughput of its
/// slower end, for one frame after the other, and then a delay.
public struct ModelledPipeline: Sendable, Equatable {
    /// One stage. All values are seconds.
    struct Stage: Sendable, Equatable {
        /// For the blocks and for the head: a single row without keys and values, and each of very many rows.
        var blocks: Double, blocksRow: Double, head: Double, headRow: Double
        /// Reading the keys and values of one position.
        var position: Double
    }

    /// The hop to a stage, or from the last one back: seconds that each row occupies it, and seconds of delay after the
    /// last row.
    struct Hop: Sendable, Equatable {
        var row: Double, delay: Double
    }

    /// The contents of a frame that determine its times.
    struct Load: Equatable {
        /// Rows, rows with logits, and positions before the first rows of the segments.
        var rows = 0, outputs = 0, positions = 0
    }

    var stages: [Stage]
    /// One more than stages.
    var hops: [Hop]
    /// Stages of the pipeline.
    public var stageCount: Int { stages.count }

    /// The pipeline of a plan that was made for `facts`.
    ///
    /// - Throws: a `ModelError` or `GGUFError` about the model's file.
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
        // As in `StageTimes`: every node has a link to a switch, and the coordinator's link is as good as the best.
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

    /// Seconds in which a stage computes a frame.
    func seconds(_ load: Load, stage: Int) -> Double {
        let s = stages[stage]
        return StepTime.seconds(of: load.rows, least: s.blocks, perRow: s.blocksRow) + Double(load.positions)
            * s.position
            + StepTime.seconds(of: load.outputs, least: s.head, perRow: s.headRow)
    }

    /// The expected costs of steps by their rows, for all stages together and without keys and values.
    public var stepCosts: StepCosts {
        func seconds(_ rows: Int, _ outputs: Int) -> Double {
            stages.indices.reduce(0) { $0 + self.seconds(Load(rows: rows, outputs: outputs), stage: $1) }
        }
        guard seconds(1, 0) > 0 else { return StepCosts() }
        let rows = [1, 2, 4, 8, 16, 32, 64]
        return StepCosts(
            decode: StepCost(rows.map { ($0, seconds($0, $0) / seconds(1, 1)) }),
            prefill: StepCost(rows.map { ($0, seconds($0, 0) / seconds(1, 0)) }))
    }

    /// The speed of the head's products in relation to those of the blocks. They are slower because the head's matrix
    /// has more bits than most others.
    static let headShare = 0.8
}
