import Synchronization

/// The terminal that standard output and standard error share: text that stays, and below it what goes again: lines of
/// progress, or the line that a person edits.
///
/// Whoever writes text need know of neither: they are taken away first. Nor need progress know of text: while an
/// answer's line is unfinished nothing is drawn over it. May be used from any thread.
final class Screen: Sendable {
    static let shared = Screen()

    /// An edited line as it was drawn.
    private struct ShownLine {
        var layout: LineLayout, columns: Int, rows: Int
        /// Whether it was taken away for text, or others may have written over it.
        var isGone = false
    }

    private struct State {
        /// Whether there are lines of progress. The cursor then stands at the beginning of the first.
        var hasProgress = false
        /// Whether the cursor stands behind text of an unfinished line.
        var isWithinLine = false
        /// The line that is edited.
        var line: ShownLine?
        /// Whether the process is being stopped: then nothing may be drawn that would stay.
        var isPaused = false
        /// Whether lines are broken anew when the window becomes narrower; else they are cut off.
        var reflows = false
    }

    /// Wipes from the row of the cursor on: that row, then all from its second column. In tmux what is wiped from the
    /// first column of the first row is kept as if it had scrolled out, and a row that is wiped in part stays as long as
    /// it was, which shows when the window becomes narrower.
    private static let wipe = "\r\u{1b}[2K \u{1b}[J\r"

    private let state = Mutex(State())
    /// Whether progress is shown at all.
    let showsProgress: Bool
    private let outputIsTerminal: Bool
    /// Whether what goes to standard output may come to this screen: it does so through a pipe as well, as of `| cat`.
    private let outputMayShow: Bool

    private init() {
        showsProgress = Terminal.isTerminal(Terminal.error) && environment("TERM") != "dumb"
        outputIsTerminal = Terminal.isTerminal(Terminal.output)
        outputMayShow = outputIsTerminal || Terminal.isPipe(Terminal.output)
    }

    // MARK: Text that stays

    /// Writes text that stays; 0, or the number of the error. Characters that would command a terminal are made visible,
    /// unless `verbatim` text goes elsewhere.
    @discardableResult
    func write(_ text: String, to descriptor: Int32, verbatim: Bool = false, dimmed: Bool = false) -> Int32 {
        let isOutput = descriptor == Terminal.output
        let isHere = isOutput ? outputIsTerminal : Terminal.isTerminal(descriptor)
        let text = verbatim && !isHere ? text : harmless(text)
        guard !text.isEmpty else { return 0 }
        return state.withLock { state in
            if isOutput ? outputMayShow : isHere {
                takeAway(&state)
                state.isWithinLine = text.utf8.last != UInt8(ascii: "\n")
            }
            let failure = Terminal.write(Array((dimmed ? "\u{1b}[2m\(text)\u{1b}[0m" : text).utf8), to: descriptor)
            if state.line != nil, isHere { TerminalSignals.wakeEditor(.redraw) }
            return failure
        }
    }

    /// Goes to a new line where one is begun, so that what follows stands on a line of its own.
    func endUnfinishedLine() {
        let isUnfinished = state.withLock { $0.isWithinLine && outputIsTerminal } || !outputIsTerminal
        if isUnfinished { write("\n", to: Terminal.output) }
    }

    /// Makes room for text: what is drawn goes, and the cursor stands where it began.
    private func takeAway(_ state: inout State) {
        if state.hasProgress {
            Terminal.write(Self.wipe, to: Terminal.error)
            state.hasProgress = false
        }
        if let line = state.line {
            Terminal.write(Self.drawing(nil, from: row(of: line, state.reflows)), to: Terminal.output)
            leaveGap(&state)
        }
    }

    private func leaveGap(_ state: inout State) {
        state.line?.layout = LineLayout.none
        state.line?.isGone = true
    }

    // MARK: Progress

    /// Draws lines of progress in place of those that are there; as many as fit, and as much of them.
    func show(progress lines: [String]) {
        guard showsProgress else { return }
        state.withLock { state in
            guard !state.isWithinLine, state.line == nil, !state.isPaused, state.hasProgress || !lines.isEmpty else {
                return
            }
            let size = Terminal.size(Terminal.error)
            Terminal.write(Self.drawing(progress: lines, columns: size.columns, rows: size.rows), to: Terminal.error)
            state.hasProgress = !lines.isEmpty
        }
    }

