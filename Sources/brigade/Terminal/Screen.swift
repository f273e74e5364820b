import Synchronization

/// The terminal that standard output and standard error share: text that stays, and below it lines of progress that go.
///
/// Whoever writes text need not know of progress: its lines are taken away first. Nor need progress know of text: while
/// an answer's line is unfinished nothing is drawn over it. May be used from any thread.
final class Screen: Sendable {
    static let shared = Screen()

    private struct State {
        /// Lines of progress on the screen, each without its line feed.
        var drawn: [String] = []
        /// Whether the cursor stands behind text of an unfinished line.
        var isWithinLine = false
    }

    private let state = Mutex(State())
    /// Whether progress is shown at all, and whether output goes to the same terminal.
    let showsProgress: Bool
    private let outputIsTerminal: Bool

    private init() {
        showsProgress = Terminal.isTerminal(Terminal.error) && environment("TERM") != "dumb"
        outputIsTerminal = Terminal.isTerminal(Terminal.output)
    }

    /// Draws lines of progress in place of those that are there; as many as fit.
    func show(progress lines: [String]) {
        guard showsProgress else { return }
        state.withLock { state in
            guard !state.isWithinLine else { return }
            let size = Terminal.size(Terminal.error), fitting = Array(lines.prefix(max(size.rows - 1, 1)))
            let text = Self.drawing(fitting, over: state.drawn, columns: size.columns)
            Terminal.write(text, to: Terminal.error)
            state.drawn = fitting
        }
    }

    /// Writes text that stays. False when nobody reads it any more.
    @discardableResult
    func write(_ text: String, to descriptor: Int32) -> Bool {
        guard !text.isEmpty else { return true }
        return state.withLock { state in
            if !state.drawn.isEmpty {
                let columns = Terminal.size(Terminal.error).columns
                Terminal.write(Self.drawing([], over: state.drawn, columns: columns), to: Terminal.error)
                state.drawn = []
            }
            if showsProgress, descriptor == Terminal.error || outputIsTerminal {
                state.isWithinLine = text.last != "\n"
            }
            return Terminal.write(Array(text.utf8), to: descriptor)
        }
    }

    /// What to write to draw these lines over older ones, the cursor being at the end of the last of those.
    ///
    /// In a window that became narrower the older lines take several rows each.
    static func drawing(_ lines: [String], over drawn: [String], columns: Int) -> String {
        let rows = drawn.reduce(0) { $0 + max((displayWidth($1) + columns - 1) / max(columns, 1), 1) }
        let up = rows > 1 ? "\u{1b}[\(rows - 1)A" : ""
        guard !drawn.isEmpty || !lines.isEmpty else { return "" }
        return "\r" + up + "\u{1b}[J" + lines.joined(separator: "\r\n")
    }
}
