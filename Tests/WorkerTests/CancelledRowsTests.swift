import Candidates
import Testing
import Transformer
import Wire

@testable import Worker

/// Which rows a stage need not compute.
struct SkipListTests {
    static func list() -> CancelledRows {
        var list = CancelledRows()
        list.begin(7)
        return list
    }

    @Test func anEntryIsTakenWithItsFrame() {
        var list = Self.list()
        list.add([.init(frame: 2, sequence: 4), .init(frame: 2, sequence: 5), .init(frame: 3, sequence: 4)], epoch: 7)
        #expect(list.take(0, epoch: 7).isEmpty && list.take(1, epoch: 7).isEmpty)
        #expect(list.take(2, epoch: 7) == [4, 5])
        #expect(list.take(3, epoch: 7) == [4])
        #expect(list.take(4, epoch: 7).isEmpty && list.count == 0)
    }

    @Test func whatComesLateOrForAnotherPlanOrFromFarAheadDoesNothing() {
        var list = Self.list()
        list.add([.init(frame: 0, sequence: 1)], epoch: 6)
        #expect(list.count == 0)
        #expect(list.take(0, epoch: 7).isEmpty && list.take(1, epoch: 7).isEmpty)
        list.add(
            [.init(frame: 0, sequence: 1), .init(frame: 1, sequence: 1), .init(frame: .max, sequence: 1)], epoch: 7)
        list.add([.init(frame: 2 + CancelledRows.farthest, sequence: 1)], epoch: 7)
        #expect(list.count == 0)
        list.add([.init(frame: 2, sequence: 1)], epoch: 7)
        list.begin(8)
        #expect(list.count == 0 && list.take(2, epoch: 8).isEmpty)
    }

    @Test func itStaysBounded() {
        var list = Self.list()
        for frame in 0..<3000 as Range<UInt64> {
            list.add((0..<2000).map { .init(frame: frame, sequence: $0) }, epoch: 7)
        }
        #expect(list.count == Int(CancelledRows.farthest) * CancelledRows.mostOfFrame)
    }

    /// Sequences 1 and 2 in one frame, of which 1 is cancelled.
    @Test func cancelledRowsAreNotComputedButTheirTableGrows() throws {
        var state = StageState(epoch: 7, width: 2, kvBlocks: 4, blockTokens: 64)
        var frame = Frame(
            epoch: 7, number: 0, width: 2,
            operations: [.append(sequence: 1, block: 3), .append(sequence: 2, block: 1)],
            segments: [
                Segment(sequence: 1, firstPosition: 0, rowCount: 2, outputs: [CandidateRequest(row: 1, top: 5)]),
                Segment(sequence: 2, firstPosition: 0, rowCount: 1, outputs: [CandidateRequest(row: 0, top: 3)]),
            ], rows: [1, 2, 3, 4, 5, 6])
        frame.cancel([1, 9])
        #expect(frame.rows == [5, 6] && frame.rowCount == 1 && frame.segments.map(\.isCancelled) == [true, false])
        // The next stages see the same, even if they were not told.
        let arrived = try Frame(decoding: frame.encode())
        #expect(arrived == frame)
        #expect(
            state.received(arrived)
                == .compute(
                    copies: [], runs: [RowRun(table: [1], firstPosition: 0, count: 1)],
                    requests: [CandidateRequest(row: 0, top: 3, extra: [])]))
        let next = Frame(
            epoch: 7, number: 1, width: 2, operations: [.truncate(sequence: 1, length: 1)],
            segments: [Segment(sequence: 1, firstPosition: 1, rowCount: 1)], rows: [7, 8])
        #expect(
            state.received(next)
                == .compute(copies: [], runs: [RowRun(table: [3], firstPosition: 1, count: 1)], requests: []))
    }
}
