import Coordinator
import Foundation
import Simulation
import Transformer

/// Measurements as people read them.
extension BenchCommand {
    private static func number(_ value: Double, _ digits: Int = 1) -> String { String(format: "%.\(digits)f", value) }

    private static func seconds(_ value: Double) -> String { number(value, 2) + " s" }

    /// Steps of several rows, against what the machine could do.
    static func table(_ steps: [StepBenchmark.Step]) -> Table {
        Table(
            [
                .number("rows"), .number("tokens/s"), .number("GB/s of weights", rank: 2), .number("of bandwidth"),
                .number("billion/s", rank: 1), .number("of int8 rate"), .number("time of one row", rank: 3),
            ],
            steps.map { s in
                [
                    "\(s.rows)", number(s.tokensPerSecond), number(s.weightGBs), number(s.bandwidthShare, 2),
                    number(s.gmacs), number(s.int8Share, 2), number(s.timeOfOneRow, 2),
                ]
            })
    }

    /// Steps of one row behind contexts.
    static func table(_ contexts: [StepBenchmark.Context]) -> Table {
        Table(
            [.number("context"), .number("tokens/s"), .number("of the first"), .number("by memory alone")],
            contexts.map { x in
                ["\(x.context)", number(x.tokensPerSecond), number(x.ratio, 2), number(x.memoryBound, 2)]
            })
    }

    /// Runs as they are shown.
    static func table(_ runs: [StreamReport]) -> Table {
        Table(
            [
                .number("streams"), .number("prompt tokens/s"), .number("first token"),
                .number("99th percentile", rank: 1), .number("prompt known", rank: 2), .number("answer tokens/s"),
                .number("per stream"), .number("of one stream", rank: 3),
            ],
            runs.map { r in
                [
                    "\(r.streams)", number(r.promptSpeed), seconds(r.firstTokenMedian), seconds(r.firstTokenP99),
                    seconds(r.firstTokenAgain), number(r.speed), number(r.speedPerStream),
                    number(r.speed / runs[0].speed * Double(runs[0].streams), 2),
                ]
            })
    }
}
