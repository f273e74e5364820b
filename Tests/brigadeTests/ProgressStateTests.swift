import Testing

@testable import brigade

struct ProgressStateTests {
    @Test func showsShareRateAndTimeLeft() {
        var state = ProgressState(label: "sending")
        #expect(
            state.update(done: 0, total: 4_000_000, unit: .bytes, at: .seconds(5), columns: 40)
                == "sending [                        ]   0%")
        #expect(
            state.update(done: 1_000_000, total: 4_000_000, unit: .bytes, at: .seconds(7), columns: 60)
                == "sending [#######                       ]  25%  500 kB/s  6s")
    }

    @Test(
        arguments: [
            (.tokens, "x [##########          ]  50%  50.0 tokens/s  2s"),
            (.count, "x [##########          ]  50%  100/200  2s"),
            (.none, "x [##########          ]  50%  2s"),
        ] as [(ProgressState.Unit, String)])
    func countsInItsUnit(_ unit: ProgressState.Unit, _ line: String) {
        var state = ProgressState(label: "x")
        _ = state.update(done: 0, total: 200, unit: unit, at: .zero, columns: 80)
        let columns = line.count + 1
        #expect(state.update(done: 100, total: 200, unit: unit, at: .seconds(2), columns: columns) == line)
    }

    @Test func redrawsTenTimesASecondAtMost() {
        var state = ProgressState(label: "x")
        var drawn = 0
        for i in 0..<1000
        where state.update(done: i, total: 1000, unit: .none, at: .milliseconds(i), columns: 80) != nil { drawn += 1 }
        #expect(drawn == 10)
    }

    @Test(arguments: [-1, 0, 1, 10, 20, 30, 79, 200])
    func neverFillsTheLastColumn(_ columns: Int) {
        var state = ProgressState(label: "loading 水")
        _ = state.update(done: 0, total: 9, unit: .count, at: .zero, columns: columns)
        let line = state.update(done: 5, total: 9, unit: .count, at: .seconds(3), columns: columns)
        #expect(displayWidth(line ?? "") < max(columns, 11))
    }

    @Test func survivesNumbersThatMakeNoSense() {
        for (done, total) in [(0, 0), (5, 0), (10, 5), (-3, 5), (.max, .max), (.min, .max)] {
            var state = ProgressState(label: "x")
            for unit in [ProgressState.Unit.bytes, .tokens, .count, .none] {
                _ = state.update(done: 0, total: total, unit: unit, at: .zero, columns: 80)
                let line = state.update(done: done, total: total, unit: unit, at: .seconds(1), columns: 80)
                #expect(line?.contains("%") == true)
                state = ProgressState(label: "x")
            }
        }
    }

    @Test(arguments: [
        (0.2, "1s"), (59, "59s"), (60, "1m00s"), (3599, "59m59s"), (7500, "2h05m"), (1e9, "--"), (.infinity, "--"),
    ])
    func writesTimes(_ seconds: Double, _ text: String) {
        #expect(ProgressState.time(seconds) == text)
    }
}
