/// A model's name: `qwq`, `qwq:32b`, `someone/model:tag`, `registry.example/someone/model:tag`.
///
/// The four parts become directories of a store and parts of a URL. Each consists of letters, digits and a few marks,
/// and cannot be `.` or `..`, so that a name cannot lead out of the store. Rules and defaults are Ollama's.
public struct ModelName: Hashable, Sendable, CustomStringConvertible {
    /// The registry's host, with its port if it has one.
    public let host: String
    /// The user or organisation that the model belongs to.
    public let namespace: String
    /// The model's name within the namespace.
    public let model: String
    /// The variant, such as a size or a quantization.
    public let tag: String

    /// The values of parts that a name leaves out.
    public static let defaultHost = "registry.ollama.ai", defaultNamespace = "library", defaultTag = "latest"

    /// Parses `[[host/]namespace/]model[:tag]`.
    ///
    /// - Throws: which part is malformed.
    public init(_ text: String) throws(ModelStoreError) {
        let pieces = text.split(separator: "/", omittingEmptySubsequences: false)
        guard pieces.count <= 3, let last = pieces.last else {
            throw ModelStoreError(
                """
                \(shown(text)) is no model's name: it has \(pieces.count) parts, expected \
                [[host/]namespace/]model[:tag].
                """
            )
        }
        let ends = last.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        try self.init(
            host: pieces.count == 3 ? String(pieces[0]) : Self.defaultHost,
            namespace: pieces.count >= 2 ? String(pieces[pieces.count - 2]) : Self.defaultNamespace,
            model: String(ends[0]), tag: ends.count == 2 ? String(ends[1]) : Self.defaultTag)
    }

    /// Makes a name from its parts.
    ///
    /// - Throws: which part is malformed.
    public init(host: String, namespace: String, model: String, tag: String) throws(ModelStoreError) {
        self.host = try Self.checked(host, "host", longest: 350, marks: "-_.:")
        self.namespace = try Self.checked(namespace, "namespace", longest: 80, marks: "-_")
        self.model = try Self.checked(model, "model", longest: 80, marks: "-_.")
        self.tag = try Self.checked(tag, "tag", longest: 80, marks: "-_.")
    }

    private static func checked(
        _ text: String, _ part: String, longest: Int, marks: String
    ) throws(ModelStoreError) -> String {
        func isPlain(_ c: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(c | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(c)
        }
        let bytes = Array(text.utf8)
        let isGood =
            (1...longest).contains(bytes.count) && (isPlain(bytes[0]) || bytes[0] == UInt8(ascii: "_"))
            && bytes.allSatisfy { isPlain($0) || marks.utf8.contains($0) }
        guard isGood else {
            let list = marks.map { "'\($0)'" }.joined(separator: " ")
            throw ModelStoreError(
                """
                \(shown(text)) is no \(part) of a model's name: expected 1 to \(longest) letters, digits and \(list), \
                beginning with a letter or digit.
                """
            )
        }
        return text
    }

    /// The name without its default parts, but always with its tag, as in `qwq:latest`.
    public var description: String {
        if host != Self.defaultHost { return "\(host)/\(namespace)/\(model):\(tag)" }
        return (namespace == Self.defaultNamespace ? "" : namespace + "/") + "\(model):\(tag)"
    }

    /// The path of the model's manifest, relative to the store's `manifests`.
    var path: String { "\(host)/\(namespace)/\(model)/\(tag)" }

    /// Whether the names are equal when case is ignored.
    func matches(_ other: ModelName) -> Bool { path.lowercased() == other.path.lowercased() }
}

/// Untrusted text for a message: quoted, without control characters, and at most 80 characters long.
func shown(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(80).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
    return "\"" + String(String.UnicodeScalarView(scalars)) + (text.unicodeScalars.count > 80 ? "…" : "") + "\""
}
