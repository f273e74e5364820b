/// Builds a GGUF file: metadata in the order it was set, tensors in the order they were added.
///
/// Tensor data is aligned to `general.alignment` if that key is set, else to 32 bytes. Zeros pad every tensor, also the
/// last one.
public struct GGUFWriter: Sendable {
    /// The version written, 2 or 3. Only the version field differs between the two.
    public var version: UInt32 = 3
    /// Metadata in file order.
    public private(set) var metadata: [(key: String, value: GGUFValue)] = []
    private(set) var tensors: [Tensor] = []
    private var keyIndex: [String: Int] = [:]
    private var tensorNames: Set<String> = []

    /// A tensor to be written, and where its bytes come from.
    struct Tensor: Sendable {
        let name: String
        let type: GGUFTensorType
        let shape: [Int]
        let byteCount: Int
        let source: Source
    }

    enum Source: Sendable {
        case bytes([UInt8])
        case file(GGUFFile, GGUFTensor)
    }

    /// An empty file.
    public init() {}

    /// Sets a key. A key that is already set keeps its place and gets the new value.
    ///
    /// - Throws: for a key that is empty or too long, arrays nested too deep, or an alignment of the wrong type or
    ///   value. A reader would refuse such a file.
    public mutating func set(_ key: String, _ value: GGUFValue) throws(GGUFError) {
        do throws(GGUFError.Problem) {
            try Self.checkLength("key", key, limit: GGUFLimits.keyLength)
            if case .array(let array) = value { try Self.checkDepth(array, depth: 1, key) }
            if key == "general.alignment" {
                guard case .uint32(let alignment) = value else {
                    throw .wrongType(key: key, found: "\(value.type)", expected: "uint32")
                }
                guard alignment.nonzeroBitCount == 1 else {
                    throw .wrongValue(key: key, found: "\(alignment)", expected: "a power of two")
                }
            }
        } catch { throw GGUFError(file: Self.unnamed, problem: error) }
        if let index = keyIndex[key] {
            metadata[index].value = value
        } else {
            keyIndex[key] = metadata.count
            metadata.append((key, value))
        }
    }

    /// Adds a tensor with its bytes.
    ///
    /// - Parameters:
    ///   - shape: fastest dimension first.
    ///   - bytes: all rows, in blocks of `type`.
    /// - Throws: `wrongShape`, `wrongByteCount`, `duplicateTensor`, or an error about a name that is empty or too long.
    public mutating func add(_ name: String, _ type: GGUFTensorType, shape: [Int], bytes: [UInt8]) throws(GGUFError) {
        try add(name, type, shape, .bytes(bytes), count: bytes.count)
    }

    /// Adds a tensor of another file under the same name. Its bytes are read when the file is written.
    ///
    /// - Throws: `duplicateTensor`.
    public mutating func add(_ tensor: GGUFTensor, of file: GGUFFile) throws(GGUFError) {
        try add(tensor.name, tensor.type, tensor.shape, .file(file, tensor), count: tensor.byteCount)
    }

    private mutating func add(
        _ name: String, _ type: GGUFTensorType, _ shape: [Int], _ source: Source, count: Int
    ) throws(GGUFError) {
        do throws(GGUFError.Problem) {
            try Self.checkLength("tensor name", name, limit: GGUFLimits.tensorNameLength)
            let expected = try GGUFTensor.byteCount(of: name, type, shape: shape)
            guard count == expected else { throw .wrongByteCount(tensor: name, found: count, expected: expected) }
            guard tensorNames.insert(name).inserted else { throw .duplicateTensor(name, parts: [1, 1]) }
        } catch { throw GGUFError(file: Self.unnamed, problem: error) }
        tensors.append(Tensor(name: name, type: type, shape: shape, byteCount: count, source: source))
    }

    /// Every tensor's offset is a multiple of this many bytes.
    var alignment: Int {
        guard let index = keyIndex["general.alignment"], case .uint32(let alignment) = metadata[index].value else {
            return GGUFLimits.defaultAlignment
        }
        return Int(alignment)
    }

    static let unnamed = "the file to be written"

    private static func checkLength(_ what: String, _ name: String, limit: Int) throws(GGUFError.Problem) {
        guard !name.isEmpty else {
            throw .malformed(field: "a \(what)", found: "empty", expected: "1 to \(limit) bytes")
        }
        guard name.utf8.count <= limit else {
            throw .limitExceeded(
                field: "the length of \(what) \(quoted(name))", found: UInt64(name.utf8.count), limit: UInt64(limit))
        }
    }

    private static func checkDepth(_ array: GGUFArray, depth: Int, _ key: String) throws(GGUFError.Problem) {
        guard depth <= GGUFLimits.arrayDepth else {
            throw .limitExceeded(
                field: "the depth of arrays in the value of key \(quoted(key))", found: UInt64(depth),
                limit: UInt64(GGUFLimits.arrayDepth))
        }
        if case .array(let elements) = array {
            for element in elements { try checkDepth(element, depth: depth + 1, key) }
        }
    }
}
