import Crypto
import Foundation

/// A shard that is arriving, chunk by chunk and in order, into a file that outlives the process: whoever comes back to
/// it goes on where it was left. What is there already is hashed when it is opened, so it is never taken on trust.
public final class ShardReceiver {
    private let shard: String, fingerprint: String
    private let path: String, partial: String, totalBytes: Int
    private let handle: FileHandle
    /// Whether the file is this process's alone, since another one is receiving the same shard.
    private let isPrivate: Bool
    private var hash = SHA256()
    /// Bytes that have arrived.
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

    /// Opens the file for this process alone; nil when it cannot be written, or another process has it open.
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

    /// Whether a chunk is a part of this shard.
    public func isFor(_ shard: String, of fingerprint: String, totalBytes: Int) -> Bool {
        shard == self.shard && fingerprint == self.fingerprint && totalBytes == self.totalBytes
    }

    /// SHA-256 of what has arrived, in hexadecimal.
    public var sha256: String {
        let copy = hash
        return hexadecimal(copy.finalize())
    }

    /// Writes a chunk. Nothing is written when it does not follow what has arrived, or when the whole up to its end
    /// does not have the announced digest: `received` says what must come next. A chunk at 0 starts over. An empty
    /// chunk at the end finishes a shard all of which had arrived when the process that received it ended.
    ///
    /// - Parameter sha256: digest of everything up to this chunk's end.
    /// - Returns: whether the whole is there, verified and in its place.
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
