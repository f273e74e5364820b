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

    /// An editor on standard input and output.
    init(history: LineHistory = LineHistory()) {
        self.history = history
        isInteractive =
            Terminal.isTerminal(Terminal.input) && Terminal.isTerminal(Terminal.output) && environment("TERM") != "dumb"
    }

    /// Shows `prompt` and reads a line. Rows after a pasted newline begin with `continuation`.
    mutating func readLine(prompt: String = ">>> ", continuation: String = "... ") -> Line {
        fflush(nil)  // what was printed stands before the prompt
        guard isInteractive, var raw = RawMode() else {
            if Terminal.isTerminal(Terminal.output) { Terminal.write(prompt, to: Terminal.output) }
            return Swift.readLine().map { .text($0) } ?? .end
        }
        var buffer = LineBuffer(history: history.lines)
        var shownRow = 0
        func show(_ start: String = "") {
            let size = Terminal.size(Terminal.output)
            let layout = LineLayout(
                prompt: prompt, continuation: continuation, text: buffer.text, cursor: buffer.cursor,
                columns: size.columns
            ).window(height: size.rows)
            Terminal.write(start + Self.drawing(layout, from: shownRow), to: Terminal.output)
            shownRow = layout.cursorRow
        }
        /// Leaves the line as it is and goes below it.
        func leave() {
            _ = buffer.apply(.end)
            show()
            Terminal.write("\r\n", to: Terminal.output)
        }
        show()
        while let byte = nextByte() {
            guard let key = parser.feed(byte) else { continue }
            switch buffer.apply(key) {
            case .unchanged: break
            case .changed: if unread.isEmpty { show() }  // what is typed ahead is shown at once
            case .clearScreen:
                shownRow = 0
                show("\u{1b}[H\u{1b}[2J")
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
            case .suspend:
                leave()
                raw.suspend()
                shownRow = 0
                show()
            }
        }
        leave()
        return .end
    }

    private mutating func nextByte() -> UInt8? {
        while unread.isEmpty {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(Terminal.input, &bytes, 4096)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            unread = bytes[..<count]
        }
        return unread.removeFirst()
    }

    /// The bytes that replace what is shown by `layout`, the cursor being on the row `row` of what is shown.
    static func drawing(_ layout: LineLayout, from row: Int) -> String {
        var text = row > 0 ? "\r\u{1b}[\(row)A" : "\r"
        text += "\u{1b}[J" + layout.rows.joined(separator: "\r\n")
        let up = layout.rows.count - 1 - layout.cursorRow
        if up > 0 { text += "\u{1b}[\(up)A" }
        text += "\r"
        if layout.cursorColumn > 0 { text += "\u{1b}[\(layout.cursorColumn)C" }
        return text
    }
}
