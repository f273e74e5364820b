import Crypto
import Foundation

/// Receives a shard into a file, chunk by chunk and in order. The file outlives the process, so that a later one can
/// continue. Bytes that are already there are hashed when the file is opened, never trusted.
public final class ShardReceiver {
    private let shard: String, fingerprint: String
    private let path: String, partial: String, totalBytes: Int
    private let handle: FileHandle
    /// Whether the file has a name of its own, because another process is receiving the same shard.
    private let isPrivate: Bool
    private var hash = SHA256()
    /// Number of bytes that have arrived.
    public private(set) var received = 0

    init(shard: String, fingerprint: String, path: String, partial: String, totalBytes: Int) throws {
        self.shard = shard
        self.fingerprint = fingerprint
        self.path = path
        self.totalBytes = totalBytes
        if let handle = Self.open(partial) {
            (self.partial, self.handle, isPrivate) = (partial, handle, false)
        } else {
            let own = partial + "-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0...UInt32.max))"
            guard let handle = Self.open(own) else {
                throw ModelStoreError(
                    """
                    \(own) cannot be written. Check the rights on that directory, or start the worker with another \
                    --cache.
                    """
                )
            }
            (self.partial, self.handle, isPrivate) = (own, handle, true)
        }
        if try handle.seekToEnd() > UInt64(totalBytes) { try startOver() }
        try handle.seek(toOffset: 0)
        while let bytes = try handle.read(upToCount: 1 << 20), !bytes.isEmpty {
            hash.update(data: bytes)
            received += bytes.count
        }
    }

    deinit {
        try? handle.close()
        if isPrivate { try? FileManager.default.removeItem(atPath: partial) }
    }

    /// Opens and locks the file; nil when it cannot be written, or another process has locked it.
    private static func open(_ path: String) -> FileHandle? {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let handle = FileHandle(forUpdatingAtPath: path), flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) == 0
        else {
            return nil
        }
        return handle
    }

    /// Whether a chunk with these properties belongs to this shard.
    public func isFor(_ shard: String, of fingerprint: String, totalBytes: Int) -> Bool {
        shard == self.shard && fingerprint == self.fingerprint && totalBytes == self.totalBytes
    }

    /// SHA-256 of the bytes that have arrived, in hexadecimal.
    public var sha256: String {
        let copy = hash
        return hexadecimal(copy.finalize())
    }

    /// Writes a chunk. It is ignored when it does not follow what has arrived, or when the bytes up to its end do not
    /// have the announced digest; `received` then still says where the next chunk must begin. A chunk at 0 starts over.
    /// An empty chunk at the end completes a shard whose bytes had all arrived when the earlier process ended.
    ///
    /// - Parameter sha256: digest, in hexadecimal, of the shard up to the end of this chunk.
    /// - Returns: whether the shard is complete and verified, and its file has its final name.
    public func append(_ bytes: [UInt8], at offset: Int, sha256: String) throws -> Bool {
        if offset == 0 && received > 0 { try startOver() }
        guard offset == received, !bytes.isEmpty || received == totalBytes, bytes.count <= totalBytes - received else {
            return false
        }
        var longer = hash
        longer.update(data: bytes)
        let copy = longer
        guard hexadecimal(copy.finalize()) == sha256 else { return false }
        try handle.write(contentsOf: bytes)
        hash = longer
        received += bytes.count
        guard received == totalBytes else { return false }
        try handle.synchronize()
        guard let stamp = ShardStamp(ofFile: partial), stamp.size == totalBytes else {
            throw ModelStoreError(
                "\(partial) does not have the \(totalBytes) bytes that were written to it. Check that disk.")
        }
        try ShardStamp(sha256: sha256, size: stamp.size, changed: stamp.changed).record(for: path)
        guard rename(partial, path) == 0 else { throw ModelStoreError("\(partial) cannot be renamed to \(path).") }
        return true
    }

    private func startOver() throws {
        try handle.truncate(atOffset: 0)
        try handle.seek(toOffset: 0)
        hash = SHA256()
        received = 0
    }
}
