import Candidates
import Testing
import Transformer
import Wire

@testable import Worker

/// The decisions of a stage about frames, without sockets or weights.
struct StageStateTests {
    static func state() -> StageState { StageState(epoch: 7, width: 4, kvBlocks: 3, blockTokens: 64) }

    static func frame(
        _ number: UInt64, epoch: UInt64 = 7, _ operations: [CacheOperation] = [], first: Int = 0, rows: Int = 0,
        outputs: [CandidateRequest] = [], sequence: UInt32 = 1, width: Int = 4
    ) -> Frame {
        Frame(
            epoch: epoch, number: number, width: width, operations: operations,
            segments: rows == 0
                ? [] : [Segment(sequence: sequence, firstPosition: first, rowCount: rows, outputs: outputs)],
            rows: [Float](repeating: 0, count: rows * width))
    }

    @Test func rowsFollowTheirBlocks() {
        var state = Self.state()
        let request = CandidateRequest(row: 1, top: 5, extra: [9])
        let action = state.received(Self.frame(0, [.append(sequence: 1, block: 2)], rows: 2, outputs: [request]))
        #expect(
            action
                == .compute(
                    copies: [], runs: [RowRun(table: [2], firstPosition: 0, count: 2)],
                    requests: [CandidateRequest(row: 1, top: 5, extra: [9])]))
        #expect(state.nextNumber == 1)
        #expect(state.tables.blocksUsed == 1)
    }

    @Test func framesOfOtherPlansAreDropped() {
        var state = Self.state()
        #expect(state.received(Self.frame(0, epoch: 6)) == .drop)
        #expect(state.received(Self.frame(0, epoch: 8)) == .drop)
        #expect(state.nextNumber == 0)
    }

    @Test func aMissingFrameIsAFault() {
        var state = Self.state()
        _ = state.received(Self.frame(0))
        guard case .fault(let sentence) = state.received(Self.frame(2)) else { Issue.record("no fault"); return }
        #expect(sentence.contains("frame 1 was lost"))
    }

    static let bad: [(String, Frame)] = [
        ("sequence 1 is not known", frame(0, first: 0, rows: 1)),
        ("KV block 3", frame(0, [.append(sequence: 1, block: 3)])),
        ("its 1 blocks end at 63", frame(0, [.append(sequence: 1, block: 0)], first: 0, rows: 65)),
        ("from position 5 on", frame(0, [.append(sequence: 1, block: 0)], first: 5, rows: 1)),
        ("truncate of sequence 1 to 9", frame(0, [.append(sequence: 1, block: 0), .truncate(sequence: 1, length: 9)])),
        ("is not known", frame(0, [.free(sequence: 4)])),
        ("copy of block 1", frame(0, [.append(sequence: 1, block: 0), .copy(sequence: 1, index: 1, to: 2)])),
        ("started twice", frame(0, [.append(sequence: 1, block: 0), .share(sequence: 1, blocks: [0], length: 1)])),
        ("65 positions on 1 blocks", frame(0, [.share(sequence: 1, blocks: [0], length: 65)])),
        ("rows of 3 values, expected 4", frame(0, [.append(sequence: 1, block: 0)], rows: 1, width: 3)),
        ("rows of 0 values, expected 4", frame(0, [.append(sequence: 1, block: 0)], rows: 1, width: 0)),
    ]

    @Test(arguments: bad)
    func aFrameThatCannotBeAppliedIsAFaultAndChangesNothing(expected: String, frame: Frame) {
        var state = Self.state()
        let before = state
        guard case .fault(let sentence) = state.received(frame) else { Issue.record("no fault"); return }
        #expect(sentence.contains(expected), "\(sentence)")
        #expect(state == before)
    }

    @Test func blocksAreSharedCopiedCutAndFreed() {
        var state = Self.state()
        _ = state.received(Self.frame(0, [.append(sequence: 1, block: 0), .append(sequence: 1, block: 1)], rows: 70))
        _ = state.received(Self.frame(1, [.share(sequence: 2, blocks: [0], length: 64)]))
        #expect(state.tables.blocksUsed == 2)
        let copied = state.received(
            Self.frame(2, [.copy(sequence: 2, index: 0, to: 2)], first: 60, rows: 1, sequence: 2))
        #expect(
            copied
                == .compute(
                    copies: [.init(from: 0, to: 2)], runs: [RowRun(table: [2], firstPosition: 60, count: 1)],
                    requests: []))
        #expect(state.tables.blocksUsed == 3)
        _ = state.received(Self.frame(3, [.truncate(sequence: 1, length: 64), .free(sequence: 2)]))
        #expect(state.tables.blocksUsed == 1)
        // The truncated positions can be written again, but none after them.
        guard case .fault = state.received(Self.frame(4, [.append(sequence: 1, block: 1)], first: 65, rows: 1)) else {
            Issue.record("no fault")
            return
        }
    }
}