    /// What to write to draw these lines from the row of the cursor on.
    ///
    /// The cursor comes back to where it was: wherever a window that is resized moves the lines, and however it breaks
    /// them, the cursor goes with the first character, and everything from there on is theirs.
    static func drawing(progress lines: [String], columns: Int, rows: Int) -> String {
        // The last column is left alone: some terminals wrap there.
        let fitting = lines.prefix(max(rows - 1, 1)).map { shortened(oneLine($0), to: max(columns - 1, 1), mark: "") }
        let up = fitting.count > 1 ? "\u{1b}[\(fitting.count - 1)A" : ""
        return wipe + fitting.joined(separator: "\r\n") + up + (fitting.isEmpty ? "" : "\r")
    }

    // MARK: The line that is edited

    /// Whether the line is there as it was drawn, in a window of this size. To draw it once more does no good: the window
    /// may change meanwhile.
    func showsLine(columns: Int, rows: Int) -> Bool {
        state.withLock { state in
            guard let line = state.line else { return false }
            return !line.isGone && line.columns == columns && line.rows == rows
        }
    }

    /// Draws the line for a window of this size in place of the one that is there. `clearing`: on an empty screen.
    func show(line layout: LineLayout, columns: Int, rows: Int, clearing: Bool = false) {
        state.withLock { state in
            let row = clearing ? 0 : state.line.map { self.row(of: $0, state.reflows) } ?? 0
            let start = clearing ? "\u{1b}[H\u{1b}[2J" : state.isWithinLine ? "\r\n" : ""
            Terminal.write(start + Self.drawing(layout, from: row), to: Terminal.output)
            state.line = ShownLine(layout: layout, columns: columns, rows: rows)
            state.isWithinLine = false
        }
    }

    /// The line is done; what follows goes below it.
    func endLine() {
        state.withLock { state in
            if state.line != nil { Terminal.write("\r\n", to: Terminal.output) }
            state.line = nil
        }
    }

    /// Notes what the terminal said of itself.
    func learn(_ terminal: TerminalIdentity) { state.withLock { $0.reflows = terminal.reflows } }

    /// How many rows above the cursor the line begins, in the window as it is now.
    private func row(of line: ShownLine, _ reflows: Bool) -> Int {
        let columns = Terminal.size(Terminal.output).columns
        return reflows && columns < line.columns ? line.layout.cursorRow(brokenAt: columns) : line.layout.cursorRow
    }

    /// What to write to draw `layout` over a line whose cursor is on its row `row`; nil: to take that line away.
    static func drawing(_ layout: LineLayout?, from row: Int) -> String {
        var text = (row > 0 ? "\r\u{1b}[\(row)A" : "") + wipe
        guard let layout else { return text }
        text += layout.rows.joined(separator: "\r\n")
        let up = layout.rows.count - 1 - layout.cursorRow
        if up > 0 { text += "\u{1b}[\(up)A" }
        text += "\r"
        if layout.cursorColumn > 0 { text += "\u{1b}[\(layout.cursorColumn)C" }
        return text
    }

    // MARK: Others on the same screen

    /// Before the process stops or ends: what goes is taken away until `resume`, and what others write begins on a line
    /// of its own. Does nothing while another thread is about to write, which may be held up for good.
    func leave() {
        _ = state.withLockIfAvailable { state in
            state.isPaused = true
            if state.hasProgress { Terminal.write(Self.wipe, to: Terminal.error) }
            if state.line != nil || state.isWithinLine && outputIsTerminal {
                Terminal.write("\r\n", to: Terminal.output)
            }
            state.hasProgress = false
            state.line = nil
            state.isWithinLine = false
        }
    }

    /// The process goes on.
    func resume() { state.withLock { $0.isPaused = false } }

    /// The process was stopped without notice: others may have written, and the cursor is where they left it.
    func forget() {
        state.withLock { state in
            state.hasProgress = false
            leaveGap(&state)
        }
    }
}
