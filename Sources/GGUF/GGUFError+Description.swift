extension GGUFError: CustomStringConvertible {
    /// One sentence: the file, what was found, what was expected, what to do.
    public var description: String { "\(file): \(problem)" }
}

extension GGUFError.Problem: CustomStringConvertible {
    private static let damaged = "the file is damaged or was made by a faulty tool, get it again"

    /// The problem in one sentence, without the file.
    public var description: String {
        switch self {
        case .system(let operation, let reason):
            return "cannot \(operation): \(reason)"
        case .notGGUF(let found):
            return "found \(found), expected the letters GGUF; this is not a GGUF model file"
        case .unsupportedVersion(let found):
            return "found GGUF version \(found), expected version 2 or 3; convert the model again with a current tool"
        case .bigEndian(let version):
            return "found big-endian GGUF version \(version), expected little-endian; get the little-endian file"
        case .truncated(let field, let needed, let remaining):
            return "\(field) needs \(needed) bytes, found \(remaining) left in the file; "
                + "it was cut short or damaged, get it again"
        case .limitExceeded(let field, let found, let limit):
            return "\(field) is \(found), expected at most \(limit); \(Self.damaged)"
        case .malformed(let field, let found, let expected):
            return "\(field) is \(found), expected \(expected); \(Self.damaged)"
        case .duplicateKey(let key):
            return "key \(quoted(key)) was found twice, expected once; \(Self.damaged)"
        case .missingKey(let key, let expected):
            return "key \(quoted(key)) was not found, expected \(expected); use a complete file of a supported model"
        case .wrongType(let key, let found, let expected):
            return "key \(quoted(key)) is of type \(found), expected \(expected); "
                + "convert the model again with a current tool"
        case .wrongValue(let key, let found, let expected):
            return "key \(quoted(key)) is \(found), expected \(expected); use another file of this model"
        case .duplicateTensor(let name, let parts):
            let places = parts.map { "\($0)" }.joined(separator: " and ")
            return "tensor \(quoted(name)) was found twice (part \(places)), expected once; \(Self.damaged)"
        case .missingTensor(let name, let count):
            return "tensor \(quoted(name)) was not found among \(count) tensors, expected one; "
                + "use a complete file of a supported model"
        case .wrongShape(let tensor, let found, let expected):
            return "tensor \(quoted(tensor)) has shape \(found), expected \(expected); "
                + "its metadata or the tensor is wrong, get the file again"
        case .unsupportedTensorType(let tensor, let found):
            let types = GGUFTensorType.allCases.map(\.name).joined(separator: ", ")
            return "tensor \(quoted(tensor)) is of type \(GGUFTensorType.describe(id: found)), "
                + "expected one of \(types); use a file quantized to one of these"
        case .misaligned(let tensor, let offset, let alignment):
            return
                "tensor \(quoted(tensor)) is at offset \(offset), "
                + "expected a multiple of the alignment \(alignment); \(Self.damaged)"
        case .beyondFile(let tensor, let offset, let byteCount, let available):
            return "tensor \(quoted(tensor)) takes \(byteCount) bytes at offset \(offset), "
                + "found \(available) bytes of tensor data in the file; it was cut short or damaged, get it again"
        case .overlapping(let tensor, let offset, let previous, let previousEnd):
            return "tensor \(quoted(tensor)) is at offset \(offset), "
                + "expected at least \(previousEnd) where tensor \(quoted(previous)) ends; \(Self.damaged)"
        case .wrongByteCount(let tensor, let found, let expected):
            return "tensor \(quoted(tensor)) was given \(found) bytes, expected \(expected) for its type and shape; "
                + "give it all its rows"
        case .wrongPart(let field, let found, let expected):
            return "\(field) is \(found), expected \(expected); "
                + "keep all parts of one split model together under their original names"
        }
    }
}

/// A name from a file, ready for a message: quoted, control characters escaped, cut after 80 characters. So no file can
/// flood or forge a log.
func quoted(_ text: String) -> String {
    var out = "\""
    var length = 0
    for scalar in text.unicodeScalars {
        if length == 80 { return out + "\"…" }
        length += 1
        switch scalar {
        case "\"", "\\":
            out += "\\"
            out.unicodeScalars.append(scalar)
        case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
            out += "\\u{\(String(scalar.value, radix: 16))}"
        default: out.unicodeScalars.append(scalar)
        }
    }
    return out + "\""
}
