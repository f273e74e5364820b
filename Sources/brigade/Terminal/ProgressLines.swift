import Synchronization

/// Several progress lines under each other on standard error, one for each thing under way; silent when that is not a
/// terminal. May be used from any thread.
final class ProgressLines: Sendable {
    private let lines = Mutex<[(key: String, progress: ProgressState, text: String)]>([])
    private let begin = ContinuousClock.now

    /// Shows that `done` of `total` of the thing called `key` is done.
    func update(_ key: String, done: Int, total: Int, unit: ProgressState.Unit) {
        guard Screen.shared.showsProgress else { return }
        lines.withLock { lines in
            let index = lines.firstIndex { $0.key == key } ?? lines.count
            if index == lines.count { lines.append((key, ProgressState(label: key), "")) }
            let columns = Terminal.size(Terminal.error).columns, now = ContinuousClock.now - begin
            guard
                let text = lines[index].progress.update(done: done, total: total, unit: unit, at: now, columns: columns)
            else { return }
            lines[index].text = text
            Screen.shared.show(progress: lines.map(\.text))
        }
    }

    /// Takes the lines away.
    func finish() {
        lines.withLock { lines in
            if !lines.isEmpty { Screen.shared.show(progress: []) }
            lines = []
        }
    }
}
