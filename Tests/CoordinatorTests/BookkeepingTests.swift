import Testing
import Wire

@testable import Coordinator

/// Accounting of frames in flight.
struct BookkeepingTests {
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

    /// No stage computes while a frame is on a link, so a frame of 512 rows of width 5120 on a link of 1 MB/s must not
    /// count as lost after two seconds.
    @Test func whatTravelsSlowlyIsNotLost() {
        #expect(HeartbeatMonitor.patience(bytes: 0) == 4 && HeartbeatMonitor.patience(bytes: 20_000) == 4)
        #expect(HeartbeatMonitor.patience(bytes: 512 * 5120 * 4) / 2 > 20)
    }
}
