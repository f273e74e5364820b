import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// What must be undone, for handlers that can be given nothing. The settings are written before `isRaw` is set and not
/// again while it is, and a lock-free atomic may be read in a signal handler.
nonisolated(unsafe) private var settingsToRestore = termios()
private let isRaw = Atomic<Bool>(false)
private let pasteOn = Array("\u{1b}[?2004h".utf8)
private let pasteOff = Array("\u{1b}[?2004l".utf8)

/// Raw mode of standard input with bracketed paste, for the life of the value.
///
/// However the process ends meanwhile, by `exit` on another thread or by a signal the program does not handle itself,
/// the terminal is restored.
struct RawMode: ~Copyable {
    /// Nil when standard input is not a terminal that can be set.
    init?() {
        var settings = termios()
        guard tcgetattr(Terminal.input, &settings) == 0 else { return nil }
        guard !isRaw.load(ordering: .acquiring) else { return nil }
        settingsToRestore = settings
        _ = Self.handlers
        Self.enter(settings)
    }

    deinit { Self.restore() }

    /// Restores the terminal, stops the process as ctrl-Z does, and enters raw mode again when it is continued.
    mutating func suspend() {
        let settings = settingsToRestore
        Self.restore()
        raise(SIGTSTP)
        Self.enter(settings)
    }

    private static func enter(_ settings: termios) {
        isRaw.store(true, ordering: .releasing)
        var raw = settings
        cfmakeraw(&raw)
        raw.c_oflag = settings.c_oflag  // other threads may print lines meanwhile
        tcsetattr(Terminal.input, TCSADRAIN, &raw)
        Terminal.write(pasteOn, to: Terminal.output)
    }

    private static func restore() {
        guard isRaw.exchange(false, ordering: .acquiringAndReleasing) else { return }
        var settings = settingsToRestore
        tcsetattr(Terminal.input, TCSADRAIN, &settings)
        Terminal.write(pasteOff, to: Terminal.output)
    }

    /// Installed once. A signal that the program handles or ignores stays the program's.
    private static let handlers: Void = {
        atexit { RawMode.restore() }
        for number in [SIGHUP, SIGTERM, SIGQUIT] {
            let previous = signal(number) { number in
                RawMode.restore()
                signal(number, SIG_DFL)
                raise(number)
            }
            if let previous { signal(number, previous) }
        }
    }()
}
