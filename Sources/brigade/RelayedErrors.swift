import Foundation
import Synchronization

/// What local workers write to standard error, brought to the screen line by line, so that it does not run into what is
/// drawn there.
final class RelayedErrors: Sendable {
    private let pipe = Pipe(), ended = DispatchSemaphore(value: 0)

    /// Nil where standard error is no terminal: workers then write to it themselves.
    init?() {
        guard Screen.shared.showsProgress else { return nil }
        let descriptor = pipe.fileHandleForReading.fileDescriptor
        let thread = Thread { [ended, pipe] in
            withExtendedLifetime(pipe) { Self.relay(descriptor) }
            ended.signal()
        }
        thread.name = "brigade-errors"
        thread.start()
    }

    /// What the workers are given.
    var handle: FileHandle { pipe.fileHandleForWriting }

    /// To be called once the workers have ended: brings what they said last.
    func finish() {
        try? pipe.fileHandleForWriting.close()
        _ = ended.wait(timeout: .now() + 1)  // something a worker started may live on
    }

    private static func relay(_ descriptor: Int32) {
        var rest: [UInt8] = [], bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &bytes, bytes.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            rest += bytes[..<count]
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            write(rest[...end])
            rest.removeSubrange(...end)
        }
        if !rest.isEmpty { write(rest[...] + [UInt8(ascii: "\n")]) }
    }

    private static func write(_ bytes: ArraySlice<UInt8>) {
        Screen.shared.write(String(decoding: bytes, as: UTF8.self), to: Terminal.error)
    }
}
