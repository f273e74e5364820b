/// Which bytes of a blob are here and which to fetch next. A value: it knows no file, connection or clock.
///
/// The blob is cut into parts of equal length (the last may be shorter); each is filled from its start. As JSON it is
/// the file that lies beside a blob in the making, so that another process can go on.
struct BlobParts: Equatable, Sendable {
    /// The blob's digest and length.
    let digest: String, size: Int
    /// Bytes of every part but perhaps the last.
    let partSize: Int
    /// Bytes that each part has.
    private(set) var received: [Int]
    private var claimed: Set<Int> = []

    /// Nothing is here.
    init(_ blob: ModelManifest.Layer, partSize: Int) {
        precondition(partSize > 0, "a part has at least one byte")
        // Of a blob of any size there is a bounded number of parts.
        let partSize = max(partSize, blob.size / 65536 + 1)
        digest = blob.digest.description
        size = blob.size
        self.partSize = partSize
        received = Array(repeating: 0, count: (blob.size + partSize - 1) / partSize)
    }

    /// Bytes that are here.
    var completed: Int { received.reduce(0, +) }
    /// Whether all bytes are here.
    var isComplete: Bool { completed == size }
    /// Parts that lack something.
    var incomplete: Int { received.indices.count { received[$0] < length(of: $0) } }
    /// The first byte that is not here.
    var firstMissing: Int {
        received.indices.first { received[$0] < length(of: $0) }.map { $0 * partSize + received[$0] } ?? size
    }

    private func length(of part: Int) -> Int { min(partSize, size - part * partSize) }

    /// A part for somebody to fetch: the first that lacks something and that nobody fetches; nil when there is none.
    mutating func claim() -> Int? {
        let part = received.indices.first { received[$0] < length(of: $0) && !claimed.contains($0) }
        if let part { claimed.insert(part) }
        return part
    }

    /// The bytes a part lacks, counted from the blob's first; empty when it is done.
    func missing(of part: Int) -> Range<Int> {
        part * partSize + received[part]..<part * partSize + length(of: part)
    }

    /// Notes bytes of a part that are written, in order.
    mutating func add(_ count: Int, to part: Int) {
        precondition(count <= length(of: part) - received[part], "more bytes than the part has")
        received[part] += count
    }

    /// Notes that everything before `position` is written.
    mutating func add(allBefore position: Int) {
        for part in received.indices {
            received[part] = max(received[part], min(length(of: part), max(0, position - part * partSize)))
        }
    }
}

extension BlobParts: Codable {
    private enum CodingKeys: CodingKey { case digest, size, partSize, received }

    /// Reads what a process has left behind.
    ///
    /// - Throws: when the numbers do not fit together.
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
