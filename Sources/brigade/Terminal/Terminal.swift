#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// What the command line asks of a terminal.
enum Terminal {
    static let input: Int32 = 0
    static let output: Int32 = 1
    static let error: Int32 = 2

    /// Whether a person sits at this descriptor.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Whether text on this descriptor may be coloured: a terminal that understands it, and no wish against it
    /// (`NO_COLOR` set and not empty).
    static func hasStyles(_ descriptor: Int32) -> Bool {
        isTerminal(descriptor) && (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
    }

    /// Whether this descriptor is a pipe or a socket, so that what goes there may yet come to a terminal.
    static func isPipe(_ descriptor: Int32) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT)
    }

    /// Columns and rows; 80 by 24 where they are not known.
    static func size(_ descriptor: Int32) -> (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Writes all of it; 0, or the number of the error.
    @discardableResult
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            #if canImport(Glibc)
                let count = Glibc.write(descriptor, Array(rest), rest.count)
            #elseif canImport(Darwin)
                let count = Darwin.write(descriptor, Array(rest), rest.count)
            #elseif canImport(Musl)
                let count = Musl.write(descriptor, Array(rest), rest.count)
            #endif
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN {  // somebody who has this descriptor too wants it not to block
                var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                if poll(&room, 1, -1) >= 0 || errno == EINTR { continue }
            }
            guard count > 0 else { return count < 0 ? errno : EIO }
            rest = rest.dropFirst(count)
        }
        return 0
    }

    /// Reads until the other side has closed, or cannot be read.
    static func drain(_ descriptor: Int32) {
        var bytes = [UInt8](repeating: 0, count: 256)
        while true {
            let count = read(descriptor, &bytes, 256)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return }
        }
    }

    /// Writes text.
    static func write(_ text: String, to descriptor: Int32) { write(Array(text.utf8), to: descriptor) }

    /// Opens what the program was started without, to nothing and in the wrong direction: to use it is an error as
    /// before, and no file that is opened later takes its number and is written to in its place.
    static func openMissing() {
        for (descriptor, direction) in [(input, O_WRONLY), (output, O_RDONLY), (error, O_RDONLY)]
        where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", direction)
        }
    }
}

/// A variable of the process's environment.
func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
