import Foundation
import Messaging

/// Where this process puts socket files. Their paths are limited to about a hundred bytes, and folders for temporary
/// files can be longer.
public enum SocketFolder {
    /// A name in the first folder that can be written to and leaves `room` bytes behind it. Nothing is made there.
    ///
    /// - Throws: `LaunchError` when there is none.
    public static func freshPath(room: Int) throws -> String {
        try freshPath(
            room: room,
            in: [
                NSTemporaryDirectory(), ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"] ?? "", "/tmp",
                "/var/tmp",
            ])
    }

    static func freshPath(room: Int, in folders: [String]) throws -> String {
        let name = "brigade-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0...UInt32.max))"
        for folder in folders where folder.hasPrefix("/") {
            let path = (folder.hasSuffix("/") ? folder : folder + "/") + name
            if path.utf8.count + room <= NodeURL.longestPath, FileManager.default.isWritableFile(atPath: folder) {
                return path
            }
        }
        throw LaunchError(
            .failed,
            """
            no folder is fit for the sockets of local workers: of \
            \(folders.filter { !$0.isEmpty }.joined(separator: ", ")) \
            each is too long (a socket's path has at most \(NodeURL.longestPath) bytes) or cannot be written to. Set \
            TMPDIR to a short one
            """)
    }
}
