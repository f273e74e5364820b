/// A model in GGUF, version 2 or 3, little-endian: one file, or all parts of a split one.
///
/// Opening maps the files and checks every count, length, key, name, shape and offset before anything is decoded, so no
/// later access can go outside the file. Metadata is decoded on demand. A `GGUFFile` is immutable, so any number of
/// threads may use it at once.
public final class GGUFFile: Sendable {
    /// The path the file was opened with, or `bytes in memory`.
    public let path: String
    /// The format version of the first part.
    public let version: UInt32
    /// All tensors in file order, part after part.
    public let tensors: [GGUFTensor]
    let allParts: [GGUFPart]
    private let tensorIndex: [String: Int]  // name -> index in tensors

    /// Opens the file at `path`. If it is a part of a split model (`name-00002-of-00005.gguf`), all parts are opened.
    ///
    /// - Throws: an error that names the file and its problem.
    public convenience init(path: String) throws(GGUFError) {
        try self.init(path: path, parts: Self.openAllParts(path))
    }

    /// Reads a file from memory, copying it.
    public convenience init(bytes: [UInt8]) throws(GGUFError) {
        try self.init(parts: [bytes])
    }

    /// Reads all parts of a split file from memory, in order, copying them.
    public convenience init(parts: [[UInt8]]) throws(GGUFError) {
        precondition(!parts.isEmpty, "a file has at least one part")
        var read: [GGUFPart] = []
        for (index, bytes) in parts.enumerated() {
            let name = parts.count == 1 ? "bytes in memory" : "bytes in memory, part \(index + 1)"
            read.append(try Self.readPart(name, number: index) { () throws(GGUFError.Problem) in FileBytes(bytes) })
        }
        try self.init(path: "bytes in memory", parts: read)
    }

    /// Opens several files that each hold some tensors of one model, as if they were one file. The metadata comes from
    /// the first file; a tensor in several files comes from the first that has it.
    public convenience init(joining paths: [String]) throws(GGUFError) {
        precondition(!paths.isEmpty, "a file has at least one part")
        var parts: [GGUFPart] = []
        for (index, path) in paths.enumerated() { parts.append(try Self.openPart(path, number: index)) }
        try self.init(path: paths[0], parts: parts, areJoined: true)
    }

    private init(path: String, parts: [GGUFPart], areJoined: Bool = false) throws(GGUFError) {
        if !areJoined { try Self.checkParts(parts) }
        var tensors: [GGUFTensor] = []
        var index: [String: Int] = [:]
        for part in parts {
            for tensor in part.tensors {
                if areJoined, index[tensor.name] != nil { continue }
                if let other = index.updateValue(tensors.count, forKey: tensor.name) {
                    throw GGUFError(
                        file: part.path,
                        problem: .duplicateTensor(tensor.name, parts: [tensors[other].part + 1, tensor.part + 1]))
                }
                tensors.append(tensor)
            }
        }
        self.path = path
        version = parts[0].version
        allParts = parts
        self.tensors = tensors
        tensorIndex = index
    }

    /// The paths of the parts in order; one path for a file that is not split.
    public var parts: [String] { allParts.map(\.path) }

    /// Bytes of all parts together.
    public var byteCount: Int { allParts.reduce(0) { $0 + $1.file.bytes.count } }

    /// Calls `body` with the header of one part, from the magic to the end of the tensor table. Its hash tells two
    /// models apart without reading their weights.
    public func withHeaderBytes<R, E: Error>(
        ofPart part: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        let part = allParts[part]
        return try withExtendedLifetime(part.file) { () throws(E) in
            try body(UnsafeRawBufferPointer(rebasing: part.file.bytes[..<part.headerByteCount]))
        }
    }

    /// The tensor with that name.
    ///
    /// - Throws: `missingTensor`.
    public func tensor(_ name: String) throws(GGUFError) -> GGUFTensor {
        guard let index = tensorIndex[name] else {
            throw GGUFError(file: path, problem: .missingTensor(name, count: tensors.count))
        }
        return tensors[index]
    }

    /// The tensor with that name, which must have that shape (fastest dimension first; trailing 1s are ignored).
    ///
    /// - Throws: `missingTensor`, `wrongShape`.
    public func tensor(_ name: String, shape: [Int]) throws(GGUFError) -> GGUFTensor {
        let tensor = try tensor(name)
        func significant(_ shape: [Int]) -> ArraySlice<Int> { shape[...((shape.lastIndex { $0 != 1 }) ?? -1)] }
        guard significant(tensor.shape) == significant(shape) else {
            throw GGUFError(
                file: allParts[tensor.part].path,
                problem: .wrongShape(tensor: name, found: tensor.shape, expected: "\(shape)"))
        }
        return tensor
    }

    /// The tensor with that name and shape, or nil when no tensor has that name.
    ///
    /// - Throws: `wrongShape`.
    public func optionalTensor(_ name: String, shape: [Int]) throws(GGUFError) -> GGUFTensor? {
        tensorIndex[name] == nil ? nil : try tensor(name, shape: shape)
    }
}
