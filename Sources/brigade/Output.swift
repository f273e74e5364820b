import Foundation

/// Standard error as a stream to print to.
struct StandardError: TextOutputStream {
    mutating func write(_ string: String) { Screen.shared.write(string, to: Terminal.error) }
}

nonisolated(unsafe) var standardError = StandardError()

/// Writes to standard output immediately, without waiting for the end of a line. If the reader has gone, as with `|
/// head -1`, the program cleans up and ends as after a signal.
func emit(_ text: String) {
    if !Screen.shared.write(text, to: Terminal.output), errno == EPIPE { ExitHandlers.shared.leave(128 + SIGPIPE) }
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
    emit(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
}

/// Untrusted text without characters that could control the terminal; line feeds and tabs remain.
func harmless(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.map {
                $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t" ? "\u{FFFD}" : $0
            }))
}
