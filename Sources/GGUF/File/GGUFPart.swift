/// The header of one file: a whole model, or one part of a split model.
///
/// Layout, all little-endian:
/// ```
/// "GGUF"  version: u32  tensors: u64  entries: u64
/// entries times: key: string  type: u32  value
/// tensors times: name: string  dimensions: u32  dimension: u64 each  type: u32  offset: u64
/// zeros up to a multiple of general.alignment, then the tensors' bytes; offsets count from there
/// ```
/// A string is its length (u64) and its bytes. An array is the type of its elements (u32), their number (u64) and the
/// elements.
struct GGUFPart: Sendable {
    /// The path, or a name for bytes in memory.
    let path: String
    let file: FileBytes
    let version: UInt32
    let entries: [MetadataEntry]  // file order
    let entryIndex: [String: Int]  // key -> index in entries
    let tensors: [GGUFTensor]  // file order
    /// Bytes from the magic to the end of the tensor table.
    let headerByteCount: Int
    /// Where the tensors' bytes begin.
    let dataOffset: Int

    init(path: String, file: FileBytes, number: Int) throws(GGUFError.Problem) {
        self.path = path
        self.file = file
        var reader = ByteReader(file.bytes)
        version = try Self.readVersion(&reader)
        let tensorCount = try reader.count(ofAtLeast: GGUFLimits.smallestTensorEntry) { "the number of tensors" }
        let entryCount = try reader.count(ofAtLeast: GGUFLimits.smallestEntry) { "the number of metadata keys" }

        var entries: [MetadataEntry] = []
        var entryIndex: [String: Int] = [:]
        for index in 0..<entryCount {
            let entry = try MetadataEntry(&reader, number: index + 1, of: entryCount)
            guard entryIndex.updateValue(index, forKey: entry.key) == nil else { throw .duplicateKey(entry.key) }
            entries.append(entry)
        }
        self.entries = entries
        self.entryIndex = entryIndex

        var table: [TensorEntry] = []
        var names: Set<String> = []
        for index in 0..<tensorCount {
            let entry = try TensorEntry(&reader, number: index + 1, of: tensorCount)
            guard names.insert(entry.name).inserted else {
                throw .duplicateTensor(entry.name, parts: [number + 1, number + 1])
            }
            table.append(entry)
        }
        headerByteCount = reader.offset

        let alignment = try Self.alignment(entryIndex["general.alignment"].map { entries[$0] }, file.bytes)
        let (padded, overflow) = headerByteCount.addingReportingOverflow(alignment - 1)
        dataOffset = overflow ? Int.max : padded & ~(alignment - 1)
        tensors = try Self.place(
            table, part: number, dataOffset: dataOffset, available: max(0, file.bytes.count - dataOffset),
            alignment: alignment)
    }

    private static func readVersion(_ reader: inout ByteReader) throws(GGUFError.Problem) -> UInt32 {
        let start = reader.bytes.prefix(4)
        guard start.elementsEqual("GGUF".utf8) else {
            let isPointer = reader.bytes.starts(with: "version https://git-lfs".utf8)
            let text = start.isEmpty ? "an empty file" : quoted(String(decoding: start, as: UTF8.self))
            throw .notGGUF(found: isPointer ? "a Git LFS pointer instead of the file it stands for" : text)
        }
        _ = try reader.take(4) { "the magic" }
        let version: UInt32 = try reader.integer { "the version" }
        if GGUFLimits.versions.contains(version) { return version }
        if GGUFLimits.versions.contains(version.byteSwapped) { throw .bigEndian(version: version.byteSwapped) }
        throw .unsupportedVersion(found: version)
    }

    private static func alignment(
        _ entry: MetadataEntry?, _ bytes: UnsafeRawBufferPointer
    ) throws(GGUFError.Problem) -> Int {
        guard let entry else { return GGUFLimits.defaultAlignment }
        guard entry.type == .uint32, case .uint32(let alignment) = try entry.value(in: bytes) else {
            throw .wrongType(key: entry.key, found: entry.typeName, expected: "uint32")
        }
        guard alignment.nonzeroBitCount == 1 else {
            throw .wrongValue(key: entry.key, found: "\(alignment)", expected: "a power of two")
        }
        return Int(alignment)
    }
}
