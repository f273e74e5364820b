import Foundation

/// An advisory lock on a file (`flock`), shared with other processes. It ends at the latest with the process.
final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock without waiting; nil when another process has it. Creates the file if needed; the file stays.
    ///
    /// - Throws: when the file cannot be opened.
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

    /// Releases the lock; to be called once.
    func release() { close(descriptor) }
}
