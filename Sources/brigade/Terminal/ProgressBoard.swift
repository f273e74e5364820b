import Synchronization

/// Several progress lines under each other on standard error, one for each thing under way; silent when that is not a
/// terminal. May be used from any thread.
final class ProgressBoard: Sendable {
    private struct State {
        var lines: [(key: String, progress: ProgressState, text: String)] = []
        /// Lines on the screen now.
        var drawn = 0
    }

    private let state = Mutex(State())
    private let isShown: Bool
    private let begin = ContinuousClock.now

    init() { isShown = Terminal.isTerminal(Terminal.error) && environment("TERM") != "dumb" }

    /// Shows that `done` of `total` of the thing called `key` is done.
    func update(_ key: String, done: Int, total: Int, unit: ProgressState.Unit) {
        guard isShown else { return }
        state.withLock { state in
            let index = state.lines.firstIndex { $0.key == key } ?? state.lines.count
            if index == state.lines.count { state.lines.append((key, ProgressState(label: key), "")) }
            let size = Terminal.size(Terminal.error)
            guard
                let text = state.lines[index].progress.update(
                    done: done, total: total, unit: unit, at: ContinuousClock.now - begin, columns: size.columns)
            else { return }
            state.lines[index].text = text
            Terminal.write(
                Self.drawing(state.lines.map(\.text), over: state.drawn, rows: size.rows), to: Terminal.error)
            state.drawn = min(state.lines.count, max(size.rows - 1, 1))
        }
    }

    /// Takes the lines away.
    func finish() {
        guard isShown else { return }
        state.withLock { state in
            Terminal.write(Self.drawing([], over: state.drawn, rows: 2), to: Terminal.error)
            state = State()
        }
    }

    /// What to write to draw these lines over `drawn` older ones; as many as the screen has room for.
    static func drawing(_ lines: [String], over drawn: Int, rows: Int) -> String {
        let up = drawn > 0 ? "\u{1b}[\(drawn)A" : ""
        return up + "\r\u{1b}[J" + lines.prefix(max(rows - 1, 1)).map { $0 + "\n" }.joined()
    }
}
