import Foundation

/// A lock on a file that other processes respect; it ends with the process at the latest.
final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock at once, or returns nil when somebody else has it. The file is made if need be, and stays.
    ///
    /// - Throws: why the file cannot be opened.
    init?(_ path: String, shared: Bool) throws(ModelStoreError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ModelStoreError(
                "\(path) cannot be opened: \(String(cString: strerror(errno))). Check the rights on that directory.")
        }
        guard flock(descriptor, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
    }

    /// Gives the lock back; to be called once.
    func release() { close(descriptor) }
}
