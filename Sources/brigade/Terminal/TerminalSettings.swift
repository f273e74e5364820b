import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// The settings of the terminal at standard input: what this program changes for a while, and puts back however it ends
/// or is stopped.
final class TerminalSettings: Sendable {
    static let shared = TerminalSettings()

    /// What is made of the terminal.
    enum Mode: Sendable {
        /// Typed characters are kept for whoever reads next and not echoed into what is written meanwhile; Ctrl-C and
        /// its like are signals still.
        case quiet
        /// Every key is the editor's, and what is pasted is marked.
        case raw
    }

    /// A mode for the life of the value; raw mode goes before quiet.
    struct Use: ~Copyable {
        private let mode: Mode

        /// Nil when standard input is no terminal that can be set, or is raw already.
        init?(_ mode: Mode) {
            guard TerminalSettings.shared.begin(mode) else { return nil }
            self.mode = mode
        }

        deinit { TerminalSettings.shared.end(mode) }
    }

    private struct State {
        /// What was found, to be put back.
        var original: termios?
        var quiet = 0, isRaw = false
        /// What is in force.
        var mode: Mode?
    }

    private let state = Mutex(State())

    private func begin(_ mode: Mode) -> Bool {
        TerminalSignals.install()
        return state.withLock { state in
            if state.original == nil {
                var found = termios()
                guard Terminal.isTerminal(Terminal.input), tcgetattr(Terminal.input, &found) == 0 else { return false }
                state.original = found
            }
            switch mode {
            case .quiet: state.quiet += 1
            case .raw where state.isRaw: return false
            case .raw: state.isRaw = true
            }
            apply(&state)
            return true
        }
    }

    private func end(_ mode: Mode) {
        state.withLock { state in
            switch mode {
            case .quiet: state.quiet -= 1
            case .raw: state.isRaw = false
            }
            apply(&state)
            if state.mode == nil { state.original = nil }
        }
    }

    /// Puts back what was found, until `resume`. Does nothing while another thread is at it.
    func restore() {
        _ = state.withLockIfAvailable { state in
            if state.mode != nil { set(nil, &state) }
        }
    }

    /// After the process was stopped: the shell had its own settings.
    func resume() {
        state.withLock { state in
            state.mode = nil
            apply(&state)
        }
    }

    private func apply(_ state: inout State) {
        let wanted: Mode? = state.isRaw ? .raw : state.quiet > 0 ? .quiet : nil
        if wanted != state.mode { set(wanted, &state) }
    }

    private func set(_ mode: Mode?, _ state: inout State) {
        // Whoever sets the terminal from the background is stopped for it.
        guard var settings = state.original, Self.isForeground else { return }
        var raw = settings
        cfmakeraw(&raw)
        switch mode {
        case nil: break
        case .quiet:
            settings.c_lflag &= ~tcflag_t(ECHO | ICANON)
            settings.c_lflag |= tcflag_t(NOFLSH)  // Ctrl-C loses neither what was typed nor what is being shown
            settings.c_cc = raw.c_cc  // a byte at a time
        case .raw:
            raw.c_oflag = settings.c_oflag  // other threads may print lines meanwhile
            settings = raw
        }
        // Not after what is still to be written: a terminal that is held by Ctrl-S would hold the program's end.
        tcsetattr(Terminal.input, TCSANOW, &settings)
        if (mode == .raw) != (state.mode == .raw) {
            Terminal.write(mode == .raw ? "\u{1b}[?2004h" : "\u{1b}[?2004l", to: Terminal.output)
        }
        state.mode = mode
    }

    private static var isForeground: Bool {
        let group = tcgetpgrp(Terminal.input)
        return group < 0 || group == getpgrp()
    }
}
