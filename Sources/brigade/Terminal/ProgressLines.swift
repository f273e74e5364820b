import Synchronization

/// Several progress lines under each other on standard error, one for each thing under way; silent when that is not a
/// terminal. May be used from any thread.
final class ProgressLines: Sendable {
    private struct State {
        var lines: [(key: String, progress: ProgressState, text: String)] = []
        /// What is typed meanwhile is not to appear among the lines.
        var silence: Silence?
    }

    private final class Silence: Sendable {
        private let use = TerminalSettings.Use(.quiet)
    }

    private let state = Mutex(State())
    private let begin = ContinuousClock.now

    /// Shows that `done` of `total` of the thing called `key` is done.
    func update(_ key: String, done: Int, total: Int, unit: ProgressState.Unit) {
        guard Screen.shared.showsProgress else { return }
        state.withLock { state in
            let index = state.lines.firstIndex { $0.key == key } ?? state.lines.count
            if index == state.lines.count { state.lines.append((key, ProgressState(label: key), "")) }
            let columns = Terminal.size(Terminal.error).columns, now = ContinuousClock.now - begin
            guard
                let text = state.lines[index].progress.update(
                    done: done, total: total, unit: unit, at: now, columns: columns)
            else { return }
            state.lines[index].text = text
            if state.silence == nil { state.silence = Silence() }
            Screen.shared.show(progress: state.lines.map(\.text))
        }
    }

    /// Takes the lines away.
    func finish() {
        state.withLock { state in
            if !state.lines.isEmpty { Screen.shared.show(progress: []) }
            state = State()
        }
    }
}
