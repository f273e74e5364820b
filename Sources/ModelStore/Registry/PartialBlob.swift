import Crypto
import Foundation

/// A blob that is being fetched. `sha256-….partial` has the blob's full length from the start and fills up;
/// `sha256-….partial.json` says which of its bytes are there. File operations run outside Swift's thread pool, since a
/// disk may be slow.
struct PartialBlob: Sendable {
    let blob: ModelManifest.Layer
    private let directory: ModelDirectory
    var path: String { directory.blobPath(blob.digest) + ".partial" }
    private var ledger: String { path + ".json" }

    init(_ blob: ModelManifest.Layer, in directory: ModelDirectory) {
        self.blob = blob
        self.directory = directory
    }

    /// What an earlier process has saved; nil when there is nothing, or nothing that matches the blob.
    func found() -> BlobParts? {
        guard ModelDirectory.size(ofFile: path) == blob.size,
            let data = try? Data(contentsOf: URL(fileURLWithPath: ledger)),
            let parts = try? JSONDecoder().decode(BlobParts.self, from: data),
            parts.digest == blob.digest.description, parts.size == blob.size
        else { return nil }
        return parts
    }

    /// Continues from what an earlier process has saved, or creates the file.
    func begin(partSize: Int) async throws -> BlobParts {
        if let parts = found() { return parts }
        let parts = BlobParts(blob, partSize: partSize)
        try await offPool {
            // An old list of parts would be wrong about the new file.
            try? FileManager.default.removeItem(atPath: ledger)
            guard FileManager.default.createFile(atPath: path, contents: nil),
                let handle = FileHandle(forWritingAtPath: path)
            else {
                throw ModelStoreError(
                    "\(path) cannot be written. Check the rights on that directory or set BRIGADE_MODELS.")
            }
            defer { try? handle.close() }
            do { try handle.truncate(atOffset: UInt64(blob.size)) } catch {
                throw ModelStoreError("\(path) cannot be made \(blob.size) bytes long: \(error.localizedDescription)")
            }
        }
        return parts
    }

    /// Saves which parts are there. The bytes are flushed to the disk first, so that the list is true even after a
    /// power failure.
    func save(_ parts: BlobParts) async throws {
        try await offPool {
            guard let handle = FileHandle(forUpdatingAtPath: path) else {
                throw ModelStoreError("\(path) has gone away.")
            }
            defer { try? handle.close() }
            do {
                try handle.synchronize()
                try JSONEncoder().encode(parts).write(to: URL(fileURLWithPath: ledger), options: .atomic)
            } catch { throw ModelStoreError("\(ledger) cannot be written: \(error.localizedDescription)") }
        }
    }

    /// Verifies the digest: if it matches, the file gets the blob's name; if not, it is deleted.
    func finish(onProgress: @Sendable (Int) -> Void) async throws {
        let found = try await Self.sha256(path, onProgress)
        guard found == blob.digest.hex else {
            discard()
            throw ModelStoreError(
                """
                the bytes of \(blob.digest) that came have SHA-256 \(found): they were changed on the way. They are \
                deleted; try again, or use another --registry.
                """
            )
        }
        let final = directory.blobPath(blob.digest)
        guard rename(path, final) == 0 else { throw ModelStoreError("\(path) cannot be renamed to \(final).") }
        try? FileManager.default.removeItem(atPath: ledger)
    }

    /// Releases the lock on the blob. The lock file is deleted first, so that the next pull creates a new one.
    func remove(_ lock: FileLock) {
        try? FileManager.default.removeItem(atPath: path + ".lock")
        lock.release()
    }

    /// Deletes the file and its list of parts.
    func discard() {
        for file in [ledger, path] { try? FileManager.default.removeItem(atPath: file) }
    }

    private static func sha256(_ path: String, _ onProgress: @Sendable (Int) -> Void) async throws -> String {
        let hashing = try Hashing(path)
        while try await offPool({ try hashing.step() }) {
            onProgress(hashing.position)
            try Task.checkCancellation()
        }
        return hashing.result
    }

    /// Hashes a file, 4 MiB at a time.
    private final class Hashing: @unchecked Sendable {
        // Unchecked: only one step runs at a time.
        private let handle: FileHandle
        private var hash = SHA256()
        private(set) var position = 0

        init(_ path: String) throws {
            guard let handle = FileHandle(forReadingAtPath: path) else {
                throw ModelStoreError("\(path) has gone away.")
            }
            self.handle = handle
        }

        deinit { try? handle.close() }

        /// Hashes the next bytes; false at the end of the file.
        func step() throws -> Bool {
            guard let bytes = try handle.read(upToCount: 4 << 20), !bytes.isEmpty else { return false }
            hash.update(data: bytes)
            position += bytes.count
            return true
        }

        var result: String { hexadecimal(hash.finalize()) }
    }
}

/// Writes consecutive bytes into an existing file.
final class RunWriter: @unchecked Sendable {
    // Unchecked: only one write runs at a time.
    private let handle: FileHandle
    private let path: String
    private var waiting: [UInt8] = []
    /// Number of bytes that are gathered before they are written.
    private static let batch = 256 << 10

    /// Starts writing at `offset`.
    init(_ path: String, at offset: Int) throws {
        guard let handle = FileHandle(forUpdatingAtPath: path) else { throw ModelStoreError("\(path) has gone away.") }
        self.path = path
        self.handle = handle
        try handle.seek(toOffset: UInt64(offset))
    }

    deinit { try? handle.close() }

    /// Takes bytes; returns how many bytes this call has written to the file, which may include earlier ones.
    func write(_ bytes: some Sequence<UInt8>) async throws -> Int {
        waiting += bytes
        return waiting.count >= Self.batch ? try await flush() : 0
    }

    /// Writes the gathered bytes; returns how many.
    func flush() async throws -> Int {
        guard !waiting.isEmpty else { return 0 }
        let bytes = waiting
        waiting = []
        do { try await offPool { [handle] in try handle.write(contentsOf: bytes) } } catch {
            throw ModelStoreError("\(path) cannot be written: \(error.localizedDescription)")
        }
        return bytes.count
    }
}

/// Runs blocking work on a thread outside Swift's pool. It cannot be cancelled.
func offPool<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { done in
        DispatchQueue.global().async { done.resume(with: Result { try work() }) }
    }
}
