import Crypto
import Foundation
import GGUF

/// Shards of models that a coordinator has sent, kept on disk so that a second start sends nothing. A shard is one
/// transformer block, or the head: another cut of the same model needs only the blocks that have changed hands.
///
/// Beside a shard `NAME.gguf` stands `NAME.gguf.sha256` with its digest, length and time of change. It appears only
/// once the shard has the digest that the coordinator announced, and a shard is used only while all three agree: one
/// that was touched since is hashed again, and thrown away when it has changed. What has arrived of a shard is
/// `NAME.gguf.part`.
public struct SliceStore: Sendable {
    private let directory: String

    /// A store in `directory`, which is made when it is first written to.
    public init(directory: String) {
        self.directory = directory
    }

    /// Names of the shards that a slice is made of.
    public static func shards(layers: Range<Int>, head: Bool) -> [String] {
        layers.map { "blk.\($0)" } + (head ? ["head"] : [])
    }

    /// The slice, if all its shards are here.
    public func slice(of fingerprint: String, layers: Range<Int>, head: Bool) throws(GGUFError) -> GGUFFile? {
        let names = Self.shards(layers: layers, head: head)
        guard !names.isEmpty, names.allSatisfy({ has($0, of: fingerprint) }) else { return nil }
        return try GGUFFile(joining: names.map { path($0, of: fingerprint) })
    }

    /// Whether a shard is here whole, as it was when it was verified. One that is not is removed.
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

    /// Throws unless there is room for what is still to come of the shards (name, length).
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

    /// Goes on receiving a shard where it was left, or begins.
    public func receiver(of shard: String, of fingerprint: String, totalBytes: Int) throws -> ShardReceiver {
        guard totalBytes > 0 else {
            throw ModelStoreError("a shard of \(totalBytes) bytes was announced, expected 1 or more.")
        }
        try makeDirectory()
        return try ShardReceiver(
            shard: shard, fingerprint: fingerprint, path: path(shard, of: fingerprint),
            partial: partialPath(shard, of: fingerprint), totalBytes: totalBytes)
    }

    /// Removes what has arrived of shards that nothing was added to for `age` seconds, a week: that model is not
    /// coming.
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

    /// Named by a digest of what it is, never by anything that came over the wire as it is.
    private func path(_ shard: String, of fingerprint: String) -> String {
        directory + "/" + hexadecimal(SHA256.hash(data: Array("\(fingerprint)/\(shard)".utf8))) + ".gguf"
    }

    private func partialPath(_ shard: String, of fingerprint: String) -> String {
        path(shard, of: fingerprint) + ".part"
    }
}

/// What tells that a verified file is still the one that was verified.
struct ShardStamp: Equatable {
    var sha256: String
    var size: Int
    /// Time of the last change, in seconds since 2001.
    var changed: Double

    init(sha256: String, size: Int, changed: Double) {
        self.sha256 = sha256
        self.size = size
        self.changed = changed
    }

    /// The file as it is now, without a digest; nil when there is none.
    init?(ofFile path: String) {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let size = (attributes[.size] as? NSNumber)?.intValue, let date = attributes[.modificationDate] as? Date
        else { return nil }
        self.init(sha256: "", size: size, changed: date.timeIntervalSinceReferenceDate)
    }

    /// What was noted when the file was verified.
    init?(recordedFor path: String) {
        guard let text = try? String(contentsOfFile: path + ".sha256", encoding: .utf8) else { return nil }
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 3, fields[0].utf8.count == 64, let size = Int(fields[1]), let changed = Double(fields[2])
        else {
            return nil
        }
        self.init(sha256: String(fields[0]), size: size, changed: changed)
    }

    /// Notes it beside the file.
    func record(for path: String) throws {
        try Data("\(sha256) \(size) \(changed)\n".utf8).write(
            to: URL(fileURLWithPath: path + ".sha256"), options: .atomic)
    }
}

/// SHA-256 of a file, in hexadecimal; reads all of it.
public func sha256(ofFile path: String) throws -> String {
    guard let handle = FileHandle(forReadingAtPath: path) else { throw ModelStoreError("\(path) cannot be read.") }
    defer { try? handle.close() }
    var hash = SHA256()
    while let bytes = try handle.read(upToCount: 1 << 20), !bytes.isEmpty { hash.update(data: bytes) }
    return hexadecimal(hash.finalize())
}
