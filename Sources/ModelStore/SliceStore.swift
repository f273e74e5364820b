import Crypto
import Foundation
import GGUF

/// Slices that a coordinator has sent, kept on disk so that a second start sends nothing.
///
/// A slice's file is named by the SHA-256 of what it is a slice of, never by anything that came over the wire as it is. It
/// appears under that name only once its bytes have the digest the coordinator announced.
public struct SliceStore: Sendable {
    private let directory: String

    /// A store in `directory`, which is made when it is first written to.
    public init(directory: String) {
        self.directory = directory
    }

    /// What a slice is called on the wire.
    public static func name(of fingerprint: String, layers: Range<Int>, head: Bool) -> String {
        "\(fingerprint)-\(layers.lowerBound)-\(layers.upperBound)\(head ? "-head" : "")"
    }

    /// The slice, if it is here whole.
    public func slice(of fingerprint: String, layers: Range<Int>, head: Bool) throws(GGUFError) -> GGUFFile? {
        let path = path(Self.name(of: fingerprint, layers: layers, head: head))
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try GGUFFile(path: path)
    }

    private func path(_ name: String) -> String {
        directory + "/" + hexadecimal(SHA256.hash(data: Array(name.utf8))) + ".gguf"
    }

    /// Begins to receive a slice.
    public func receiver(name: String, totalBytes: Int, sha256: String?) throws -> SliceReceiver {
        guard let sha256, sha256.count == 64, totalBytes > 0 else {
            throw ModelStoreError("a slice of \(totalBytes) bytes was announced without a SHA-256; it could not be verified.")
        }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let attributes = try FileManager.default.attributesOfFileSystem(forPath: directory)
        if let free = attributes[.systemFreeSize] as? Int, free < totalBytes {
            throw ModelStoreError("the slice has \(totalBytes) bytes, but \(directory) has room for \(free). Make room there or set XDG_CACHE_HOME.")
        }
        return try SliceReceiver(name: name, path: path(name), totalBytes: totalBytes, sha256: sha256)
    }
}

/// A slice that is arriving, piece by piece and in order.
public final class SliceReceiver: @unchecked Sendable {
    // Unchecked: used by the worker's control thread only.
    private let name: String, path: String, partial: String, totalBytes: Int, sha256: String
    private let handle: FileHandle
    private var hash = SHA256()
    /// Bytes that have arrived.
    public private(set) var received = 0

    init(name: String, path: String, totalBytes: Int, sha256: String) throws {
        self.name = name
        self.path = path
        partial = path + ".part-\(ProcessInfo.processInfo.processIdentifier)"
        self.totalBytes = totalBytes
        self.sha256 = sha256
        guard FileManager.default.createFile(atPath: partial, contents: nil),
            let handle = FileHandle(forWritingAtPath: partial)
        else { throw ModelStoreError("\(partial) cannot be written. Check the rights on that directory or set XDG_CACHE_HOME.") }
        self.handle = handle
    }

    deinit {
        try? handle.close()
        try? FileManager.default.removeItem(atPath: partial)  // gone already when it was completed
    }

    /// Whether a chunk is a part of this slice.
    public func chunkBelongs(_ name: String, _ totalBytes: Int) -> Bool { name == self.name && totalBytes == self.totalBytes }

    /// Writes a piece. A piece that does not follow what has arrived is not written: `received` says what must come next.
    /// Returns true when the whole is there and has the announced digest; throws when it has not.
    public func append(_ bytes: [UInt8], at offset: Int) throws -> Bool {
        guard offset == received, bytes.count <= totalBytes - received else { return false }
        try handle.write(contentsOf: bytes)
        hash.update(data: bytes)
        received += bytes.count
        guard received == totalBytes else { return false }
        try handle.synchronize()
        let found = hexadecimal(hash.finalize())
        guard found == sha256 else {
            throw ModelStoreError("the slice arrived with SHA-256 \(found), expected \(sha256): bytes were changed on the way.")
        }
        guard rename(partial, path) == 0 else { throw ModelStoreError("\(partial) cannot be renamed to \(path).") }
        return true
    }
}
