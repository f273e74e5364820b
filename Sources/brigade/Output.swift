import Foundation

/// Standard error as a stream to print to.
struct StandardError: TextOutputStream, Sendable {
    mutating func write(_ string: String) { Screen.shared.write(string, to: Terminal.error) }
}

nonisolated(unsafe) var standardError = StandardError()

/// Writes for people to standard output, at once and without waiting for a line's end. What comes from files and peers
/// needs no care: see `harmless`.
func emit(_ text: String) { check(Screen.shared.write(text, to: Terminal.output)) }

/// Writes what programs read as well, such as an answer: as it is, unless it goes to a terminal.
func emit(verbatim text: String, dimmed: Bool = false) {
    check(Screen.shared.write(text, to: Terminal.output, verbatim: true, dimmed: dimmed))
}

/// Ends the program when standard output could not be written to: when nobody reads it any more, as behind `| head -1`,
/// as a signal would end it; else with one error. Nothing is left behind.
private func check(_ failure: Int32) {
    guard failure != 0 else { return }
    if failure == EPIPE { ExitHandlers.shared.leave(128 + SIGPIPE, saying: {}) }
    let reason = failure == EBADF ? "it is closed" : String(cString: strerror(failure))
    ExitHandlers.shared.leave(74) {  // EX_IOERR of sysexits.h
        say("error: standard output cannot be written to: \(reason)")
    }
}

/// Runs blocking work on a thread of its own.
func onOwnThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { done in Thread { done.resume(returning: body()) }.start() }
}

/// A number of bytes as people read it: "1.04 GiB".
func readable(_ bytes: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(bytes), unit = 0
    while value >= 1024, unit < units.count - 1 {
        value /= 1024
        unit += 1
    }
    return unit == 0 ? "\(bytes) B" : String(format: "%.2f %@", value, units[unit])
}

/// Writes a value as JSON with sorted keys.
func emit(json value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    emit(json: String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// Writes a JSON text, with escapes for what a terminal would obey or `harmless` change: it can stand in strings only.
func emit(json text: String) {
    guard harmless(text) != text else { return emit(verbatim: text + "\n") }
    let escaped = text.unicodeScalars.reduce(into: "") { result, scalar in
        let isHarmless = scalar == "\n" || harmless(String(scalar)) == String(scalar)
        result += isHarmless ? String(scalar) : String(format: "\\u%04x", scalar.value)
    }
    emit(verbatim: escaped + "\n")
}
