#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// Lines typed before, kept in a file that only its owner may read.
///
/// The file holds one line per entry, oldest first; within an entry a newline is written `\n`, a backslash `\\`. A new
/// entry is appended, so that several chats at once lose nothing of each other's. A file that cannot be read or
/// written is no reason to disturb a chat: the history then lasts as long as the process.
struct LineHistory: Sendable {
    /// How many entries are kept.
    static let limit = 1000

    /// The entries, oldest first.
    private(set) var lines: [String] = []
    /// Whether `add` does anything.
    var isEnabled = true
    private let path: String?

    /// The history in `path`; nil keeps it in memory only.
    init(path: String? = LineHistory.standardPath) {
        self.path = path
        guard let path, let bytes = readFile(path) else { return }
        let entries = bytes.split(separator: UInt8(ascii: "\n")).map {
            Self.unescaped(String(decoding: $0, as: UTF8.self))
        }
        lines = entries.suffix(Self.limit)
        if entries.count > Self.limit { rewrite(path) }
    }

    /// `brigade/history` in `$XDG_STATE_HOME` or `~/.local/state`; nil when there is no home directory.
    static var standardPath: String? {
        if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") { return state + "/brigade/history" }
        return environment("HOME").map { $0 + "/.local/state/brigade/history" }
    }

    /// Adds a line, unless it is blank or the same as the last.
    mutating func add(_ line: String) {
        guard isEnabled, !line.allSatisfy(\.isWhitespace), line != lines.last else { return }
        lines.append(line)
        if lines.count > Self.limit { lines.removeFirst(lines.count - Self.limit) }
        guard let path else { return }
        makeDirectories(of: path)
        append(Array((Self.escaped(line) + "\n").utf8), to: path, flags: O_APPEND)
    }

    private func rewrite(_ path: String) {
        let new = path + ".\(getpid())"
        let text = lines.map { Self.escaped($0) + "\n" }.joined()
        if append(Array(text.utf8), to: new, flags: O_TRUNC) { rename(new, path) } else { unlink(new) }
    }

    static func escaped(_ line: String) -> String {
        var result = ""
        for scalar in line.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func unescaped(_ entry: String) -> String {
        var result = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in entry.unicodeScalars {
            if isEscaped {
                result.append(scalar == "n" ? "\n" : scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }
}

private func readFile(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    let most = 16 << 20  // a thousand long prompts; a larger file is not ours
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while bytes.count < most {
        let count = read(file, &buffer, 65536)
        guard count > 0 else { break }
        bytes += buffer[..<count]
    }
    return bytes
}

@discardableResult
private func append(_ bytes: [UInt8], to path: String, flags: Int32) -> Bool {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o600)
    guard file >= 0 else { return false }
    defer { close(file) }
    return Terminal.write(bytes, to: file) == 0
}

private func makeDirectories(of path: String) {
    var directory = ""
    for name in path.split(separator: "/").dropLast() {
        directory += "/" + name
        mkdir(directory, 0o700)  // those that exist stay as they are
    }
}
