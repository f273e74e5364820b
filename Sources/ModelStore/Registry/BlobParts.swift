/// Which bytes of a blob are here, and which to fetch next. A plain value: no file, connection or clock.
///
/// The blob is divided into parts of equal length (the last may be shorter); each is filled from its start. Stored as
/// JSON beside the partial blob, it lets another process continue.
struct BlobParts: Equatable, Sendable {
    /// The blob's digest and length.
    let digest: String, size: Int
    /// Length of a part in bytes; the last may be shorter.
    let partSize: Int
    /// Number of bytes that each part has.
    private(set) var received: [Int]
    private var claimed: Set<Int> = []

    /// No byte is here yet.
    init(_ blob: ModelManifest.Layer, partSize: Int) {
        precondition(partSize > 0, "a part has at least one byte")
        // Limits the number of parts, however large the blob is.
        let partSize = max(partSize, blob.size / 65536 + 1)
        digest = blob.digest.description
        size = blob.size
        self.partSize = partSize
        received = Array(repeating: 0, count: (blob.size + partSize - 1) / partSize)
    }

    /// Number of bytes that are here.
    var completed: Int { received.reduce(0, +) }
    var isComplete: Bool { completed == size }
    /// Number of parts that lack bytes.
    var incomplete: Int { received.indices.count { received[$0] < length(of: $0) } }
    /// Offset of the first missing byte; `size` when none is missing.
    var firstMissing: Int {
        received.indices.first { received[$0] < length(of: $0) }.map { $0 * partSize + received[$0] } ?? size
    }

    private func length(of part: Int) -> Int { min(partSize, size - part * partSize) }

    /// Claims a part to fetch: the first that lacks bytes and is not claimed; nil when there is none.
    mutating func claim() -> Int? {
        let part = received.indices.first { received[$0] < length(of: $0) && !claimed.contains($0) }
        if let part { claimed.insert(part) }
        return part
    }

    /// The bytes a part lacks, as offsets into the blob; empty when it is complete.
    func missing(of part: Int) -> Range<Int> {
        part * partSize + received[part]..<part * partSize + length(of: part)
    }

    /// Records that the next `count` bytes of a part are written.
    mutating func add(_ count: Int, to part: Int) {
        precondition(count <= length(of: part) - received[part], "more bytes than the part has")
        received[part] += count
    }

    /// Records that everything before `position` is written.
    mutating func add(allBefore position: Int) {
        for part in received.indices {
            received[part] = max(received[part], min(length(of: part), max(0, position - part * partSize)))
        }
    }
}

extension BlobParts: Codable {
    private enum CodingKeys: CodingKey { case digest, size, partSize, received }

    /// Decodes what an earlier process has saved.
    ///
    /// - Throws: when the numbers contradict each other.
    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        digest = try values.decode(String.self, forKey: .digest)
        size = try values.decode(Int.self, forKey: .size)
        partSize = try values.decode(Int.self, forKey: .partSize)
        received = try values.decode([Int].self, forKey: .received)
        let fits = size >= 0 && partSize > 0 && received.count == size / partSize + (size % partSize == 0 ? 0 : 1)
        guard fits, received.indices.allSatisfy({ (0...length(of: $0)).contains(received[$0]) }) else {
            throw ModelStoreError("the list of parts does not fit the blob.")
        }
    }
}
