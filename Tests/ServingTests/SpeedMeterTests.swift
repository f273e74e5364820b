import Testing

@testable import Serving

@Suite struct SpeedMeterTests {
    /// A meter with a token every `interval` seconds from `begin` until `end`.
    private func meter(from begin: Double, to end: Double, every interval: Double) -> SpeedMeter {
        var meter = SpeedMeter(), at = begin
        while at <= end {
            meter.add(at: at)
            at += interval
        }
        return meter
    }

    @Test(arguments: [1.0, 2, 3, 5, 7.5, 20]) func theSpeedIsRightFromTheFirstSecondOn(seconds: Double) {
        let rate = meter(from: 100, to: 100 + seconds, every: 0.1).rate(at: 100 + seconds)
        #expect(abs(rate - 10) < 1, "\(rate)")
    }

    @Test func aPauseDoesNotCount() {
        var meter = meter(from: 0, to: 2, every: 0.1)
        meter.pause()
        for i in 0...10 { meter.add(at: 4 + Double(i) * 0.1) }
        #expect(abs(meter.rate(at: 5) - 10) < 1)
        // While an answer runs, a gap counts as slowness.
        var slow = self.meter(from: 0, to: 2, every: 0.1)
        for i in 0...10 { slow.add(at: 4 + Double(i) * 0.1) }
        #expect(slow.rate(at: 5) < 8)
    }

    @Test func itFallsToNothingWhenNothingComes() {
        let meter = meter(from: 0, to: 10, every: 0.1)
        #expect(meter.rate(at: 12.5) < 7 && meter.rate(at: 16) == 0 && SpeedMeter().rate(at: 3) == 0)
    }

    @Test func oneTokenIsNoSpeed() {
        var meter = SpeedMeter()
        meter.add(at: 1)
        #expect(meter.rate(at: 1.5) == 0)
    }
}
