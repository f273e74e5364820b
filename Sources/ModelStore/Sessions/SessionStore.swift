import Crypto
import Foundation

/// Saves the keys and values of conversations on disk, so that they need not be computed again after a restart.
///
/// A session is a folder named by its id, a digest. It holds one file per layer, such as `12.kv`, so that a node finds
/// the files of its layers whatever slices the layers were in when they were written. A file gets its name only when it
/// is complete. Sessions not saved or loaded for a month are removed.
///
/// A file is a header of 24 bytes, little-endian (magic `BRGK`, u32 version 1, u32 layer, u32 count of blocks, u64
/// bytes of a block), then the blocks as the KV cache stores them, in the order of their positions. The id stands for
/// what they belong to (model, tokens, type, positions).
public struct SessionStore: Sendable {
    private let directory: String

    /// How long an unused session is stored, in seconds.
    public static let lifetime: TimeInterval = 30 * 86400

    /// A store in `directory`, which is created by the first write.
    public init(directory: String) {
        self.directory = directory
    }

    /// Checks that the disk has room for that many bytes.
    ///
    /// - Throws: `ModelStoreError` when it has not.
    public func checkRoom(for bytes: Int) throws {
        try makeDirectory(directory)
        let attributes = try FileManager.default.attributesOfFileSystem(forPath: directory)
        if let free = (attributes[.systemFreeSize] as? NSNumber)?.intValue, free < bytes {
            throw ModelStoreError(
                """
                the session's keys and values take \(bytes) bytes, but \(directory) has room for \(free). Make room \
                there, or start the worker with another --cache.
                """
            )
        }
    }

    /// Starts writing the file of a layer with `blocks` KV blocks of `blockBytes` bytes.
    public func writer(_ session: BlobDigest, layer: Int, blocks: Int, blockBytes: Int) throws -> SessionLayerWriter {
        try makeDirectory(directory)
        try makeDirectory(folder(session))
        return try SessionLayerWriter(
            path: path(session, layer), header: Self.header(layer: layer, blocks: blocks, blockBytes: blockBytes))
    }

    /// Opens the file of a layer; nil when there is none.
    ///
    /// - Throws: when it is malformed, or holds fewer than `blocks` blocks or blocks of another length.
    public func reader(_ session: BlobDigest, layer: Int, blocks: Int, blockBytes: Int) throws -> SessionLayerReader? {
        guard let handle = FileHandle(forReadingAtPath: path(session, layer)) else { return nil }
        // Marks the session as used now, so that it stays another month.
        try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: folder(session))
        return try SessionLayerReader(
            handle, path: path(session, layer), layer: layer, leastBlocks: blocks, blockBytes: blockBytes)
    }

    /// Removes a session's files.
    public func forget(_ session: BlobDigest) { try? FileManager.default.removeItem(atPath: folder(session)) }

    /// Removes sessions that were not used for `age` seconds.
    public func removeUnused(after age: TimeInterval = lifetime, now: Date = Date()) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            guard let session = BlobDigest(hex: name), session.hex == name,
                let date = (try? FileManager.default.attributesOfItem(atPath: folder(session)))?[.modificationDate]
                    as? Date,
                now.timeIntervalSince(date) > age
            else { continue }
            forget(session)
        }
    }

    static func header(layer: Int, blocks: Int, blockBytes: Int) -> [UInt8] {
        func bytes(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        return Array("BRGK".utf8) + bytes(1, 4) + bytes(layer, 4) + bytes(blocks, 4) + bytes(blockBytes, 8)
    }

    private func makeDirectory(_ path: String) throws {
        // Only this user may read it: the text of a conversation can be recovered from its keys and values.
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    private func folder(_ session: BlobDigest) -> String { directory + "/" + session.hex }

    private func path(_ session: BlobDigest, _ layer: Int) -> String { folder(session) + "/\(layer).kv" }
}

/// Writes the file of one layer, block by block.
public final class SessionLayerWriter {
    private let path: String, partial: String
    private let handle: FileHandle
    private var hash = SHA256()

    init(path: String, header: [UInt8]) throws {
        self.path = path
        partial = path + ".part-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0...UInt32.max))"
        guard FileManager.default.createFile(atPath: partial, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: partial)
        else {
            throw ModelStoreError(
                """
                \(partial) cannot be written. Check the rights on that directory, or start the worker with another \
                --cache.
                """
            )
        }
        self.handle = handle
        try append(header)
    }

    /// Appends a block.
    public func append(_ block: [UInt8]) throws {
        hash.update(data: block)
        try handle.write(contentsOf: block)
    }

    /// Completes the file and gives it its final name; returns its SHA-256 in hexadecimal.
    public func finish() throws -> String {
        try handle.synchronize()
        guard rename(partial, path) == 0 else { throw ModelStoreError("\(partial) cannot be renamed to \(path).") }
        return hexadecimal(hash.finalize())
    }

    deinit {
        try? handle.close()
        unlink(partial)  // fails after `finish`, which has renamed it
    }
}

/// Reads the file of one layer, block by block.
public final class SessionLayerReader {
    private let path: String, blockBytes: Int
    private let handle: FileHandle
    private var hash = SHA256()
    /// Number of blocks in the file.
    public let blocks: Int
    /// Number of blocks still to be read.
    public private(set) var left: Int

    init(_ handle: FileHandle, path: String, layer: Int, leastBlocks: Int, blockBytes: Int) throws {
        self.path = path
        self.handle = handle
        self.blockBytes = blockBytes
        let header = try handle.read(upToCount: 24).map { [UInt8]($0) } ?? []
        blocks = header.count == 24 ? (0..<4).reduce(0) { $0 | Int(header[12 + $1]) << (8 * $1) } : 0
        left = blocks
        let size = (try FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)?.intValue ?? 0
        let (body, over) = blocks.multipliedReportingOverflow(by: blockBytes)
        guard header == SessionStore.header(layer: layer, blocks: blocks, blockBytes: blockBytes), !over,
            size == 24 + body,
            blocks >= leastBlocks
        else {
            throw ModelStoreError(
                """
                \(path) has \(size) bytes and \(blocks) blocks, expected \(leastBlocks) blocks of \(blockBytes) bytes \
                behind a header of 24.
                """
            )
        }
        hash.update(data: header)
    }

    deinit { try? handle.close() }

    /// The next block; nil after the last.
    public func next() throws -> [UInt8]? {
        guard left > 0 else { return nil }
        guard let data = try handle.read(upToCount: blockBytes), data.count == blockBytes else {
            throw ModelStoreError("\(path) ends before its last block.")
        }
        left -= 1
        hash.update(data: data)
        return [UInt8](data)
    }

    /// SHA-256, in hexadecimal, of the bytes read so far: of the whole file after the last block.
    public var sha256: String {
        let copy = hash
        return hexadecimal(copy.finalize())
    }
}
