import Candidates
import Transformer
import Wire

/// What a stage decides about a frame before anything is computed. A plain value, tested without sockets or weights.
public struct StageState: Equatable, Sendable {
    /// What to do with a frame.
    public enum Action: Equatable, Sendable {
        /// The frame belongs to another plan and is ignored.
        case drop
        /// Copy these KV blocks, then compute these runs of rows. If the stage has the head, `requests` says which rows
        /// need logits.
        case compute(copies: [BlockCopy], runs: [RowRun], requests: [CandidateRequest])
        /// The plan cannot continue; the sentence says why.
        case fault(String)
    }

    /// Copies one block to another, in every layer.
    public struct BlockCopy: Equatable, Sendable {
        /// The numbers of the two blocks.
        public var from: Int, to: Int
    }

    /// The plan that the stage serves, its epoch, and the width of its rows.
    public let plan: UInt32, epoch: UInt64, width: Int
    /// The number of the next frame.
    public private(set) var nextNumber: UInt64 = 0
    /// The block tables of the sequences.
    public private(set) var tables: SequenceTables

    /// The state of a stage that expects frame 0 of `epoch`.
    public init(plan: UInt32 = 1, epoch: UInt64, width: Int, kvBlocks: Int, blockTokens: Int) {
        self.plan = plan
        self.epoch = epoch
        self.width = width
        tables = SequenceTables(blockCount: kvBlocks, blockTokens: blockTokens)
    }

    /// Decides what to do with a frame that has arrived.
    public mutating func received(_ frame: Frame) -> Action {
        guard frame.plan == plan, frame.epoch == epoch else { return .drop }
        guard frame.number == nextNumber else {
            return .fault(
                """
                frame \(nextNumber) was lost: frame \(frame.number) came in its place. The connection from the stage \
                before was cut
                """
            )
        }
        guard frame.rowCount == 0 || frame.width == width else {
            return .fault("frame \(frame.number) has rows of \(frame.width) values, expected \(width): another model's")
        }
        // Works on a copy, so that an invalid frame changes nothing.
        var changed = tables
        do throws(StageFault) {
            var copies: [BlockCopy] = [], runs: [RowRun] = [], requests: [CandidateRequest] = [], row = 0
            for operation in frame.operations {
                if let copy = try changed.apply(operation) { copies.append(BlockCopy(from: copy.from, to: copy.to)) }
            }
            for segment in frame.segments {
                let table = try changed.extend(segment.sequence, first: segment.firstPosition, count: segment.rowCount)
                // Cancelled rows also extend the table, so that the following frames remain valid.
                if segment.isCancelled { continue }
                runs.append(RowRun(table: table, firstPosition: segment.firstPosition, count: segment.rowCount))
                for output in segment.outputs {
                    requests.append(CandidateRequest(row: row + output.row, top: output.top, extra: output.extra))
                }
                row += segment.rowCount
            }
            tables = changed
            nextNumber += 1
            return .compute(copies: copies, runs: runs, requests: requests)
        } catch {
            return .fault("frame \(frame.number) does not fit what came before: \(error.description)")
        }
    }
}
