import Testing
import Wire

@testable import Coordinator

/// The coordinator's values: block numbers and frames in flight.
struct BookkeepingTests {
    @Test func blocksAreHandedOutAsPositionsGrow() {
        var blocks = BlockAllocator(blockCount: 3, blockTokens: 64)
        let s = blocks.makeSequence()
        #expect(blocks.grow(s, to: 1) == [.append(sequence: s, block: 0)])
        #expect(blocks.grow(s, to: 64) == [])
        #expect(blocks.grow(s, to: 129) == [.append(sequence: s, block: 1), .append(sequence: s, block: 2)])
        #expect(blocks.grow(s, to: 193) == nil)
        #expect(blocks.freeBlocks == 0)
    }

    @Test func whatIsCutOrEndedIsFreeAgain() {
        var blocks = BlockAllocator(blockCount: 2, blockTokens: 64)
        let a = blocks.makeSequence(), b = blocks.makeSequence()
        _ = blocks.grow(a, to: 128)
        #expect(blocks.grow(b, to: 1) == nil)
        #expect(blocks.truncate(a, to: 64) == [.truncate(sequence: a, length: 64)])
        #expect(blocks.grow(b, to: 1) == [.append(sequence: b, block: 1)])
        #expect(blocks.end(a) == [.free(sequence: a)])
        #expect(blocks.end(b) == [.free(sequence: b)])
        #expect(blocks.freeBlocks == 2)
        #expect(blocks.grow(a, to: 1) == nil)
    }

    @Test func framesInFlightNeverExceedTheCredits() {
        var state = PipelineState(epoch: 3, credits: 2)
        #expect(state.send() == 0 && state.hasCredit)
        #expect(state.send() == 1 && !state.hasCredit)
        #expect(state.received(epoch: 3, number: 0) == .deliver)
        #expect(state.hasCredit && state.inFlight == 1)
    }

    @Test func resultsOfOtherPlansAreIgnoredAndHolesAreFaults() {
        var state = PipelineState(epoch: 3, credits: 4)
        _ = state.send()
        _ = state.send()
        #expect(state.received(epoch: 2, number: 0) == .ignore)
        #expect(state.received(epoch: 3, number: 1) == .fault("frame 0 was lost: the answer to frame 1 came instead"))
        var idle = PipelineState(epoch: 3, credits: 1)
        #expect(idle.received(epoch: 3, number: 0) == .fault("a result for frame 0 came, but no frame is in flight"))
    }
}
