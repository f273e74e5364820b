#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// Asks for lines at the terminal, with editing and history; reads plain lines where there is no terminal.
///
/// Blocks its thread while it waits for a key. The terminal is in raw mode only within `readLine`.
struct LineEditor {
    /// What came.
    enum Line: Equatable, Sendable {
        /// A line, without its newline. Pasted text may have newlines within.
        case text(String)
        /// Ctrl-C on an empty line; show `exitHint`.
        case interrupted
        /// Ctrl-D on an empty line, or the end of the input.
        case end
    }

    /// What to tell a person who presses ctrl-C on an empty line.
    static let exitHint = "Use Ctrl + d or /bye to exit."

    /// Earlier lines.
    var history: LineHistory
    /// Whether a person is at the keyboard and sees what is typed.
    let isInteractive: Bool
    private var parser = KeyParser()
    private var unread: ArraySlice<UInt8> = []  // typed ahead
    private var hasAsked = false  // what the terminal is

    /// An editor on standard input and output.
    init(history: LineHistory = LineHistory()) {
        self.history = history
        isInteractive =
            Terminal.isTerminal(Terminal.input) && Terminal.isTerminal(Terminal.output) && environment("TERM") != "dumb"
    }

    /// Shows `prompt` and reads a line. Rows after a pasted newline begin with `continuation`.
    mutating func readLine(prompt: String = ">>> ", continuation: String = "... ") -> Line {
        guard isInteractive, let raw = TerminalSettings.Use(.raw) else {
            if Terminal.isTerminal(Terminal.output) { Terminal.write(prompt, to: Terminal.output) }
            return Swift.readLine().map { .text($0) } ?? .end
        }
        defer { _ = raw }  // until the end
        TerminalSignals.beginEditing()
        defer { TerminalSignals.endEditing() }
        if !hasAsked { Terminal.write(TerminalIdentity.question, to: Terminal.output) }
        hasAsked = true
        var buffer = LineBuffer(history: history.lines)
        func show(clearing: Bool = false) {
            let size = Terminal.size(Terminal.output)
            let layout = LineLayout(
                prompt: prompt, continuation: continuation, text: buffer.text, cursor: buffer.cursor,
                columns: size.columns
            ).window(height: size.rows)
            Screen.shared.show(line: layout, columns: size.columns, rows: size.rows, clearing: clearing)
        }
        func showUnlessShown() {
            let size = Terminal.size(Terminal.output)
            if !Screen.shared.showsLine(columns: size.columns, rows: size.rows) { show() }
        }
        /// Leaves the line as it is and goes below it.
        func leave() {
            _ = buffer.apply(.end)
            show()
            Screen.shared.endLine()
        }
        func suspend(group: Bool) {
            leave()
            TerminalSignals.stop(group: group)
            show()
        }
        show()
        while let event = nextEvent() {
            switch event {
            case .woken(.redraw): showUnlessShown()
            case .woken(.suspend): suspend(group: false)
            case .byte(let byte):
                guard let key = parser.feed(byte) else { continue }
                if case .identity(let terminal) = key { Screen.shared.learn(terminal) }
                switch buffer.apply(key) {
                case .unchanged: break
                case .changed: if unread.isEmpty { show() }  // what is typed ahead is shown at once
                case .clearScreen: show(clearing: true)
                case .submitted(let text):
                    leave()
                    history.add(text)
                    return .text(text)
                case .interrupted:
                    leave()
                    return .interrupted
                case .ended:
                    leave()
                    return .end
                case .suspend: suspend(group: true)
                }
            }
        }
        leave()
        return .end
    }

    private enum Event { case byte(UInt8), woken(TerminalSignals.Reason) }

    /// The next byte of a key, or what is to be done meanwhile; nil at the end of the input.
    private mutating func nextEvent() -> Event? {
        while unread.isEmpty {
            var ready = [
                pollfd(fd: Terminal.input, events: Int16(POLLIN), revents: 0),
                pollfd(fd: TerminalSignals.wakings, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&ready, 2, -1) > 0 else {
                if errno == EINTR || errno == EAGAIN { continue }
                return nil
            }
            if ready[1].revents != 0, let reason = TerminalSignals.reason() { return .woken(reason) }
            guard ready[0].revents != 0 else { continue }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(Terminal.input, &bytes, 4096)
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard count > 0 else { return nil }
            unread = bytes[..<count]
        }
        return unread.popFirst().map { .byte($0) }
    }
}
