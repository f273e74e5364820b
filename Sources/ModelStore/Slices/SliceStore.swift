import Crypto
import Foundation
import GGUF

/// Shards that a coordinator has sent, stored on disk so that a second start sends nothing. A shard is one transformer
/// block or the head, so after another division of the same model only the blocks that changed nodes are sent.
///
/// Beside a shard `NAME.gguf` stands `NAME.gguf.sha256` with its digest, length and modification time, written once the
/// shard was verified against the digest that the coordinator announced. A shard is used only while length and time
/// agree; otherwise it is hashed again, and removed if the digest differs. A shard that is still arriving is
/// `NAME.gguf.part`.
public struct SliceStore: Sendable {
    private let directory: String

    /// A store in `directory`, which is created by the first write.
    public init(directory: String) {
        self.directory = directory
    }

    /// Names of the shards of a slice.
    public static func shards(layers: Range<Int>, head: Bool) -> [String] {
        layers.map { "blk.\($0)" } + (head ? ["head"] : [])
    }

    /// The slice as one file; nil unless all its shards are here.
    public func slice(of fingerprint: String, layers: Range<Int>, head: Bool) throws(GGUFError) -> GGUFFile? {
        let names = Self.shards(layers: layers, head: head)
        guard !names.isEmpty, names.allSatisfy({ has($0, of: fingerprint) }) else { return nil }
        return try GGUFFile(joining: names.map { path($0, of: fingerprint) })
    }

    /// Whether the shard is here, complete and verified. A shard that fails the check is removed.
    public func has(_ shard: String, of fingerprint: String) -> Bool {
        let path = path(shard, of: fingerprint)
        guard let now = ShardStamp(ofFile: path) else { return false }
        if let kept = ShardStamp(recordedFor: path) {
            if kept.size == now.size && kept.changed == now.changed { return true }
            if kept.size == now.size, (try? sha256(ofFile: path)) == kept.sha256 {
                return (try? ShardStamp(sha256: kept.sha256, size: now.size, changed: now.changed).record(for: path))
                    != nil
            }
        }
        for path in [path, path + ".sha256"] { try? FileManager.default.removeItem(atPath: path) }
        return false
    }

    /// Checks that the disk has room for the bytes of `shards` (name and length) that are still to come.
    ///
    /// - Throws: `ModelStoreError` when it has not.
    public func checkRoom(for shards: [(name: String, byteCount: Int)], of fingerprint: String) throws {
        try makeDirectory()
        let needed = shards.reduce(0) { sum, shard in
            sum + max(shard.byteCount - (ShardStamp(ofFile: partialPath(shard.name, of: fingerprint))?.size ?? 0), 0)
        }
        let attributes = try FileManager.default.attributesOfFileSystem(forPath: directory)
        if let free = (attributes[.systemFreeSize] as? NSNumber)?.intValue, free < needed {
            throw ModelStoreError(
                """
                \(needed) bytes of weights are to come, but \(directory) has room for \(free). Make room there, or \
                start the worker with another --cache.
                """
            )
        }
    }

    /// Starts receiving a shard, or continues where an earlier process stopped.
    public func receiver(of shard: String, of fingerprint: String, totalBytes: Int) throws -> ShardReceiver {
        guard totalBytes > 0 else {
            throw ModelStoreError("a shard of \(totalBytes) bytes was announced, expected 1 or more.")
        }
        try makeDirectory()
        return try ShardReceiver(
            shard: shard, fingerprint: fingerprint, path: path(shard, of: fingerprint),
            partial: partialPath(shard, of: fingerprint), totalBytes: totalBytes)
    }

    /// Removes partly received shards that got no bytes for `age` seconds, by default a week.
    public func removeAbandoned(after age: TimeInterval = 7 * 86400, now: Date = Date()) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        where name.contains(".gguf.part") {
            let path = directory + "/" + name
            guard let stamp = ShardStamp(ofFile: path), now.timeIntervalSinceReferenceDate - stamp.changed > age else {
                continue
            }
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    private func makeDirectory() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    /// The file is named by a digest, so that no text from the network becomes a path.
    private func path(_ shard: String, of fingerprint: String) -> String {
        directory + "/" + hexadecimal(SHA256.hash(data: Array("\(fingerprint)/\(shard)".utf8))) + ".gguf"
    }

    private func partialPath(_ shard: String, of fingerprint: String) -> String {
        path(shard, of: fingerprint) + ".part"
    }
}

/// Length and modification time of a verified file, to detect changes without hashing it again.
struct ShardStamp: Equatable {
    var sha256: String
    var size: Int
    /// Modification time, in seconds since 2001.
    var changed: Double

    init(sha256: String, size: Int, changed: Double) {
        self.sha256 = sha256
        self.size = size
        self.changed = changed
    }

    /// The stamp of the file as it is now, without a digest; nil when there is no file.
    init?(ofFile path: String) {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let size = (attributes[.size] as? NSNumber)?.intValue, let date = attributes[.modificationDate] as? Date
        else { return nil }
        self.init(sha256: "", size: size, changed: date.timeIntervalSinceReferenceDate)
    }

    /// The stamp recorded when the file was verified; nil when there is none.
    init?(recordedFor path: String) {
        guard let text = try? String(contentsOfFile: path + ".sha256", encoding: .utf8) else { return nil }
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 3, fields[0].utf8.count == 64, let size = Int(fields[1]), let changed = Double(fields[2])
        else {
            return nil
        }
        self.init(sha256: String(fields[0]), size: size, changed: changed)
    }

    /// Writes the stamp beside the file.
    func record(for path: String) throws {
        try Data("\(sha256) \(size) \(changed)\n".utf8).write(
            to: URL(fileURLWithPath: path + ".sha256"), options: .atomic)
    }
}

/// SHA-256 of a file, in hexadecimal; reads the whole file.
public func sha256(ofFile path: String) throws -> String {
    guard let handle = FileHandle(forReadingAtPath: path) else { throw ModelStoreError("\(path) cannot be read.") }
    defer { try? handle.close() }
    var hash = SHA256()
    while let bytes = try handle.read(upToCount: 1 << 20), !bytes.isEmpty { hash.update(data: bytes) }
    return hexadecimal(hash.finalize())
}
