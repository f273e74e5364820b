import Foundation
import Synchronization

// For handlers, which can be given nothing. Written once, before the handlers are installed.
nonisolated(unsafe) private var signalPipe: (read: Int32, write: Int32) = (-1, -1)
nonisolated(unsafe) private var editorPipe: (read: Int32, write: Int32) = (-1, -1)

/// What becomes of the signals that belong to a terminal: that it stops the program, that it lets it go on, and that its
/// window has another size.
enum TerminalSignals {
    /// What an editor that waits for a key is woken for.
    enum Reason: UInt8 {
        /// Its line may not be on the screen any more, or not as it was.
        case redraw
        /// The process is to stop; the editor does it, once its line is left.
        case suspend
    }

    private static let editors = Atomic(0)
    /// Whether the next continuation follows upon a stop of which we knew.
    private static let wasToldToStop = Atomic(false)

    /// Takes the signals over, once.
    static func install() { _ = installed }

    private static let installed: Void = {
        signalPipe = unblockingPipe()
        editorPipe = unblockingPipe()
        atexit {
            Screen.shared.leave()
            TerminalSettings.shared.restore()
        }
        let thread = Thread { run() }
        thread.name = "brigade-terminal"
        thread.start()
        for number in [SIGWINCH, SIGCONT, SIGTSTP] { signal(number, note) }
    }()

    /// The handler of all of them.
    private static let note: @convention(c) (Int32) -> Void = { number in
        let before = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(signalPipe.write, &byte, 1)
        errno = before
    }

    private static func run() {
        while let byte = next(of: signalPipe.read) {
            switch Int32(byte) {
            case SIGTSTP: editors.load(ordering: .acquiring) > 0 ? wakeEditor(.suspend) : stop()
            case SIGCONT:
                // Who stops without notice finds the terminal as others left it.
                if !wasToldToStop.exchange(false, ordering: .acquiringAndReleasing) { Screen.shared.forget() }
                TerminalSettings.shared.resume()
                wakeEditor(.redraw)
            default: wakeEditor(.redraw)
            }
        }
    }

    /// Gives the terminal back and stops this process, and with `group` all that belong to the same command; returns
    /// when it goes on, or at once where nobody could let it go on.
    static func stop(group: Bool = false) {
        Screen.shared.leave()
        TerminalSettings.shared.restore()
        wasToldToStop.store(true, ordering: .releasing)
        if group {
            signal(SIGTSTP, SIG_IGN)
            kill(0, SIGTSTP)
        }
        signal(SIGTSTP, SIG_DFL)
        var own = sigset_t()
        sigemptyset(&own)
        sigaddset(&own, SIGTSTP)
        pthread_sigmask(SIG_UNBLOCK, &own, nil)
        raise(SIGTSTP)  // to this thread, which therefore stops before the next line
        signal(SIGTSTP, note)
        Screen.shared.resume()
        TerminalSettings.shared.resume()
    }

    // MARK: The editor

    /// Where an editor hears of what it is woken for, a byte each; it tells when it begins and ends to listen.
    static var wakings: Int32 { editorPipe.read }

    static func beginEditing() {
        install()
        while next(of: editorPipe.read, waits: false) != nil {}
        editors.add(1, ordering: .acquiringAndReleasing)
    }

    static func endEditing() { editors.subtract(1, ordering: .acquiringAndReleasing) }

    /// Why the editor was woken, if it was.
    static func reason() -> Reason? { next(of: editorPipe.read, waits: false).flatMap(Reason.init) }

    static func wakeEditor(_ reason: Reason) {
        guard editors.load(ordering: .acquiring) > 0 else { return }
        var byte = reason.rawValue
        _ = write(editorPipe.write, &byte, 1)
    }

    // MARK: Pipes

    /// A pipe that no child inherits and whose ends never block.
    private static func unblockingPipe() -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return (-1, -1) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        return (ends[0], ends[1])
    }

    private static func next(of descriptor: Int32, waits: Bool = true) -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = read(descriptor, &byte, 1)
            if count == 1 { return byte }
            guard count < 0, errno == EINTR || errno == EAGAIN else { return nil }
            if errno == EINTR { continue }
            guard waits else { return nil }
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(&ready, 1, -1)
        }
    }
}
